//! Choices with their receipts, notices, refusals of opening, majority.

use crate::table;

#[test]
fn choices_are_kept_by_the_patient_or_with_him() {
    table(
        "cpam open born=20150301 reps=mere:parent
         patient block petit",
        "patient choose ; patient choices       -> Samu
         mere    choose ; mere choices          -> Samu
         cpam    choose ; patient choices       -> Samu
         martin  choose                         -> done
         cpe0    choose                         -> done
         patient choose ; wait 1m ; patient choose ; patient choices -> Samu Samu
         patient choose ; patient choose        -> nothing_to_do
         patient choose count=0                 -> nothing_to_do
         patient choose count=20                -> done
         patient choose count=21                -> refused InvalidRequest CHX-1
         patient choose chars=0                 -> refused InvalidRequest CHX-1
         patient choose chars=200               -> done
         patient choose chars=201               -> refused InvalidRequest CHX-1
         patient choose controls                -> refused InvalidRequest CHX-1
         patient choose no-means                -> refused ConsentMissing LIF-1
         petit   choose                         -> refused Blocked ACC-2
         martin/glace choose                    -> refused AccessDenied FCT-1
         insurer choose                         -> refused AccessDenied FCT-6
         referent0 choose                       -> refused AccessDenied FCT-2
         autre   choose                         -> refused UnknownPatient FCT-3
         cpam    choices                        -> refused AccessDenied FCT-2
         martin  choices                        -> refused AccessDenied FCT-1
         patient close ; patient choose         -> refused DossierClos ACC-1",
    );
}

#[test]
fn the_patient_sets_what_he_is_told_of() {
    table(
        "cpam open",
        "patient notices every ; patient choices         -> every-access
         patient notices every ; patient notices every   -> nothing_to_do
         patient notices                                 -> nothing_to_do
         cpam    notices every                           -> done
         martin  notices every                           -> done
         # past the opening, nobody keeps the patient from being told
         wait 1d ; cpam   notices every                  -> refused AccessDenied CHX-2
         wait 1d ; martin notices every                  -> refused AccessDenied CHX-2
         wait 1d ; patient notices every                 -> done
         system  notices every                           -> refused AccessDenied FCT-2",
    );
}

#[test]
fn a_refusal_of_opening_is_kept_and_no_application_ignores_it() {
    table(
        "",
        "cpam    refuse-opening                           -> done
         cpam    refuse-opening ; cpam refuse-opening     -> nothing_to_do
         cpam    refuse-opening ; martin refuse-opening channel=ps -> nothing_to_do
         cpam    refuse-opening channel=pharmacie         -> refused AccessDenied LIF-2
         pharmacie refuse-opening channel=pharmacie       -> done
         pharma  refuse-opening channel=pharmacie         -> done
         martin  refuse-opening channel=pharmacie         -> refused AccessDenied LIF-2
         martin  refuse-opening channel=ps                -> done
         martin/glace refuse-opening channel=ps           -> refused AccessDenied FCT-1
         cpe0    refuse-opening channel=etablissement     -> done
         cert0   refuse-opening channel=etablissement     -> refused AccessDenied FCT-1
         patient refuse-opening channel=web               -> refused AccessDenied FCT-2
         loader  refuse-opening                           -> refused AccessDenied FCT-2
         referent0 refuse-opening                         -> refused AccessDenied FCT-2
         # nothing else of the person is there
         cpam    refuse-opening ; cpam status             -> refused UnknownPatient ACC-6
         cpam    refuse-opening ; patient choices         -> refused UnknownPatient ACC-6
         # the person comes back and consents: the refusal is over
         loader  open                                     -> done
         cpam    refuse-opening ; loader open             -> refused OpeningRefused CHX-3
         cpam    refuse-opening ; cpam open no-consent    -> refused ConsentMissing LIF-1
         cpam    refuse-opening ; cpam open               -> done
         cpam    refuse-opening ; patient open channel=web -> done
         cpam    refuse-opening ; cpam open ; loader open -> nothing_to_do
         cpam    open ; cpam refuse-opening               -> refused DossierOpen LIF-4
         cpam    open ; patient close ; cpam refuse-opening -> refused DossierClos LIF-4
         # who closed is not reopened by an application either
         cpam    open ; patient close ; loader open       -> refused DossierClos LIF-4
         cpam    open ; patient close ; loader reactivate -> refused AccessDenied FCT-2",
    );
    // Under the law of 2022 the person may refuse just the same.
    table("param opt_out", "cpam refuse-opening -> done");
}

/// Born on 11 June 2009: of age on 11 June 2027, ten days after the tables start.
#[test]
fn at_majority_the_choices_are_asked_again() {
    table(
        "cpam open born=20090611 reps=mere:parent,tuteur:guardian
         mere choose",
        "patient choices                                    -> Samu
         wait 9d ; patient choices                          -> Samu
         wait 10d ; patient choices                         -> Samu due
         wait 10d ; tuteur choices                          -> Samu due
         wait 10d ; mere choices                            -> refused AccessDenied FCT-4
         wait 10d ; mere choose                             -> refused AccessDenied FCT-4
         wait 10d ; patient choose ; patient choices        -> Samu Samu
         wait 9d ; mere choose ; wait 2d ; patient choices  -> Samu Samu due
         wait 10d ; patient close ; patient reactivate ; patient choices -> Samu",
    );
    table(
        "cpam open",
        "patient choices  -> none
         wait 900d ; patient choices -> none",
    );
    // A child's opening and a date without its day: of age on the last day of the year.
    table(
        "cpam open born=20090000 reps=mere:parent",
        "wait 212d ; patient choices -> none
         wait 213d ; patient choices -> due
         wait 212d ; mere search     -> none
         wait 213d ; mere search     -> refused AccessDenied FCT-4",
    );
}

/// Representation ends on the day of the 18 years, that very midnight; a guardian stays.
#[test]
fn representation_ends_on_the_day_of_majority() {
    table(
        "cpam open born=20090602 reps=mere:parent,tuteur:guardian",
        "wait 719m ; mere search    -> none
         wait 720m ; mere search    -> refused AccessDenied FCT-4
         wait 720m ; mere administrative -> refused AccessDenied FCT-4
         wait 720m ; mere journal   -> refused AccessDenied FCT-4
         wait 720m ; mere export    -> refused AccessDenied FCT-4
         wait 720m ; mere choices   -> refused AccessDenied FCT-4
         wait 720m ; tuteur search  -> none
         wait 720m ; patient search -> none",
    );
    // Born on 29 February: the first of March, where there is no such day.
    table(
        "cpam open born=20120229 reps=mere:parent
         wait 1003d",
        "mere search           -> none
         wait 719m ; mere search -> none
         wait 720m ; mere search -> refused AccessDenied FCT-4",
    );
}
