//! The reference of a dossier in an address: no INS in a URL, a history or a log.
//!
//! A reference seals the INS and the way in (own access mode, or *bris de glace* with its reason and its end) under
//! a key of the deployment, bound to the person it was made for: another session cannot use it. AES-256-GCM-SIV with
//! a fixed nonce (RFC 8452): the same person gets the same reference for the same dossier, so that links and
//! bookmarks hold, and nothing else can be learnt from two references.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dmp_dossier::{Actor, ActorTrace, Ins, InsOid, Mode, Time};

use crate::viewer::Viewer;

const VERSION: u8 = 1;
/// What follows the number in a *connexion secrète*.
const SECRET: u8 = b's';
/// A *bris de glace* closes by itself after this long (ux.md 3.7).
pub(crate) const EMERGENCY_MINUTES: u32 = 60;

/// How the dossier was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// In the mode of the session.
    Session,
    /// *Bris de glace*.
    BrisDeGlace {
        /// Typed by the professional.
        reason: String,
        /// When it closes.
        until: Time,
    },
    /// *Connexion secrète* for a minor (EX_0.1-1100): nothing of it is told to the representatives.
    Secret,
}

/// What a reference stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Whose dossier.
    pub(crate) ins: Ins,
    /// The way in.
    pub(crate) way: Way,
}

impl Reference {
    /// The actor that the viewer is on this dossier, by this way.
    pub(crate) fn actor(&self, viewer: &Viewer) -> Actor {
        let mut actor = viewer.actor_for(&self.ins);
        if let Actor::Professional(professional) = &mut actor {
            match &self.way {
                Way::Session => {}
                Way::BrisDeGlace { reason, .. } => {
                    professional.mode = Mode::BrisDeGlace { reason: reason.clone() };
                }
                Way::Secret => professional.secret = true,
            }
        }
        actor
    }
}

/// Seals and opens references.
pub(crate) struct References {
    key: LessSafeKey,
}

impl References {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM_SIV, key).expect("the key has the length of the algorithm");
        References { key: LessSafeKey::new(key) }
    }

    /// The reference, as it stands in an address.
    pub(crate) fn seal(&self, viewer: &Viewer, reference: &Reference) -> String {
        let mut bytes = vec![VERSION, oid_number(reference.ins.oid())];
        bytes.extend_from_slice(reference.ins.value().as_bytes());
        match &reference.way {
            Way::Session => {}
            Way::BrisDeGlace { reason, until } => {
                bytes.extend_from_slice(&until.millis().to_be_bytes());
                bytes.extend_from_slice(reason.as_bytes());
            }
            Way::Secret => bytes.push(SECRET),
        }
        self.close(binding(viewer), bytes)
    }

    /// A number that waits for somebody to sign in: bound to nobody, it opens no page. What comes back is only what
    /// the address held (TD0.9), kept out of the addresses in between.
    pub(crate) fn seal_waiting(&self, ins: &Ins) -> String {
        let mut bytes = vec![VERSION, oid_number(ins.oid())];
        bytes.extend_from_slice(ins.value().as_bytes());
        self.close(waiting(), bytes)
    }

    /// The number of [`seal_waiting`](Self::seal_waiting).
    pub(crate) fn open_waiting(&self, text: &str) -> Option<Ins> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = self.key.open_in_place(nonce(), waiting(), &mut bytes).ok()?;
        let (&[version, oid], ins) = plain.split_first_chunk::<2>()?;
        (version == VERSION).then_some(())?;
        Ins::parse(std::str::from_utf8(ins).ok()?, oid_of(oid)?).ok()
    }

    /// What a form in several pages carries from one to the next, bound to who fills it in: nobody else opens it, and
    /// nobody changes it.
    pub(crate) fn seal_form(&self, viewer: &Viewer, bytes: Vec<u8>) -> String {
        self.close(form(viewer), bytes)
    }

    /// The bytes of [`seal_form`](Self::seal_form).
    pub(crate) fn open_form(&self, viewer: &Viewer, text: &str) -> Option<Vec<u8>> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = self.key.open_in_place(nonce(), form(viewer), &mut bytes).ok()?;
        Some(plain.to_vec())
    }

    fn close(&self, binding: Aad<Vec<u8>>, mut bytes: Vec<u8>) -> String {
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce(), binding, &mut bytes)
            .expect("a reference is far below the limit of the algorithm");
        bytes.extend_from_slice(tag.as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a reference stands for; `None` when it was not made here, or for somebody else.
    pub(crate) fn open(&self, viewer: &Viewer, text: &str) -> Option<Reference> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = self.key.open_in_place(nonce(), binding(viewer), &mut bytes).ok()?;
        let (&[version, oid], rest) = plain.split_first_chunk::<2>()?;
        let (ins, rest) = rest.split_at_checked(15)?;
        if version != VERSION {
            return None;
        }
        let ins = Ins::parse(std::str::from_utf8(ins).ok()?, oid_of(oid)?).ok()?;
        let way = match rest {
            [] => Way::Session,
            [SECRET] => Way::Secret,
            other => {
                let (until, reason) = other.split_first_chunk::<8>()?;
                Way::BrisDeGlace {
                    reason: std::str::from_utf8(reason).ok()?.to_owned(),
                    until: Time::from_millis(i64::from_be_bytes(*until)),
                }
            }
        };
        Some(Reference { ins, way })
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

/// A reference is bound to the person: kind, identifier, and the patient's own number where there is one.
fn binding(viewer: &Viewer) -> Aad<Vec<u8>> {
    let trace = ActorTrace::of(&viewer.actor);
    let home = viewer.home().map_or("", Ins::value);
    Aad::from(format!("dmp/portal/1\0{:?}\0{}\0{home}", trace.kind, trace.id).into_bytes())
}

fn form(viewer: &Viewer) -> Aad<Vec<u8>> {
    let trace = ActorTrace::of(&viewer.actor);
    Aad::from(format!("dmp/portal/form/1\0{:?}\0{}", trace.kind, trace.id).into_bytes())
}

fn waiting() -> Aad<Vec<u8>> {
    Aad::from(b"dmp/portal/waiting/1".to_vec())
}

fn oid_number(oid: InsOid) -> u8 {
    match oid {
        InsOid::Nir => 8,
        InsOid::Nia => 9,
        InsOid::Test => 10,
        InsOid::Demo => 11,
    }
}

fn oid_of(number: u8) -> Option<InsOid> {
    [InsOid::Nir, InsOid::Nia, InsOid::Test, InsOid::Demo].into_iter().find(|oid| oid_number(*oid) == number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn references() -> References {
        References::new(&[7; 32])
    }

    #[test]
    fn a_reference_gives_back_its_dossier_and_its_way_and_shows_neither() {
        let doctor = samples::doctor();
        for way in [
            Way::Session,
            Way::Secret,
            Way::BrisDeGlace {
                reason: "patiente inconsciente".to_owned(),
                until: Time::from_millis(1_795_000_000_000),
            },
        ] {
            let reference = Reference { ins: samples::ins(), way };
            let text = references().seal(&doctor, &reference);
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            assert_eq!(references().open(&doctor, &text), Some(reference.clone()));
            assert_eq!(references().seal(&doctor, &reference), text, "links hold");
        }
    }

    #[test]
    fn a_reference_made_for_somebody_else_or_altered_opens_nothing() {
        let reference = Reference { ins: samples::ins(), way: Way::Session };
        let text = references().seal(&samples::doctor(), &reference);
        assert_eq!(references().open(&samples::patient(), &text), None);
        assert_eq!(References::new(&[8; 32]).open(&samples::doctor(), &text), None);
        for index in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(references().open(&samples::doctor(), &altered), None, "{index}");
        }
        for junk in ["", "x", "284073523811416", "é", &"A".repeat(500)] {
            assert_eq!(references().open(&samples::doctor(), junk), None, "{junk}");
        }
    }

    #[test]
    fn a_number_that_waits_is_not_a_reference_and_a_reference_is_not_a_number_that_waits() {
        let waiting = references().seal_waiting(&samples::ins());
        assert_eq!(references().open_waiting(&waiting), Some(samples::ins()));
        assert_eq!(references().open(&samples::doctor(), &waiting), None);
        let reference = Reference { ins: samples::ins(), way: Way::Session };
        let sealed = references().seal(&samples::doctor(), &reference);
        assert_eq!(references().open_waiting(&sealed), None);
    }

    #[test]
    fn bris_de_glace_changes_the_mode_of_a_professional_only() {
        let way = Way::BrisDeGlace { reason: "coma".to_owned(), until: Time::from_millis(0) };
        let reference = Reference { ins: samples::ins(), way };
        assert_eq!(
            reference.actor(&samples::doctor()).mode(),
            &Mode::BrisDeGlace { reason: "coma".to_owned() }
        );
        assert_eq!(reference.actor(&samples::patient()), samples::patient().actor);
        let secret = Reference { ins: samples::ins(), way: Way::Secret };
        assert!(secret.actor(&samples::doctor()).is_secret());
        assert_eq!(secret.actor(&samples::patient()), samples::patient().actor);
    }
}
