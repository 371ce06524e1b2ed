//! Who is shown what: status, lists, contents, lots, references, journal.

use crate::table;

const SETUP: &str = "cpam open born=20150301 reps=mere:parent
     patient authorise kone
     patient authorise petit
     patient authorise lenoir
     patient authorise travail
     patient authorise etudiant
     patient authorise social
     patient authorise nobody
     patient authorise s0
     patient authorise roux mt profession=10
     martin publish bio
     martin publish rx type=57828-6
     martin publish psy type=83901-9
     martin publish resid type=ATTEST-RESID
     martin publish m masked
     martin publish h hidden
     martin publish r reps
     patient publish mien
     insurer publish remb";

#[test]
fn the_matrix_says_which_types_each_profession_reads() {
    table(
        SETUP,
        "kone      search -> bio rx psy h r mien remb
         petit     search -> bio rx h r mien remb
         lenoir    search -> rx mien
         etudiant  search -> none
         social    search -> none
         nobody    search -> none
         # the author sees his own, whatever its type and its mask
         martin    search -> bio rx psy resid m h r mien remb
         roux      search -> bio rx psy m h r mien remb
         patient   search -> bio rx psy resid m r mien remb
         mere      search -> bio rx psy resid m mien remb
         lenoir    read bio       -> refused UnknownDocument VIS-10
         lenoir    read rx        -> rx
         lenoir    read rx bio    -> refused UnknownDocument VIS-10
         lenoir    read absent    -> refused UnknownDocument VIS-10
         lenoir    get bio rx     -> rx
         lenoir    publish son type=83901-9 ; lenoir read son -> son",
    );
    table(
        "param social_sector
         cpam open
         patient authorise social
         loader publish bio by=kone
         loader publish projet by=kone type=80788-3",
        "social search -> projet",
    );
}

#[test]
fn an_occupational_doctor_searches_and_reads_no_content() {
    table(
        SETUP,
        "travail        search        -> bio rx psy h r mien remb
         travail        read bio      -> refused AccessDenied FCT-5
         travail        text          -> refused AccessDenied FCT-5
         travail        export        -> refused AccessDenied FCT-5
         travail        publish sien ; travail read sien -> refused AccessDenied FCT-5
         travail        publish sien ; travail ref sien  -> sien
         travail/glace  search        -> refused AccessDenied FCT-5
         # by sector as by speciality
         kone/sa13      search        -> bio rx psy h r mien remb
         kone/sa13      read bio      -> refused AccessDenied FCT-5",
    );
}

#[test]
fn cards_without_a_professional_and_certificates_read_nothing() {
    table(
        SETUP,
        "cpe0            search      -> refused AccessDenied FCT-1
         cpe0            read bio    -> refused AccessDenied FCT-1
         cpe0            journal     -> refused AccessDenied FCT-1
         pe0             read bio    -> refused AccessDenied FCT-1
         cert0           search      -> refused AccessDenied FCT-1
         cert0           read bio    -> refused AccessDenied FCT-1
         cert0/samu      read bio    -> refused AccessDenied FCT-1
         martin/indirect read bio    -> refused AccessDenied FCT-1
         martin/indirect search      -> refused AccessDenied FCT-1
         # the reference of their own documents, to delete them
         cpe0            ref bio     -> bio
         cert0           ref m       -> m
         martin/indirect ref bio     -> bio
         cert0           ref mien    -> refused UnknownDocument CON-5
         cert1           ref bio     -> refused UnknownDocument CON-5
         cert1           ref absent  -> refused UnknownDocument CON-5",
    );
}

#[test]
fn the_reference_of_ones_own_document_needs_no_authorisation() {
    table(
        "cpam open born=20150301 reps=mere:parent
         martin publish bio
         martin publish m masked
         roux publish autre
         patient publish mien
         patient hide-reps mien
         martin publish h hidden",
        "martin  ref bio    -> bio
         martin  ref m      -> m
         martin  ref autre  -> refused UnknownDocument CON-5
         martin  ref absent -> refused UnknownDocument CON-5
         martin  read bio   -> refused NotAuthorised ACC-5
         martin  search     -> refused NotAuthorised ACC-5
         patient ref bio    -> bio
         patient ref h      -> refused UnknownDocument CON-5
         patient ref mien   -> mien
         mere    ref mien   -> refused UnknownDocument CON-5",
    );
}

#[test]
fn statuses_are_asked_for_and_what_the_patient_deletes_is_gone_for_the_others() {
    table(
        "cpam open
         patient authorise kone
         patient authorise roux mt profession=10
         martin publish a
         martin publish d
         martin publish p
         patient publish mien
         martin archive a
         martin delete d
         martin publish q replaces=p
         patient delete mien",
        "kone    statuses                  -> a:Archived p:Deprecated q:Approved<p
         kone    search status=Archived    -> a
         kone    search status=Deleted     -> d
         kone    search status=Approved    -> q
         kone    read d                    -> d
         kone    read p a                  -> p a
         patient search status=Deleted     -> d mien
         kone    read mien                 -> refused UnknownDocument VIS-10
         roux    read mien                 -> refused UnknownDocument VIS-10
         roux    search status=Deleted     -> d
         patient read mien                 -> mien
         kone    text                      -> a p q
         kone    related p                 -> p q
         kone    related q                 -> p q
         kone    related a                 -> a
         kone    related absent            -> none
         # a lot is archived when all its documents are
         kone    sets                      -> lot-a(a) lot-d(d) lot-p(p) lot-q(q)
         kone    sets-archived             -> lot-a(a)",
    );
}

#[test]
fn a_lot_shows_its_visible_members_and_no_more() {
    table(
        "cpam open
         patient authorise kone
         martin publish a + m masked + h hidden lot=trois
         martin publish m2 masked",
        "kone    sets                -> lot-trois(a,h)
         patient sets                -> lot-trois(a,m) lot-m2(m2)
         kone    set trois           -> lot-trois(a,h)
         kone    set m2              -> none
         kone    set absent          -> none
         kone    associations a m h  -> 2
         patient associations a m h  -> 2
         cert0   sets                -> refused AccessDenied FCT-1
         # what a lot points to is found as it is today, by any of its entryUUIDs
         patient mask a ; patient sets           -> lot-trois(a,m) lot-m2(m2)
         patient mask a ; patient associations a -> 1
         patient mask a ; patient associations a@1 -> 1
         patient mask a ; kone sets              -> lot-trois(h)",
    );
}

/// The members of a lot are the latest versions of their metadata.
#[test]
fn a_lot_shows_its_documents_as_they_are_today() {
    use crate::common::cast::actor;
    use crate::common::script::run;
    use dmp_dossier::{Query, View};
    let mut bench = crate::common::Bench::new();
    for line in ["cpam open", "martin publish a", "patient mask a"] {
        assert_eq!(run(&mut bench, line), "done");
    }
    let view = bench.look(&actor("patient"), &Query::FindSubmissionSets(Box::default()));
    let Ok(View::Sets(sets)) = view else { panic!("lots are sets") };
    let member = &sets[0].members[0].entry;
    assert_eq!((member.version, member.visibility.masked), (2, true));
    assert_eq!(sets[0].associations[0].target, member.entry_uuid);
}

#[test]
fn the_state_of_the_dossier_is_told_to_any_actor_of_the_matrix() {
    table(
        SETUP,
        "patient   status -> active NON_EXISTE
         mere      status -> active NON_EXISTE
         duval     status -> active NON_EXISTE
         kone      status -> active VALIDE
         roux      status -> active VALIDE mt
         cpe0      status -> active VALIDE
         cert1     status -> active NON_EXISTE
         cpam      status -> active NON_EXISTE
         loader    status -> active NON_EXISTE
         travail/samu status -> refused AccessDenied FCT-5
         pilot     status -> refused AccessDenied FCT-6
         autre     status -> refused UnknownPatient FCT-3
         duval     administrative -> mere
         insurer   administrative -> refused AccessDenied FCT-6",
    );
}

#[test]
fn the_whole_record_is_taken_by_who_reads_it_whole() {
    table(
        SETUP,
        "patient   export -> bio rx psy resid m r mien remb
         mere      export -> bio rx psy resid m mien remb
         roux      export -> bio rx psy m h r mien remb
         kone      export -> refused AccessDenied FCT-1
         roux/glace export -> refused AccessDenied FCT-1
         insurer   export -> refused AccessDenied FCT-6",
    );
}
