//! Damaged documents: whatever bytes arrive, reading answers and the page stays safe.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod common;

use common::{FIXTURES, fixture, intake};
use dmp_cda::{Cda, RenderOptions};

/// xorshift: the same damages on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

/// Reads everything that can be read; true when the bytes were a document at all.
fn read_all(bytes: &[u8]) -> bool {
    let Ok(cda) = Cda::parse(bytes) else { return false };
    let _ = cda.document_entry(&intake());
    let html = cda.html(&RenderOptions::default()).html;
    if let Err(problem) = common::html::check(&html) {
        panic!("{problem}: {}", String::from_utf8_lossy(bytes));
    }
    let _ = (cda.text(), cda.files(), cda.entries());
    true
}

#[test]
fn damaged_documents_never_panic() {
    let mut dice = Dice(0x2017_0423_1145_0901);
    let pieces = [
        "<",
        ">",
        "\"",
        "&",
        "&#0;",
        "<x>",
        "ID=\"pb-1\"",
        "<table>",
        "</td>",
        "\u{202e}",
        "é",
        "nullFlavor=\"UNK\"",
    ];
    let mut read = 0;
    for name in FIXTURES {
        let original = fixture(name).into_bytes();
        assert!(read_all(&original), "{name}");
        for _ in 0..150 {
            let mut bytes = original.clone();
            for _ in 0..=dice.below(3) {
                let at = dice.below(bytes.len());
                match dice.below(5) {
                    0 => bytes[at] ^= 1 << dice.below(8),
                    1 => bytes.truncate(at.max(1)),
                    2 => {
                        let piece = pieces[dice.below(pieces.len())];
                        bytes.splice(at..at, piece.bytes());
                    }
                    3 => {
                        let end = (at + dice.below(80)).min(bytes.len());
                        bytes.drain(at..end);
                    }
                    // An element moved elsewhere: well-formed more often than not.
                    _ => {
                        let Some(element) = element_after(&bytes, at) else {
                            continue;
                        };
                        let copy = bytes[element.clone()].to_vec();
                        let gaps: Vec<_> = (1..bytes.len()).filter(|i| bytes[i - 1] == b'>').collect();
                        let to = gaps[dice.below(gaps.len())];
                        bytes.splice(to..to, copy);
                    }
                }
                if bytes.is_empty() {
                    bytes.push(b'<');
                }
            }
            read += usize::from(read_all(&bytes));
        }
    }
    assert!(read > 100, "damages must leave documents to read, left {read}");
}

/// The first element without children after an offset.
fn element_after(bytes: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    let start = at + bytes[at..].iter().position(|b| *b == b'<')?;
    let end = start + bytes[start..].windows(2).position(|pair| pair == b"/>")? + 2;
    (!bytes[start..end].windows(2).any(|pair| pair == b"</")).then_some(start..end)
}
