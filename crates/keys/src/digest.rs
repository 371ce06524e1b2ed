//! SHA-256 and the chain of the journal.
//!
//! Each journal entry carries `digest_n = SHA-256(0x02 ‖ dossier_id ‖ seq ‖ kind ‖ time ‖ digest_{n-1} ‖
//! SHA-256(sealed entry))`, and `digest_0 = SHA-256("dmp/journal/v1" ‖ dossier_id)`. The chain covers the sealed bytes,
//! so anyone verifies it without a key, before and after an erasure. Every field has a fixed length, hence two different
//! entries never hash the same bytes; 0x02 keeps links apart from the leaves (0x00) and nodes (0x01) of RFC 9162.

use aws_lc_rs::digest::{Context, SHA256};

/// A SHA-256 value.
pub type Digest = [u8; 32];

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    sha256_of(&[bytes])
}

/// `digest_0`: what the first entry of a dossier's journal is chained to.
#[must_use]
pub fn journal_start(dossier: &[u8; 16]) -> Digest {
    sha256_of(&[b"dmp/journal/v1", dossier])
}

/// One journal entry, as the chain sees it.
///
/// It takes the digest of the sealed entry, and not its bytes: that digest is computed before the committer assigns
/// `seq`, so that only this short hash remains under the write lock.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// The dossier whose journal this is.
    pub dossier: &'a [u8; 16],
    /// Position in the journal, from 1.
    pub seq: u64,
    /// Kind of entry, as stored (change, trace).
    pub kind: u8,
    /// Time of the entry, in milliseconds since 1970-01-01T00:00:00Z, as stored.
    pub time_ms: i64,
    /// Digest of the entry before, or [`journal_start`].
    pub previous: &'a Digest,
    /// SHA-256 of the sealed entry.
    pub sealed_sha256: &'a Digest,
}

impl Link<'_> {
    /// `digest_n`, to store beside the entry and in the dossier's head.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sha256_of(&[
            &[0x02],
            self.dossier,
            &self.seq.to_be_bytes(),
            &[self.kind],
            &self.time_ms.to_be_bytes(),
            self.previous,
            self.sealed_sha256,
        ])
    }
}

fn sha256_of(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOSSIER: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    fn hex(digest: &[u8]) -> String {
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn sha256_gives_the_vector_of_fips_180() {
        assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    /// Expected values come from Python's `hashlib` and `struct`, following the formula above.
    #[test]
    fn the_chain_gives_the_independent_vectors() {
        let mut previous = journal_start(&DOSSIER);
        assert_eq!(hex(&previous), "eadf962bec0ea2f18bbfbfde8f3da04f5d8dfb23524de58d98394dc860b1e2a9");
        let cases = "1 0 1751328000000 first-entry 7e5534c208825db936f47cc0d4c8d477c44e7f48ff04d2ed8fa6f0fe9acfdb1f
                     2 1 1751328000001 second-entry ba13ecb21a5ce7bb4c0370e7f74824325d4ce7b3e00735ed6b23144efb1efbc3
                     9 255 -1 x 0e7487415f75083ad8137a2551f3bd9187b07179753f9946d58cd265262a900f";
        for case in cases.lines() {
            let words: Vec<&str> = case.split_whitespace().collect();
            let sealed_sha256 = sha256(words[3].as_bytes());
            previous = Link {
                dossier: &DOSSIER,
                seq: words[0].parse().unwrap(),
                kind: words[1].parse().unwrap(),
                time_ms: words[2].parse().unwrap(),
                previous: &previous,
                sealed_sha256: &sealed_sha256,
            }
            .digest();
            assert_eq!(hex(&previous), words[4], "{case}");
        }
    }
}
