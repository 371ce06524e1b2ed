//! The VIHF of the official kit.
