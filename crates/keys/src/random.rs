//! Random bytes from the generator of the cryptographic library: the only source for keys and identifiers.

/// Fills `bytes` with random bytes fit for keys.
pub fn fill(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the generator aborts the process rather than fail");
}

/// An array of random bytes, for an identifier or a salt.
#[must_use]
pub fn random_array<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

#[test]
fn random_arrays_never_repeat() {
    let drawn: std::collections::HashSet<[u8; 16]> = (0..1000).map(|_| random_array()).collect();
    assert_eq!(drawn.len(), 1000);
}
