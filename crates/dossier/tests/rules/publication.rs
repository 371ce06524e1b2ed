//! Deposits: patient, types, authors, visibility, identifiers, limits.

use crate::table;

const OPEN: &str = "cpam open born=20150301 reps=mere:parent";

#[test]
fn feeding_needs_no_authorisation_and_not_every_column_has_it() {
    table(
        OPEN,
        "martin        publish bio          -> done
         petit         publish bio          -> done
         martin/samu   publish bio          -> done
         martin/glace  publish bio          -> done
         martin/psc    publish bio          -> done
         martin/indirect publish bio        -> done
         travail       publish bio          -> done
         etudiant      publish bio          -> done
         social        publish bio          -> done
         cpe0          publish bio          -> done
         cert0         publish bio          -> done
         cert0/samu    publish bio          -> done
         insurer       publish remb         -> done
         patient       publish mien         -> done
         mere          publish mien         -> done
         martin/air    publish bio          -> refused AccessDenied FCT-1
         pe0           publish bio          -> refused AccessDenied FCT-1
         travail/glace publish bio          -> refused AccessDenied FCT-5
         autre         publish mien         -> refused UnknownPatient FCT-3",
    );
}

#[test]
fn every_object_names_the_patient_of_the_dossier() {
    table(
        OPEN,
        "martin publish bio ins=284073523811416 born=20150301 sex=F  -> done
         martin publish bio ins=118033523802725                      -> refused PatientMismatch PUB-1
         martin publish bio patient-id=118033523802725               -> refused PatientMismatch PUB-1
         martin publish bio born=20150302                            -> refused PatientMismatch PUB-1
         martin publish bio born=201503011030                        -> done
         martin publish bio born=2015                                -> done
         martin publish bio sex=M                                    -> refused PatientMismatch PUB-1
         martin publish bio sex=U                                    -> done",
    );
}

#[test]
fn a_type_is_current_and_gives_its_class() {
    table(
        OPEN,
        "martin publish bio type=11502-2            -> done
         martin publish bio type=11502-2 class=31   -> refused RegistryMetadata PUB-2
         martin publish bio type=NOPE               -> refused RegistryMetadata PUB-2
         martin publish bio type=11493-4            -> refused RegistryMetadata PUB-2
         martin publish bio title=0                 -> refused RegistryMetadata PUB-2
         martin publish bio title=255               -> done
         martin publish bio title=256               -> refused RegistryMetadata PUB-2",
    );
    table(
        "param historic
         cpam open",
        "martin publish bio type=11493-4 -> done",
    );
}

#[test]
fn some_types_are_reserved_to_their_author() {
    table(
        OPEN,
        "martin  publish remb type=REMB                -> refused AccessDenied PUB-3
         patient publish remb type=REMB                -> refused AccessDenied PUB-3
         insurer publish remb                          -> done
         insurer publish bio type=11502-2              -> refused AccessDenied PUB-3
         martin  publish mien type=EXPPAT_1            -> refused AccessDenied PUB-3
         martin  publish mien type=DOCPAT02            -> refused AccessDenied PUB-3
         martin  publish mien type=74465-6             -> refused AccessDenied PUB-3
         martin  publish mien type=EXPPAT_1 by=patient sender=martin -> refused AccessDenied PUB-3
         patient publish mien type=EXPPAT_1            -> done
         patient publish mien type=74465-6             -> done
         patient publish bio type=11502-2              -> refused AccessDenied PUB-3
         patient publish mien by=martin                -> refused AccessDenied PUB-3
         # the loader deposits in the name of the author it read
         loader  publish mien type=EXPPAT_1 by=patient -> done
         loader  publish mien type=EXPPAT_1 by=martin  -> refused AccessDenied PUB-3
         loader  publish remb type=REMB by=amo         -> done
         loader  publish remb type=REMB by=martin      -> refused AccessDenied PUB-3
         loader  publish bio by=martin                 -> done",
    );
}

#[test]
fn one_author_of_the_lot_is_of_the_depositing_structure() {
    table(
        OPEN,
        "martin  publish bio by=none                        -> refused InvalidContent PUB-4
         martin  publish bio by=kone                        -> refused AuthorInstitution PUB-5
         martin  publish bio by=martin@1                    -> refused AuthorInstitution PUB-5
         martin  publish bio by=kone,petit                  -> done
         martin  publish bio by=kone sender=petit           -> done
         martin  publish bio by=kone + rx by=petit lot=deux -> done
         martin/sans-structure publish bio by=martin@1      -> done
         martin/sans-structure publish bio by=kone          -> refused AuthorInstitution PUB-5
         cert0   publish bio by=martin                      -> done
         cert1   publish bio by=martin                      -> refused AuthorInstitution PUB-5
         loader  publish bio by=kone                        -> done",
    );
    table(
        "param any-author
         cpam open",
        "martin publish bio by=kone -> done",
    );
}

#[test]
fn visibility_asked_at_deposit() {
    table(
        OPEN,
        "martin  publish bio masked                  -> done
         martin  publish bio hidden                  -> done
         martin  publish bio reps                    -> done
         martin  publish bio masked reps             -> done
         martin  publish bio masked hidden           -> refused RegistryMetadata PUB-6
         patient publish mien hidden                 -> refused RegistryMetadata PUB-14
         insurer publish remb hidden                 -> refused RegistryMetadata PUB-14
         loader  publish mien by=patient hidden      -> refused RegistryMetadata PUB-14
         patient publish mien masked                 -> done
         cert0   publish bio hidden                  -> done",
    );
    table(
        "param cumul
         cpam open",
        "martin publish bio masked hidden -> done",
    );
}

#[test]
fn an_announcement_ends_on_its_date_at_the_latest() {
    table(
        OPEN,
        "martin publish bio hidden days=14                     -> done
         martin publish bio hidden days=15                     -> refused RegistryMetadata PUB-7
         martin publish bio hidden days=0                      -> refused RegistryMetadata PUB-7
         martin publish bio days=3                             -> refused RegistryMetadata PUB-7
         martin publish bio hidden ; patient search            -> none
         martin publish bio hidden ; wait 6d ; patient search  -> none
         martin publish bio hidden ; wait 7d ; patient search  -> bio
         martin publish bio hidden days=3 ; wait 3d ; patient search -> bio
         # what is hidden from the patient is hidden from who represents them, for as long
         martin publish bio hidden ; mere search               -> none
         martin publish bio hidden ; wait 7d ; mere search     -> bio
         martin publish bio hidden reps ; wait 7d ; mere search -> none",
    );
}

/// Hidden from the patient is not enough in a secret session: it ends, and the parents would read it then.
#[test]
fn in_a_secret_session_only_documents_hidden_from_representatives() {
    table(
        OPEN,
        "martin/secret publish bio               -> refused RegistryMetadata PUB-8
         martin/secret publish bio hidden        -> refused RegistryMetadata PUB-8
         martin/secret publish bio reps          -> done
         martin/secret publish bio hidden reps   -> done
         martin/secret publish bio reps ; mere search    -> none
         martin/secret publish bio reps ; patient search -> bio",
    );
}

#[test]
fn a_unique_id_serves_once_and_a_lot_sent_twice_is_one() {
    table(
        "cpam open
         martin publish bio
         martin publish a + b lot=deux",
        "martin publish bio                           -> nothing_to_do
         martin publish bio lot=autre                 -> nothing_to_do
         martin publish bio hash=9                    -> refused NonIdenticalHash PUB-9
         martin publish bio + rx lot=trois            -> refused NonIdenticalHash PUB-9
         martin publish rx lot=bio                    -> refused DuplicateUniqueId PUB-9
         martin publish rx + rx                       -> refused DuplicateUniqueIdInMessage PUB-9
         martin publish a + b lot=deux                -> nothing_to_do
         martin publish b                             -> nothing_to_do
         # the structure may repeat what it deposited; to anybody else it is a taken identifier
         petit  publish bio by=martin                 -> nothing_to_do
         cert0  publish bio by=martin                 -> nothing_to_do
         kone   publish bio                           -> refused NonIdenticalHash PUB-9
         kone   publish bio hash=9                    -> refused NonIdenticalHash PUB-9
         kone   publish bio by=martin                 -> refused NonIdenticalHash PUB-9
         insurer publish bio                          -> refused NonIdenticalHash PUB-9
         patient publish bio                          -> refused NonIdenticalHash PUB-9
         # the same words, whoever owns the other document and whoever may see it
         patient mask bio ; kone publish bio          -> refused NonIdenticalHash PUB-9
         martin delete bio ; kone publish bio         -> refused NonIdenticalHash PUB-9
         martin delete bio ; martin publish bio       -> nothing_to_do",
    );
    // Whoever sent the lot may send it again, though its documents name other authors only.
    table(
        "cpam open
         martin publish bio by=kone sender=martin",
        "martin publish bio by=kone sender=martin -> nothing_to_do
         kone   publish bio by=kone               -> nothing_to_do
         duval  publish bio by=kone               -> nothing_to_do
         lenoir publish bio by=kone               -> refused NonIdenticalHash PUB-9",
    );
}

/// A repeated lot is answered as the first time, whatever became of the documents since.
#[test]
fn the_answer_to_a_repeated_lot_is_the_first_one() {
    use crate::common::cast::actor;
    use crate::common::deposit::{lot, metadata};
    use crate::common::script::{by_name, run};
    use dmp_dossier::{Availability, Command, DocumentDraft, Dtm, Receipt, Visibility};
    let mut bench = crate::common::Bench::new();
    run(&mut bench, "cpam open");
    let draft = DocumentDraft {
        metadata: metadata("bio", "11502-2", &["martin"], Dtm::from_time(bench.now)),
        declared: None,
        visibility: Visibility::VISIBLE,
        release_at: None,
        replaces: None,
    };
    let command = Command::Publish(Box::new(lot(&bench, "bio", None, vec![draft])));
    let (first, _) = bench.execute(&actor("martin"), &command).unwrap();
    for line in ["patient mask bio", "martin archive bio", "martin publish fin replaces=bio"] {
        run(&mut bench, line);
    }
    let (again, changes) = bench.execute(&actor("martin"), &command).unwrap();
    assert!(changes.is_empty());
    assert_eq!(first, again);
    let Receipt::Published { documents, .. } = again else { panic!("a lot is answered as a lot") };
    assert_eq!((documents[0].version, documents[0].status), (1, Availability::Approved));
    assert_eq!(bench.dossier.find(&by_name("bio")).unwrap().1.version, 2);
}

#[test]
fn limits_dates_and_versions() {
    table(
        OPEN,
        "martin publish                                    -> refused RegistryMetadata PUB-11
         martin publish bio size=10485760                  -> done
         martin publish bio size=10485761                  -> refused TooLarge PUB-11
         martin publish a size=9000000 + b size=9000000 + c size=9000000 + d size=9000000 -> refused TooLarge PUB-11
         martin publish a + b + c + d + e + f + g + h + i + j     -> done
         martin publish a + b + c + d + e + f + g + h + i + j + k -> refused TooLarge PUB-11
         martin publish bio created=18991231               -> refused RepositoryMetadata PUB-12
         martin publish bio created=19000101               -> done
         martin publish bio created=202706021100           -> done
         martin publish bio created=20270603               -> refused RepositoryMetadata PUB-12
         martin publish v2 setid=s version=2 ; martin publish v1 setid=s version=1 -> refused RepositoryMetadata PUB-13
         martin publish v2 setid=s version=2 ; martin publish v3 setid=s version=3 -> done
         martin publish v2 setid=s version=2 ; martin publish v1 setid=t version=1 -> done
         martin publish v2 setid=s version=2 ; martin delete v2 ; martin publish v1 setid=s version=1 -> done",
    );
}
