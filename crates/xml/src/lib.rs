//! Hardened reading and small-scale writing of XML.
//!
//! Everything that arrives from outside is read here, in two steps: one pass over the bytes that refuses what we
//! never want to see in memory ([`check`]: other encodings, a DOCTYPE, anything above [`Limits`]), then a
//! read-only tree ([`parse`]). There is no entity but the five of XML and the numeric ones, no DTD, no
//! stylesheet, no external reference: nothing is ever fetched or executed.
//!
//! Writing ([`Writer`], [`escape_text`], [`escape_attribute`]) always escapes.

mod error;
mod limits;
mod read;
mod scan;
pub mod signature;
mod tree;
mod write;

pub use error::{LimitKind, Position, XmlError};
pub use limits::{Base64Marker, Limits};
pub use read::{check, parse};
pub use roxmltree::{Document, Node, NodeId};
pub use tree::{Element, Tree};
pub use write::{Writer, escape_attribute, escape_text};
