//! Passwords: Argon2id, salted, as PHC strings, and which ones are refused.
//!
//! Twelve characters at least and no composition rule, with the commonest refused, as CNIL 2022-100 and NIST SP 800-63B
//! have it: a password alone never signs in here, a code or an application follows.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use dmp_keys::random;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Characters of a password.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 12..=128;
/// Derivations at once: each takes a core and its memory.
const DERIVATIONS: usize = 2;

/// Words that most guessed passwords are made of, in letters only; what stands around them changes nothing.
const COMMON: [&str; 40] = [
    "motdepasse",
    "monmotdepasse",
    "password",
    "passwordpassword",
    "azerty",
    "azertyuiop",
    "azertyazerty",
    "azertyuiopqsdfghjklm",
    "qwerty",
    "qwertyuiop",
    "qwertyqwerty",
    "qwertzuiop",
    "abcdef",
    "abcdefgh",
    "abcdefghijkl",
    "abcabcabcabc",
    "jetaime",
    "jetaimejetaime",
    "bonjour",
    "bonjourbonjour",
    "soleil",
    "soleilsoleil",
    "doudou",
    "loulou",
    "chouchou",
    "marseille",
    "paris",
    "football",
    "princesse",
    "iloveyou",
    "letmein",
    "welcome",
    "bienvenue",
    "administrateur",
    "administrator",
    "dossiermedical",
    "dossiermedicalpartage",
    "assurancemaladie",
    "cartevitale",
    "sante",
];

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFault {
    /// Fewer than twelve characters.
    Short,
    /// More than 128.
    Long,
    /// Among the commonest, or made of few characters.
    Common,
    /// It holds the login or the name of its owner.
    Personal,
}

/// Says whether a password may be chosen by somebody.
///
/// # Errors
/// Why not.
pub fn check(password: &str, personal: &[&str]) -> Result<(), PasswordFault> {
    let length = password.chars().count();
    if length < *PASSWORD_CHARS.start() {
        return Err(PasswordFault::Short);
    }
    if length > *PASSWORD_CHARS.end() {
        return Err(PasswordFault::Long);
    }
    let lower = password.to_lowercase();
    let letters: String = lower.chars().filter(|c| c.is_alphabetic()).collect();
    let distinct: std::collections::BTreeSet<char> = lower.chars().collect();
    let only_digits = lower.chars().all(|c| c.is_ascii_digit() || !c.is_alphanumeric());
    if distinct.len() < 5 || only_digits || COMMON.contains(&letters.as_str()) {
        return Err(PasswordFault::Common);
    }
    let own = |word: &&str| word.chars().count() >= 4 && lower.contains(&word.to_lowercase());
    match personal.iter().find(|word| own(word)) {
        Some(_) => Err(PasswordFault::Personal),
        None => Ok(()),
    }
}

/// What a derivation costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
}

impl Cost {
    /// 19 MiB, two passes (OWASP): some twenty milliseconds.
    pub const PRODUCTION: Cost = Cost { memory_kib: 19_456, passes: 2 };
    /// For tests.
    pub const TESTS: Cost = Cost { memory_kib: 16, passes: 1 };
}

/// Derives and verifies, off the threads of requests.
pub(crate) struct Hasher {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// What is verified when there is no account: the same work, and never true.
    nobody: String,
}

impl Hasher {
    /// # Errors
    /// A cost that Argon2 refuses.
    pub(crate) fn new(cost: Cost) -> Result<Self, argon2::Error> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = derived(&argon2, &crate::secrets::token()).ok_or(argon2::Error::OutputTooShort)?;
        Ok(Hasher { argon2, turns: Arc::new(Semaphore::new(DERIVATIONS)), nobody })
    }

    /// A PHC string.
    pub(crate) async fn derive(&self, text: String) -> Option<String> {
        let argon2 = self.argon2.clone();
        self.off_thread(move || derived(&argon2, &text)).await.flatten()
    }

    /// True when the text is what the PHC string was made of; without a PHC string, false after as much work.
    pub(crate) async fn verify(&self, text: String, phc: Option<&str>) -> bool {
        let known = phc.is_some();
        let phc = phc.unwrap_or(&self.nobody).to_owned();
        let argon2 = self.argon2.clone();
        let right = self.off_thread(move || {
            PasswordHash::new(&phc).is_ok_and(|hash| argon2.verify_password(text.as_bytes(), &hash).is_ok())
        });
        right.await.unwrap_or(false) && known
    }

    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        // The turn is held by the work, which goes on when its request is given up.
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.ok()
    }
}

fn derived(argon2: &Argon2<'_>, text: &str) -> Option<String> {
    let salt = SaltString::encode_b64(&random::random_array::<16>()).ok()?;
    argon2.hash_password(text.as_bytes(), &salt).ok().map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row per password.
    #[test]
    fn which_passwords_are_taken() {
        use PasswordFault::{Common, Long, Personal, Short};
        let long = "a b".repeat(50);
        for (password, answer) in [
            ("cheval correct agrafe", Ok(())),
            ("Tr0ub4dour&3x", Ok(())),
            ("un deux trois", Ok(())),
            ("éàüçœ-éàüçœ-1", Ok(())),
            ("court", Err(Short)),
            ("onze lettre", Err(Short)),
            (long.as_str(), Err(Long)),
            ("motdepasse123", Err(Common)),
            ("MotDePasse!!!2026", Err(Common)),
            ("123456789012", Err(Common)),
            ("06 12 34 56 78", Err(Common)),
            ("aaaaaaaaaaaa", Err(Common)),
            ("ababababababab", Err(Common)),
            ("azertyuiop123", Err(Common)),
            ("durand-du-35-rennes", Err(Personal)),
            ("mon login k7m2pxq4rt", Err(Personal)),
        ] {
            assert_eq!(check(password, &["K7M2PXQ4RT", "Durand", "Léo"]), answer, "{password}");
        }
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_verified() {
        let hasher = Hasher::new(Cost::TESTS).unwrap();
        let phc = hasher.derive("cheval correct agrafe".into()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=16,t=1,p=1$"), "{phc}");
        assert!(hasher.verify("cheval correct agrafe".into(), Some(&phc)).await);
        assert!(!hasher.verify("cheval correct agraf".into(), Some(&phc)).await);
        assert!(!hasher.verify("cheval correct agrafe".into(), None).await, "nobody");
        assert!(!hasher.verify("x".into(), Some("not a PHC string")).await);
        assert_ne!(hasher.derive("cheval correct agrafe".into()).await, Some(phc), "salted");
    }

    /// The cost that is used is the one that is documented.
    #[test]
    fn production_costs_nineteen_mebibytes_and_two_passes() {
        let hasher = Hasher::new(Cost::PRODUCTION).unwrap();
        assert!(hasher.nobody.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}
