//! A masked document: seen by the patient, its author and the médecin traitant; in emergency where she allowed it.

use super::world::{Sight, World, refused};
use dmp_dossier::{Act, Reason};

const REASON: &str = "patiente inconsciente, aucun proche joignable";

pub fn a_masked_document_is_seen_by_the_patient_its_author_and_the_medecin_traitant(w: &World) {
    let document = w.deposited();
    for who in [&w.marie, &w.author, &w.martin, &w.petit, &w.roux] {
        assert_eq!(w.sight(who, &document), Sight::Whole, "{} before", who.id);
    }
    w.marie_patches(&document, Act::Mask);
    for who in [&w.marie, &w.author, &w.martin] {
        assert_eq!(w.sight(who, &document), Sight::Whole, "{}", who.id);
    }
    for who in [&w.petit, &w.roux] {
        assert_eq!(w.sight(who, &document), Sight::Absent, "{}, authorised", who.id);
    }
    assert!(!w.found_ids(&w.petit, super::MARIE).contains(&document.unique_id));
    w.marie_patches(&document, Act::Unmask);
    assert_eq!(w.sight(&w.petit, &document), Sight::Whole, "unmasked");
}

pub fn in_emergency_a_masked_document_is_seen_where_the_patient_allowed_it(w: &World) {
    let (plain, masked) = (w.deposited(), w.masked());
    let glass = &["--mode", "bris_de_glace", "--reason", REASON];
    let kone = w.persona("dr-kone", glass);
    let samu = w.persona("dr-kone", &[]);
    // Even the médecin traitant, once he breaks the glass, and a nurse.
    let martin = w.persona("dr-martin", glass);
    let petit = w.persona("ide-petit", glass);
    let in_emergency = [("kone", &kone), ("samu", &samu), ("martin", &martin), ("petit", &petit)];
    let all_see = |expected: &Sight, when: &str| {
        for (name, who) in in_emergency {
            assert_eq!(w.sight(who, &plain), Sight::Whole, "{name}, not masked, {when}");
            assert_eq!(w.sight(who, &masked), *expected, "{name}, masked, {when}");
        }
    };
    all_see(&Sight::Absent, "before");
    w.marie_sets(false, false, true);
    all_see(&Sight::Whole, "allowed");
    assert_eq!(
        w.sight(&w.petit, &masked),
        Sight::Absent,
        "what she allows in emergency, she allows in no other mode"
    );
    w.marie_sets(false, false, false);
    all_see(&Sight::Absent, "after");
}

pub fn the_patient_may_oppose_each_kind_of_emergency(w: &World) {
    let document = w.deposited();
    let kone = w.persona("dr-kone", &["--mode", "bris_de_glace", "--reason", REASON]);
    let samu = w.persona("dr-kone", &[]);
    let opposed = || refused(Reason::EmergencyOpposed);
    for (bris_de_glace_opposed, samu_opposed) in [(true, false), (false, true), (true, true), (false, false)]
    {
        w.marie_sets(bris_de_glace_opposed, samu_opposed, false);
        for (who, is_opposed) in [(&kone, bris_de_glace_opposed), (&samu, samu_opposed)] {
            let expected = if is_opposed { opposed() } else { Sight::Whole };
            assert_eq!(w.sight(who, &document), expected, "{bris_de_glace_opposed} {samu_opposed}");
        }
    }
}

pub fn a_bris_de_glace_without_a_reason_is_refused(w: &World) {
    let document = w.deposited();
    let silent = w.persona("dr-kone", &["--mode", "bris_de_glace"]);
    assert_eq!(w.sight(&silent, &document), refused(Reason::EmergencyReasonMissing));
    let mut blank = w.persona("dr-kone", &["--mode", "bris_de_glace", "--reason", "   "]);
    assert_eq!(w.sight(&blank, &document), refused(Reason::EmergencyReasonMissing));
    blank = w.persona("dr-kone", &["--mode", "bris_de_glace", "--reason", REASON]);
    assert_eq!(w.sight(&blank, &document), Sight::Whole);
}
