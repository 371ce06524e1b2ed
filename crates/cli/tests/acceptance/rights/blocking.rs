//! Who the patient lets in, for how long, and whom she keeps out.

use super::world::{Sight, World, in_ms, refused, wait_ms};
use dmp_dossier::Reason;
use serde_json::json;

pub fn blocking_takes_effect_at_once_in_every_mode(w: &World) {
    let document = w.deposited();
    let reason = "arrêt cardiaque";
    let modes = [
        w.persona("dr-kone", &["--mode", "normal"]),
        w.persona("dr-kone", &["--mode", "bris_de_glace", "--reason", reason]),
        w.persona("dr-kone", &["--mode", "centre_15"]),
    ];
    let id = w.id("dr-kone");
    w.marie_permits(&id);
    for _ in 0..2 {
        for who in &modes {
            assert_eq!(w.sight(who, &document), Sight::Whole);
        }
        w.marie_denies(&id);
        for who in &modes {
            assert_eq!(w.sight(who, &document), refused(Reason::Blocked));
        }
        w.marie_permits(&id);
    }
    w.marie_denies(&w.author.id);
    assert_eq!(w.sight(&w.author, &document), refused(Reason::Blocked), "what he wrote himself");
    w.marie_permits(&w.author.id);
    assert_eq!(w.sight(&w.author, &document), Sight::Whole);
}

pub fn an_authorisation_ends_on_its_date(w: &World) {
    let document = w.deposited();
    let doctor = w.doctor("899900000927");
    assert_eq!(w.sight(&doctor, &document), refused(Reason::NotAuthorised));
    w.marie_decides(&doctor.id, json!({"type": "permit", "period": {"end": in_ms(3_000)}}));
    assert_eq!(w.sight(&doctor, &document), Sight::Whole);
    wait_ms(3_100);
    assert_eq!(w.sight(&doctor, &document), refused(Reason::AuthorisationExpired));
    w.marie_permits(&doctor.id);
    assert_eq!(w.sight(&doctor, &document), Sight::Whole);
    w.marie_ends(&doctor.id);
    assert_eq!(w.sight(&doctor, &document), refused(Reason::NotAuthorised));
}
