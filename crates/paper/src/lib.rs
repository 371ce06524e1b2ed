//! What gets printed: PDF and QR codes.
