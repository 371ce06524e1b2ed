//! ebRIM 3.0 as XDS.b uses it: objects, slots, classifications, external identifiers.
//!
//! Source: IHE ITI TF-3 4.2.

pub mod read;
pub mod scheme;
pub mod write;
