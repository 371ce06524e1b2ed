//! What gets printed: PDF and QR codes.
//!
//! Every print is an accessible document (PDF/UA-1: tagged, titled, in French, with its fonts inside), A4, made without
//! reading a clock or a file: the same words give the same bytes. The types are this crate's own, plain words ready to
//! be read; who prints decides what they say.
//!
//! Fonts: Atkinson Hyperlegible, Braille Institute of America, SIL Open Font License 1.1 (`fonts/OFL.txt`), drawn so
//! that 1, l and I, 0 and O differ, which is what a typed secret needs.

mod acknowledgement;
mod canvas;
mod card;
mod credentials;
mod export_index;
mod flow;
mod font;
mod leaflet;
mod letter;
mod qr;

pub use acknowledgement::{Acknowledgement, acknowledgement};
pub use card::{CardContact, CardSection, EmergencyCard, emergency_card};
pub use credentials::{SealedCredentials, sealed_credentials};
pub use export_index::{ExportIndex, ExportRow, index_of_export};
pub use flow::Pdf;
pub use leaflet::{INFORMATION_VERSION, leaflet};
pub use letter::letter;
pub use qr::qr_svg;

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The document does not conform to PDF/UA, or exceeds what a PDF can hold: a fault of ours.
    #[error("the document cannot be written: {0}")]
    Write(String),
    /// A QR code holds at most 2,331 bytes.
    #[error("the text of a QR code is too long: {0} bytes")]
    QrTooLong(usize),
}
