//! What is drawn: logins, sealed secrets, tickets, and how what people type of them is read.

use dmp_dossier::Time;
use dmp_keys::digest::sha256;
use dmp_keys::random;
use std::fmt::Write as _;

/// 32 characters that nobody takes for one another: no 0, O, 1, I (ux.md 3.15).
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// 50 bits: a login is no secret, but it is not guessed either.
const LOGIN_LENGTH: usize = 10;
/// 80 bits.
const SECRET_LENGTH: usize = 16;

/// A login and a one-time secret.
#[derive(Clone)]
pub struct Drawn {
    /// `K7M2PXQ4RT`.
    pub login: String,
    /// `ABCD-EFGH-JKLM-NPQR`.
    pub secret: String,
    /// What may be kept of the secret: a PHC string.
    pub secret_hash: String,
}

fn letters(length: usize) -> String {
    // 256 is a multiple of 32: every character is as likely as the others.
    let mut bytes = vec![0; length];
    random::fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// A login.
pub(crate) fn login() -> String {
    letters(LOGIN_LENGTH)
}

/// A secret, in groups of four.
pub(crate) fn secret() -> String {
    let plain = letters(SECRET_LENGTH);
    let groups: Vec<&str> =
        (0..SECRET_LENGTH).step_by(4).filter_map(|start| plain.get(start..start + 4)).collect();
    groups.join("-")
}

/// 128 random bits, in hexadecimal: a ticket, a device, a link.
pub(crate) fn token() -> String {
    random::random_array::<16>().iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Six digits, each as likely as the others.
pub(crate) fn six_digits() -> String {
    loop {
        let drawn = u32::from_be_bytes(random::random_array());
        // The last, incomplete million is drawn again.
        if drawn < u32::MAX - u32::MAX % 1_000_000 {
            return format!("{:06}", drawn % 1_000_000);
        }
    }
}

/// What may be kept of a token.
pub(crate) fn digest(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}

/// The same, to be written.
pub(crate) fn digest_hex(token: &str) -> String {
    digest(token).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A secret or a login as it was drawn, from what somebody typed or pasted: spaces, dashes and case do not count.
pub(crate) fn normalised(typed: &str) -> String {
    typed.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase()).take(64).collect()
}

/// Seconds from now to a time, at least one.
pub(crate) fn seconds_until(until: Time, now: Time) -> u32 {
    let ms = until.millis().saturating_sub(now.millis()).max(0);
    u32::try_from(ms.saturating_add(999) / 1000).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_four_groups_of_the_alphabet_and_is_read_however_typed() {
        let drawn = secret();
        assert_eq!(drawn.len(), 19);
        assert!(drawn.bytes().all(|b| b == b'-' || ALPHABET.contains(&b)), "{drawn}");
        assert_ne!(drawn, secret());
        assert_eq!(login().len(), LOGIN_LENGTH);
        for typed in
            ["ABCD-EFGH-JKLM-NPQR", " abcd efgh jklm npqr ", "ABCDEFGHJKLMNPQR", "ABCD\u{a0}EFGH–JKLM—NPQR"]
        {
            assert_eq!(normalised(typed), "ABCDEFGHJKLMNPQR", "{typed}");
        }
        assert_eq!(normalised(&"A".repeat(1000)).len(), 64);
    }

    #[test]
    fn a_code_has_six_digits() {
        for _ in 0..100 {
            let code = six_digits();
            assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
        }
    }
}
