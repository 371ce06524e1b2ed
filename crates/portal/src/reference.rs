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
        if let (Actor::Professional(professional), Way::BrisDeGlace { reason, .. }) = (&mut actor, &self.way)
        {
            professional.mode = Mode::BrisDeGlace { reason: reason.clone() };
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
        if let Way::BrisDeGlace { reason, until } = &reference.way {
            bytes.extend_from_slice(&until.millis().to_be_bytes());
            bytes.extend_from_slice(reason.as_bytes());
        }
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce(), binding(viewer), &mut bytes)
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
        let way = match rest.split_first_chunk::<8>() {
            None => Way::Session,
            Some((until, reason)) => Way::BrisDeGlace {
                reason: std::str::from_utf8(reason).ok()?.to_owned(),
                until: Time::from_millis(i64::from_be_bytes(*until)),
            },
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
    fn bris_de_glace_changes_the_mode_of_a_professional_only() {
        let way = Way::BrisDeGlace { reason: "coma".to_owned(), until: Time::from_millis(0) };
        let reference = Reference { ins: samples::ins(), way };
        assert_eq!(
            reference.actor(&samples::doctor()).mode(),
            &Mode::BrisDeGlace { reason: "coma".to_owned() }
        );
        assert_eq!(reference.actor(&samples::patient()), samples::patient().actor);
    }
}
