//! The list of authorised dossiers (TD0.4) and the search by traits (TD0.5), on one dossier.

use crate::table;

const SETUP: &str = "cpam open
     patient authorise martin
     patient authorise roux mt profession=10";

#[test]
fn one_lists_the_dossiers_where_one_is_authorised() {
    table(
        SETUP,
        "martin       list                          -> authorised=06011200 document=none update=none
         roux         list                          -> authorised=06011200 document=none update=none mt
         martin/air   list                          -> authorised=06011200 document=none update=none
         martin/samu  list                          -> authorised=06011200 document=none update=none
         martin/glace list                          -> authorised=06011200 document=none update=none
         martin/glace-sans-motif list               -> refused EmergencyReasonMissing ACC-4
         patient emergency no-glace ; martin/glace list -> refused EmergencyOpposed ACC-3
         kone         list                          -> refused NotAuthorised LST-1
         kone/samu    list                          -> refused NotAuthorised LST-1
         patient      list                          -> refused AccessDenied FCT-2
         cpam         list                          -> refused AccessDenied FCT-2
         insurer      list                          -> refused AccessDenied FCT-6
         wait 366d ; martin list                    -> refused NotAuthorised LST-1
         patient end martin ; martin list           -> refused NotAuthorised LST-1
         patient block martin ; martin list         -> refused Blocked ACC-2
         patient close ; martin list                -> refused DossierClos ACC-1
         wait 2d ; patient authorise martin days=9 ; martin list -> authorised=06031200 document=none update=none
         martin list since=20270601                 -> authorised=06011200 document=none update=none
         martin list since=20270602                 -> none
         # a structure's authorisation is its people's
         patient authorise s1 ; kone list           -> authorised=06011200 document=none update=none
         patient authorise s1 ; patient block kone ; kone list -> refused Blocked ACC-2",
    );
}

#[test]
fn an_employee_lists_for_the_structure_and_a_certificate_new_authorisations_only() {
    table(
        &format!("{SETUP}\npatient authorise s0"),
        "cpe0   list                              -> authorised=06011200 document=none update=none
         cpe0   list owner=roux                   -> authorised=06011200 document=none update=none mt
         cpe0   list owner=kone                   -> refused NotAuthorised LST-1
         cpe1   list                              -> refused NotAuthorised LST-1
         pe0    list                              -> refused InvalidRequest LST-3
         pe0    list since=20270601               -> authorised=06011200 document=none update=none
         cert0  list                              -> refused InvalidRequest LST-3
         cert0  list since=20270601 doc           -> refused InvalidRequest LST-3
         cert0  list since=20270601               -> authorised=06011200 document=none update=none
         cert0  list since=20270602               -> none
         cert0  list since=20270601 owner=martin  -> authorised=06011200 document=none update=none
         cert0/samu list since=20270601           -> refused AccessDenied FCT-1
         martin/indirect list since=20270601      -> authorised=06011200 document=none update=none
         martin list owner=martin                 -> authorised=06011200 document=none update=none
         martin list owner=roux                   -> refused AccessDenied LST-2
         patient block s0 ; cpe0 list owner=roux  -> refused Blocked ACC-2
         patient block roux ; cpe0 list owner=roux -> refused NotAuthorised LST-1",
    );
}

/// Nor does a hidden document put a dossier on a list, or a list in a journal that does not show it.
#[test]
fn dates_come_from_the_documents_one_sees() {
    table(
        &format!("{SETUP}\npatient authorise petit\nkone publish bio\nwait 1d"),
        "martin list                                        -> authorised=06011200 document=06011200 update=06011200
         martin list doc since=20270602                     -> none
         kone publish two ; martin list doc since=20270602  -> authorised=06011200 document=06021200 update=06021200
         kone publish two masked ; martin list              -> authorised=06011200 document=06011200 update=06011200
         kone publish two masked ; martin list doc since=20270602 -> none
         kone publish two masked ; roux list doc since=20270602   -> authorised=06011200 document=06021200 update=06021200 mt
         kone publish two type=83901-9 ; petit list doc since=20270602 -> none
         patient mask bio ; martin list                     -> authorised=06011200 document=none update=none
         patient mask bio ; roux list                       -> authorised=06011200 document=06011200 update=06021200 mt
         kone delete bio ; martin list                      -> authorised=06011200 document=none update=none
         kone publish two hidden ; martin list doc since=20270602 ; patient journal -> Open Authorise NameMedecinTraitant Authorise Feed(bio)
         kone publish two hidden ; martin list ; patient journal -> Open Authorise NameMedecinTraitant Authorise Feed(bio) ListAuthorised
         kone publish two ; martin list doc since=20270602 ; patient journal -> Open Authorise NameMedecinTraitant Authorise Feed(bio) Feed(two) ListAuthorised(two)",
    );
}

#[test]
fn a_patient_is_sought_by_name_and_birth_in_regulation() {
    table(
        SETUP,
        "kone/samu    seek                          -> candidate 65
         petit/samu   seek given=marie              -> candidate 85
         cert0/samu   seek born=1984                -> candidate 50
         kone/samu    seek name=durand              -> none
         kone/samu    seek born=19840716            -> none
         kone/samu    seek given=paul               -> none
         kone         seek                          -> refused AccessDenied FCT-1
         roux         seek                          -> refused AccessDenied FCT-1
         kone/glace   seek                          -> refused AccessDenied FCT-1
         cert0        seek                          -> refused AccessDenied FCT-1
         travail/samu seek                          -> refused AccessDenied FCT-5
         patient      seek                          -> refused AccessDenied FCT-2
         kone/samu    seek name=-                   -> refused InvalidRequest TRT-1
         kone/samu    seek born=1984-07-15          -> refused InvalidRequest TRT-1
         # who would be refused everything is no candidate
         patient emergency no-samu ; kone/samu seek  -> refused EmergencyOpposed ACC-3
         patient emergency no-glace ; kone/samu seek -> candidate 65
         patient block kone ; kone/samu seek         -> refused Blocked ACC-2
         patient block s0 ; cert0/samu seek          -> refused Blocked ACC-2
         patient close ; kone/samu seek              -> refused DossierClos ACC-1
         patient close ; kone/samu seek name=durand  -> none
         kone/samu seek ; patient journal            -> Open Authorise NameMedecinTraitant SearchByTraits",
    );
}
