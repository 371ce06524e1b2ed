//! The journal: which lines each reader sees, and how much of each. A line reads `Act(documents)`, with `!Reason`
//! after the act when it was refused.

use crate::table;

const SETUP: &str = "cpam open born=20150301 reps=mere:parent
     patient authorise kone
     patient authorise roux mt profession=10";

#[test]
fn the_patient_and_the_medecin_traitant_read_everything_a_professional_his_own() {
    table(
        &format!("{SETUP}\nmartin publish bio"),
        "patient journal -> Open Authorise NameMedecinTraitant Feed(bio)
         roux    journal -> Open Authorise NameMedecinTraitant Feed(bio)
         kone    journal -> none
         mere    journal -> Open Authorise NameMedecinTraitant Feed(bio)
         martin  journal -> refused NotAuthorised ACC-5
         cpe0    journal -> refused AccessDenied FCT-1
         insurer journal -> refused AccessDenied FCT-6
         cpam    journal -> refused AccessDenied FCT-2
         roux/glace journal -> refused AccessDenied FCT-1
         kone    search ; kone read bio ; kone journal    -> Search(bio) Read(bio)
         kone    search ; roux journal                    -> Open Authorise NameMedecinTraitant Feed(bio) Search(bio)
         duval   search ; patient journal -> Open Authorise NameMedecinTraitant Feed(bio) Search!NotAuthorised
         # a year of his own traces
         kone    read bio ; wait 364d ; kone journal      -> Read(bio)
         kone    read bio ; wait 366d ; patient authorise kone ; kone journal -> none",
    );
}

#[test]
fn a_line_about_a_document_its_reader_may_not_see_is_absent_until_he_may() {
    table(
        &format!("{SETUP}\nmartin publish h hidden\nroux read h"),
        "patient journal                              -> Open Authorise NameMedecinTraitant
         mere    journal                              -> Open Authorise NameMedecinTraitant
         roux    journal                              -> Open Authorise NameMedecinTraitant Feed(h) Read(h)
         wait 7d ; patient journal                    -> Open Authorise NameMedecinTraitant Feed(h) Read(h)
         roux announce h ; patient journal            -> Open Authorise NameMedecinTraitant Feed(h) Read(h) MakeVisible(h)
         wait 7d ; system release ; patient journal   -> Open Authorise NameMedecinTraitant Feed(h) Read(h) ReleaseAnnouncement(h)",
    );
    table(
        &format!("{SETUP}\nmartin publish a + h hidden lot=deux\nkone read a h"),
        "patient journal                              -> Open Authorise NameMedecinTraitant Feed(a) Read(a)
         roux    journal                              -> Open Authorise NameMedecinTraitant Feed(a,h) Read(a,h)",
    );
    // A search keeps its line: it would be there without the hidden document too.
    table(
        &format!("{SETUP}\nmartin publish h hidden\nkone search\nkone text"),
        "patient journal -> Open Authorise NameMedecinTraitant Search Search
         roux    journal -> Open Authorise NameMedecinTraitant Feed(h) Search(h) Search(h)",
    );
}

/// What one tries on a document one may not know of reads like what one tries on none.
#[test]
fn a_refusal_on_a_hidden_document_reads_like_one_on_no_document() {
    table(
        &format!("{SETUP}\nmartin publish h hidden\nmartin publish m masked"),
        "patient read h ; patient journal        -> Open Authorise NameMedecinTraitant Feed(m) Read!UnknownDocument
         patient read absent ; patient journal   -> Open Authorise NameMedecinTraitant Feed(m) Read!UnknownDocument
         kone read m ; kone journal              -> Read!UnknownDocument
         kone read absent ; kone journal         -> Read!UnknownDocument
         kone unmask m ; kone journal            -> MakeVisible!UnknownDocument
         kone unmask absent ; kone journal       -> MakeVisible!UnknownDocument
         kone mask m ; kone journal              -> MakeVisible!UnknownDocument
         kone mask absent ; kone journal         -> MakeVisible!UnknownDocument
         kone delete m ; kone journal            -> Delete!UnknownDocument
         patient announce h ; patient journal    -> Open Authorise NameMedecinTraitant Feed(m) MakeVisible!UnknownDocument
         # the patient is told what was tried on his masked document
         kone unmask m ; patient journal         -> Open Authorise NameMedecinTraitant Feed(m) Unmask!UnknownDocument(m)
         # a refusal that tells of the document goes with it
         kone delete h ; patient journal         -> Open Authorise NameMedecinTraitant Feed(m)
         kone delete h ; roux journal -> Open Authorise NameMedecinTraitant Feed(h) Feed(m) Delete!NotAuthor(h)
         duval read h ; patient journal          -> Open Authorise NameMedecinTraitant Feed(m) Read!NotAuthorised",
    );
}

#[test]
fn representatives_read_no_secret_session_and_no_line_on_what_is_hidden_from_them() {
    table(
        &format!("{SETUP}\nkone/secret publish r reps\nkone/secret search\nkone read r"),
        "mere    journal -> Open Authorise NameMedecinTraitant
         patient journal -> Open Authorise NameMedecinTraitant Feed(r) Search(r) Read(r)
         patient show-reps r ; mere journal -> Open Authorise NameMedecinTraitant Read(r) MakeVisible(r)",
    );
}

#[test]
fn a_replacement_is_told_whole_or_as_a_deposit_or_not_at_all() {
    table(
        &format!("{SETUP}\nmartin publish bio"),
        "martin publish new replaces=bio ; patient journal -> Open Authorise NameMedecinTraitant Feed(bio) Replace(bio,new)
         martin publish new replaces=bio hidden ; patient journal -> Open Authorise NameMedecinTraitant Feed(bio)
         martin publish new replaces=bio hidden + rx lot=deux ; patient journal -> Open Authorise NameMedecinTraitant Feed(bio) Feed(rx)
         martin publish new replaces=bio ; patient mask bio ; roux journal -> Open Authorise NameMedecinTraitant Feed(bio) Replace(bio,new) Mask(bio)
         martin publish new replaces=absent ; patient journal -> Open Authorise NameMedecinTraitant Feed(bio) Replace!ReplaceFailed
         kone publish new replaces=bio ; patient journal -> Open Authorise NameMedecinTraitant Feed(bio) Replace!NotAuthor(bio)",
    );
    // The old one hidden from the child's parents: a deposit like any other.
    table(
        &format!("{SETUP}\nmartin publish bio reps\nmartin publish new replaces=bio"),
        "mere journal -> Open Authorise NameMedecinTraitant Feed(new)",
    );
}

/// Facts and digests of a line go with the documents they are about.
#[test]
fn a_line_carries_no_fact_about_a_document_that_it_does_not_name() {
    use crate::common::cast::actor;
    use crate::common::script::run;
    use dmp_dossier::Fact;
    let mut bench = crate::common::Bench::new();
    for line in SETUP.lines().chain(["martin publish a + h hidden + b reps lot=trois"]) {
        assert_eq!(run(&mut bench, line.trim()), "done");
    }
    let facts = |who: &str| {
        let lines = bench.lines(&actor(who)).unwrap();
        let deposit = lines.last().unwrap();
        deposit.facts.iter().filter(|f| matches!(f, Fact::DocumentRegistered { .. })).count()
    };
    assert_eq!([facts("roux"), facts("patient"), facts("mere")], [3, 2, 1]);
}
