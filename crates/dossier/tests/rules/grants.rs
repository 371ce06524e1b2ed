//! Authorisations, blocks, médecins traitants, care teams, emergency switches.

use crate::table;

const OPEN: &str = "cpam open born=20150301 reps=mere:parent";

#[test]
fn a_professional_declares_himself_for_a_session_and_nobody_else() {
    table(
        OPEN,
        "martin  status                                   -> active NON_EXISTE
         martin  authorise martin                         -> done
         martin  authorise martin ; martin status         -> active VALIDE
         martin  authorise martin ; martin authorise martin -> nothing_to_do
         martin  authorise martin ; wait 479m ; martin status -> active VALIDE
         martin  authorise martin ; wait 480m ; martin status -> active EXPIRE
         martin  authorise martin ; wait 480m ; martin search -> refused AuthorisationExpired ACC-5
         martin  authorise martin ; wait 60m ; martin authorise martin -> done
         martin  authorise roux                           -> refused AccessDenied DRO-1
         martin  authorise s0                             -> refused AccessDenied DRO-1
         martin/psc  authorise martin                     -> done
         martin/air  authorise martin                     -> done
         martin/samu authorise martin                     -> refused AccessDenied FCT-1
         martin/glace authorise martin                    -> refused AccessDenied FCT-1
         martin/indirect authorise martin                 -> refused AccessDenied FCT-1
         travail authorise travail                        -> refused AccessDenied FCT-5
         insurer authorise martin                         -> refused AccessDenied FCT-6
         # an employee authorises his structure, and through it those who work there
         cpe0    authorise s0                             -> done
         cpe0    authorise s1                             -> refused AccessDenied DRO-1
         cpe0    authorise martin                         -> refused AccessDenied DRO-1
         cpe0    authorise s0 ; martin status             -> active VALIDE
         cpe0    authorise s0 ; cpe0 search               -> refused AccessDenied FCT-1
         cert0   authorise s0                             -> refused AccessDenied FCT-1
         martin  authorise martin ; martin end martin     -> done
         martin  authorise martin ; martin end martin ; martin status -> active NON_EXISTE
         martin  end roux                                 -> refused AccessDenied DRO-1
         martin  end martin                               -> nothing_to_do
         cpe0    end s0                                   -> refused AccessDenied FCT-1",
    );
    table(
        "param structure_declares
         cpam open",
        "cert0      authorise s0               -> done
         cert0      authorise s1               -> refused AccessDenied DRO-1
         cert0/samu authorise s0               -> refused AccessDenied FCT-1
         patient block s0 ; cert0 authorise s0 -> refused AccessDenied FCT-1",
    );
}

#[test]
fn the_patient_gives_a_year_at_most_shortens_renews_and_takes_back() {
    table(
        OPEN,
        "patient authorise martin                                        -> done
         patient authorise martin ; wait 364d ; martin status            -> active VALIDE
         patient authorise martin ; wait 365d ; martin status            -> active EXPIRE
         patient authorise martin days=900 ; wait 365d ; martin status   -> active EXPIRE
         patient authorise martin days=10 ; wait 10d ; martin status     -> active EXPIRE
         patient authorise martin days=0                                 -> refused InvalidRequest DRO-6
         patient authorise martin days=-1                                -> refused InvalidRequest DRO-6
         # an earlier end shortens
         patient authorise martin ; patient authorise martin days=3 ; wait 3d ; martin status -> active EXPIRE
         # the same wish twice is one; months later it renews
         patient authorise martin ; wait 30m ; patient authorise martin  -> nothing_to_do
         patient authorise martin ; wait 60d ; patient authorise martin  -> done
         # a session becomes a year, and a session takes nothing from a year
         martin authorise martin ; patient authorise martin ; wait 300d ; martin status -> active VALIDE
         patient authorise martin ; martin authorise martin              -> nothing_to_do
         patient authorise martin ; martin authorise martin days=1       -> nothing_to_do
         patient authorise martin ; martin authorise martin ; wait 1d ; martin status -> active VALIDE
         patient authorise martin ; patient end martin ; martin status   -> active NON_EXISTE
         patient end martin                                              -> nothing_to_do
         mere    authorise martin ; martin status                        -> active VALIDE
         patient authorise s0 ; roux status                              -> active VALIDE
         patient authorise martin label=x long                           -> done
         patient authorise martin label=DUPONT-MARTIN-DE-LA-TOUR long    -> refused InvalidRequest DRO-8",
    );
}

#[test]
fn only_a_doctor_is_medecin_traitant_and_the_plain_authorisation_stays() {
    table(
        OPEN,
        "patient authorise martin mt profession=10 ; martin status       -> active VALIDE mt
         patient authorise martin mt profession=10 ; wait 900d ; martin status -> active VALIDE mt
         patient authorise martin mt profession=10 ; patient authorise martin mt profession=10 -> nothing_to_do
         patient authorise petit mt profession=60                        -> refused AccessDenied DRO-2
         patient authorise s0 mt                                         -> refused AccessDenied DRO-2
         # who is named without a known profession is médecin traitant only if a doctor comes
         patient authorise petit mt ; petit status                       -> active VALIDE
         martin  authorise martin mt ; martin status                     -> active VALIDE mt
         petit   authorise petit mt                                      -> refused AccessDenied DRO-2
         etudiant authorise etudiant mt                                  -> refused AccessDenied DRO-2
         martin/air authorise martin mt ; martin status                  -> active VALIDE mt
         # several at once
         patient authorise martin mt profession=10 ; roux authorise roux mt ; martin status -> active VALIDE mt
         # ending keeps the authorisation, for a year
         patient authorise martin mt profession=10 ; patient end-mt martin ; martin status  -> active VALIDE
         martin  authorise martin mt ; martin end-mt martin ; martin status -> active VALIDE
         martin  authorise martin mt ; martin end-mt martin ; wait 365d ; martin status -> active EXPIRE
         martin  authorise martin mt ; roux end-mt martin                -> refused AccessDenied FCT-1
         martin  authorise martin mt ; roux authorise roux mt ; roux end-mt martin -> refused AccessDenied DRO-1
         martin  authorise martin mt ; martin/air end-mt martin          -> refused AccessDenied FCT-1
         patient end-mt martin                                           -> nothing_to_do
         # a permit without the role ends it; AIR has no row for that
         martin  authorise martin mt ; patient authorise martin ; martin status -> active VALIDE
         martin  authorise martin mt ; martin authorise martin ; martin status -> active VALIDE
         martin  authorise martin mt ; martin/air authorise martin ; martin status -> active VALIDE mt
         # dropping the access drops the role
         martin  authorise martin mt ; martin end martin ; martin status -> active NON_EXISTE",
    );
}

#[test]
fn a_block_beats_everything_and_gives_nothing_back_when_lifted() {
    table(
        "cpam open
         patient authorise martin mt profession=10
         patient authorise roux
         martin publish bio
         patient block roux",
        "roux         status               -> active INTERDIT
         roux         search               -> refused Blocked ACC-2
         roux/glace   search               -> refused Blocked ACC-2
         roux/samu    search               -> refused Blocked ACC-2
         roux/air     search               -> refused Blocked ACC-2
         roux/psc     search               -> refused Blocked ACC-2
         roux         authorise roux       -> refused Blocked ACC-2
         roux         end roux             -> refused Blocked ACC-2
         roux         journal              -> refused Blocked ACC-2
         roux         publish rx           -> done
         # a block follows the name, even by the structure's certificate, and stops deleting
         roux/indirect ref bio             -> refused Blocked ACC-2
         roux/indirect publish rx          -> done
         roux         publish rx ; roux delete rx -> refused Blocked ACC-2
         roux         publish rx ; roux ref rx    -> refused Blocked ACC-2
         roux         publish rx ; roux publish rx2 replaces=rx -> done
         # of the structure: all of it
         patient block s0 ; martin search  -> refused Blocked ACC-2
         patient block s0 ; cpe0 authorise s0 -> refused Blocked ACC-2
         patient block s0 ; cert0 delete bio  -> refused Blocked ACC-2
         patient block s0 ; patient authorise petit ; petit search -> refused Blocked ACC-2
         patient block s0 ; kone authorise kone ; kone search -> bio
         patient unblock roux ; roux status   -> active NON_EXISTE
         patient unblock roux ; patient unblock roux -> nothing_to_do
         patient authorise roux ; roux search -> bio
         patient block roux                   -> nothing_to_do
         patient block martin ; patient unblock martin ; martin status -> active NON_EXISTE
         # the médecin traitant blocks and unblocks too, nobody else
         martin block kone ; kone status      -> active INTERDIT
         martin unblock roux                  -> done
         martin/glace block kone              -> refused AccessDenied FCT-1
         kone   block martin                  -> refused AccessDenied FCT-1
         cpam   block martin                  -> refused AccessDenied FCT-2",
    );
    table(
        "param blocked-feed-off
         cpam open
         patient block roux",
        "roux publish bio -> refused Blocked ACC-2",
    );
}

#[test]
fn an_initial_consent_carries_the_authorisations_of_its_team() {
    table(
        "cpam open
         patient consent s0,kone
         martin authorise martin
         kone authorise kone
         wait 30d",
        "martin  status                            -> active VALIDE
         kone    status                            -> active VALIDE
         duval   authorise duval ; wait 1d ; duval status   -> active EXPIRE
         patient withdraw 0                        -> done
         patient withdraw 0 ; martin status        -> active NON_EXISTE
         patient withdraw 0 ; kone status          -> active NON_EXISTE
         patient withdraw 0 ; patient withdraw 0   -> nothing_to_do
         patient withdraw 0 ; martin authorise martin ; wait 1d ; martin status -> active EXPIRE
         # what the patient gave himself does not rest on the team
         patient authorise martin ; patient withdraw 0 ; martin status -> active VALIDE
         martin  withdraw 0                        -> refused AccessDenied DRO-3
         patient withdraw 7                        -> refused InvalidRequest DRO-3",
    );
    table(
        "cpam open",
        "martin  consent s0                        -> done
         martin  consent s0 ; martin consent s0    -> nothing_to_do
         martin  consent martin,kone               -> done
         martin  consent kone                      -> refused AccessDenied DRO-7
         cpe0    consent s0,kone                   -> done
         cpe0    consent martin                    -> refused AccessDenied DRO-7
         cert0   consent s0                        -> refused AccessDenied FCT-1
         martin/samu consent s0                    -> refused AccessDenied FCT-1
         patient consent nobody-at-all             -> refused InvalidRequest DRO-7
         patient consent s0 no-means               -> refused ConsentMissing LIF-1
         patient consent s0 tomorrow               -> refused InvalidRequest DRO-7",
    );
}

#[test]
fn the_three_emergency_switches_are_independent() {
    const SETUP: &str = "cpam open
         loader publish bio by=kone
         loader publish secret by=kone masked
         patient authorise martin mt profession=10";
    table(
        SETUP,
        "petit/samu  search                                   -> bio
         petit/glace search                                   -> bio
         petit/glace-sans-motif search                        -> refused EmergencyReasonMissing ACC-4
         petit/glace-sans-motif status                        -> refused EmergencyReasonMissing ACC-4
         patient emergency no-samu ; petit/samu search        -> refused EmergencyOpposed ACC-3
         patient emergency no-samu ; petit/glace search       -> bio
         patient emergency no-glace ; petit/glace search      -> refused EmergencyOpposed ACC-3
         patient emergency no-glace ; petit/samu search       -> bio
         patient emergency no-glace ; petit/glace publish rx  -> done
         patient emergency no-glace ; petit/glace publish rx ; petit/glace delete rx -> refused EmergencyOpposed ACC-3
         patient emergency no-samu ; cert0/samu administrative -> refused EmergencyOpposed ACC-3
         patient emergency masked-readable ; petit/samu search  -> bio secret
         patient emergency masked-readable ; petit/glace search -> bio secret
         # without the third switch not even the médecin traitant, with it no more than that
         martin/glace search                                  -> bio
         martin       search                                  -> bio secret
         patient emergency masked-readable ; martin/glace search -> bio secret
         travail/samu search                                  -> refused AccessDenied FCT-5
         martin  emergency no-samu                            -> done
         petit   emergency no-samu                            -> refused NotAuthorised ACC-5
         patient emergency no-samu ; patient emergency no-samu -> nothing_to_do",
    );
}

#[test]
fn the_default_confidentiality_is_the_patients() {
    table(
        OPEN,
        "patient default masked                    -> done
         patient default masked ; patient default masked -> nothing_to_do
         patient default hidden                    -> refused InvalidRequest VIS-4
         patient default reps                      -> done
         mere    default masked                    -> done
         # a representative does not decide what is hidden from representatives
         mere    default reps                      -> refused AccessDenied VIS-5
         patient default reps ; mere default masked -> refused AccessDenied VIS-5
         martin  default masked                    -> refused AccessDenied FCT-1
         # it is for what others deposit; the patient chooses for each of his own
         patient default masked ; patient authorise roux ; martin publish bio ; roux search -> none
         patient default masked ; patient authorise roux ; patient publish mien ; roux search -> mien
         # a document to announce is not masked too while the parameter forbids it
         patient default masked ; patient authorise roux ; martin publish bio hidden ; roux search -> bio
         patient default reps ; martin publish bio ; mere search -> none",
    );
    table(
        "param cumul
         cpam open
         patient default masked
         patient authorise roux
         martin publish bio hidden",
        "roux search -> none",
    );
}

#[test]
fn who_may_reach_the_record_is_read_by_who_reads_the_record() {
    table(
        "cpam open
         patient authorise martin
         patient block kone",
        "patient  rights -> martin:VALIDE kone:INTERDIT
         martin   rights -> martin:VALIDE kone:INTERDIT
         roux     rights -> refused NotAuthorised ACC-5
         martin/glace rights -> refused AccessDenied FCT-1
         cpe0     rights -> refused AccessDenied FCT-1",
    );
}
