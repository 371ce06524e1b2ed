//! Codes of an application (TOTP, RFC 6238): SHA-1, six digits, thirty seconds, one step of tolerance, each step once.

use dmp_dossier::Time;
use dmp_keys::random;
use totp_rs::{Builder, Secret, Totp};

/// Bytes of the shared secret (RFC 4226 R6).
const SECRET_BYTES: usize = 20;

/// A shared secret, in base 32.
pub(crate) fn fresh() -> String {
    Secret::from(random::random_array::<SECRET_BYTES>()).to_base32()
}

fn totp(secret: &str) -> Option<Totp> {
    Builder::new().with_secret(Secret::try_from_base32(secret).ok()?).build().ok()
}

/// The step of a code that is right now, and later than the last one used.
pub(crate) fn check(secret: &str, typed: &str, last_step: u64, now: Time) -> Option<u64> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).take(12).collect();
    let seconds = u64::try_from(now.millis() / 1000).ok()?;
    let step = totp(secret)?.check(&digits, seconds)?;
    (digits.len() == 6 && step > last_step).then_some(step)
}

/// `otpauth://…`, what the application reads; `login` is of our alphabet.
pub(crate) fn link(secret: &str, login: &str) -> String {
    format!("otpauth://totp/DMP:{login}?secret={secret}&issuer=DMP&algorithm=SHA1&digits=6&period=30")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, cut to six digits.
    #[test]
    fn the_vectors_of_the_standard() {
        let secret = Secret::from(*b"12345678901234567890").to_base32();
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            let now = Time::from_millis(seconds * 1000);
            assert_eq!(check(&secret, code, 0, now), Some(seconds.unsigned_abs() / 30), "{code}");
            assert_eq!(check(&secret, code, seconds.unsigned_abs() / 30, now), None, "once");
            assert_eq!(check(&secret, "000000", 0, now), None);
            assert_eq!(check(&secret, "", 0, now), None);
        }
        assert_eq!(check("not base 32", "287082", 0, Time::from_millis(59_000)), None);
        assert_eq!(fresh().len(), 32);
    }
}
