//! Compression before sealing: zstd, with numbered dictionaries.
//!
//! A packed value is one byte, the number of the dictionary (0: none), then a zstd frame that records its size. A number
//! always means the same bytes: a dictionary is added, never changed nor removed, for what it packed is read for ever.

use std::cell::RefCell;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::CParameter;

/// Above the largest document that any parameter admits, and its text: a bound on memory, not a rule.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 256 << 20;
/// Above the largest state or entry.
pub(crate) const ROW_BYTES_MAX: usize = 16 << 20;

/// What is packed: it tells the writer which dictionary to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bytes of a document, or its text.
    Document,
    /// A row: state, DocumentEntry, SubmissionSet.
    Row,
}

/// Why a packed value does not unpack. It was authentic: this is a release too old to know the dictionary, or a bug.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// Not even a number.
    #[error("the packed value is empty")]
    Empty,
    /// A dictionary of a later release.
    #[error("no dictionary has the number {0}")]
    UnknownDictionary(u8),
    /// Not a frame, or larger than it may be.
    #[error("the packed value does not unpack")]
    Frame(#[from] std::io::Error),
}

struct Dictionary {
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
}

/// Every dictionary, by number less one, with the level its writers use.
const BYTES: [(&[u8], i32); 2] = [
    (include_bytes!("../dictionaries/1.dict"), ROW_LEVEL),
    (include_bytes!("../dictionaries/2.dict"), DOCUMENT_LEVEL),
];

static DICTIONARIES: LazyLock<[Dictionary; BYTES.len()]> = LazyLock::new(|| {
    BYTES.map(|(bytes, level)| Dictionary {
        encoder: EncoderDictionary::copy(bytes, level),
        decoder: DecoderDictionary::copy(bytes),
    })
});

/// Rows are small: level 3 costs a few microseconds.
const ROW_LEVEL: i32 = 3;
/// On documents level 3 takes half as long again as level 1, to save 2 %.
const DOCUMENT_LEVEL: i32 = 1;

/// The dictionary that writers take.
fn number(kind: Kind) -> u8 {
    match kind {
        Kind::Row => 1,
        Kind::Document => 2,
    }
}

thread_local! {
    /// Contexts by dictionary: making one costs more than packing a row.
    static COMPRESSORS: RefCell<Vec<Option<Compressor<'static>>>> = const { RefCell::new(Vec::new()) };
    static DECOMPRESSORS: RefCell<Vec<Option<Decompressor<'static>>>> = const { RefCell::new(Vec::new()) };
}

/// Packs a value.
pub(crate) fn pack(bytes: &[u8], kind: Kind) -> Vec<u8> {
    let number = number(kind);
    let mut packed = Vec::with_capacity(1 + zstd::zstd_safe::compress_bound(bytes.len()));
    packed.push(number);
    COMPRESSORS.with_borrow_mut(|contexts| {
        let context = slot(contexts, number).get_or_insert_with(|| compressor(number));
        let mut frame = std::io::Cursor::new(&mut packed);
        frame.set_position(1);
        context.compress_to_buffer(bytes, &mut frame).expect("the buffer holds the worst case");
    });
    packed.shrink_to_fit();
    packed
}

/// Unpacks a value of at most `bytes_max` bytes.
pub(crate) fn unpack(packed: &[u8], bytes_max: usize) -> Result<Vec<u8>, UnpackError> {
    let (number, frame) = packed.split_first().ok_or(UnpackError::Empty)?;
    if usize::from(*number) > BYTES.len() {
        return Err(UnpackError::UnknownDictionary(*number));
    }
    DECOMPRESSORS.with_borrow_mut(|contexts| {
        let context = slot(contexts, *number).get_or_insert_with(|| decompressor(*number));
        Ok(context.decompress(frame, bytes_max)?)
    })
}

fn slot<T>(contexts: &mut Vec<Option<T>>, number: u8) -> &mut Option<T> {
    let index = usize::from(number);
    if contexts.len() <= index {
        contexts.resize_with(index + 1, || None);
    }
    &mut contexts[index]
}

fn dictionary(number: u8) -> Option<&'static Dictionary> {
    usize::from(number).checked_sub(1).map(|index| &DICTIONARIES[index])
}

fn compressor(number: u8) -> Compressor<'static> {
    let mut context = match dictionary(number) {
        None => Compressor::new(DOCUMENT_LEVEL),
        Some(dictionary) => Compressor::with_prepared_dictionary(&dictionary.encoder),
    }
    .expect("a context is only memory");
    // Our own number says which dictionary.
    context.set_parameter(CParameter::DictIdFlag(false)).expect("a parameter of every release of zstd");
    context
}

fn decompressor(number: u8) -> Decompressor<'static> {
    match dictionary(number) {
        None => Decompressor::new(),
        Some(dictionary) => Decompressor::with_prepared_dictionary(&dictionary.decoder),
    }
    .expect("a context is only memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_unpacks_and_no_further_than_its_bound() {
        for kind in [Kind::Document, Kind::Row] {
            for bytes in [&b""[..], b"x", &[7; 100_000]] {
                let packed = pack(bytes, kind);
                assert_eq!(unpack(&packed, 100_000).unwrap(), bytes, "{kind:?}");
            }
            assert!(unpack(&pack(&[7; 100_001], kind), 100_000).is_err(), "{kind:?}");
        }
    }

    #[test]
    fn an_unknown_number_and_garbage_are_errors() {
        assert!(matches!(unpack(&[], 10), Err(UnpackError::Empty)));
        assert!(matches!(unpack(&[200, 1, 2], 10), Err(UnpackError::UnknownDictionary(200))));
        assert!(matches!(unpack(&[0, 1, 2, 3], 10), Err(UnpackError::Frame(_))));
    }
}
