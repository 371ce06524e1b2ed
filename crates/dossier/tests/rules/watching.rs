//! First visits, reviews of bris de glace, reports and answers. A case reads `Kind:who:due=MMDDhhmm`, answered or not.
//!
//! `martin`, `roux` and `petit` are of the structure of `referent0`, `kone` and `duval` of that of `referent1`. The first of
//! June 2027 is a Tuesday.

use crate::common::Bench;
use crate::common::cast::{actor, ps_id};
use crate::common::script::run;
use crate::table;

const SETUP: &str = "cpam open born=20150301 reps=mere:parent,tuteur:guardian
     patient authorise martin
     patient authorise kone
     martin publish bio
     martin publish h hidden
     martin publish r reps";

/// Plays lines, and says who visited.
fn visitors(lines: &[&str]) -> Vec<&'static str> {
    let mut bench = Bench::new();
    for line in SETUP.lines().chain(lines.iter().copied()) {
        run(&mut bench, line.trim());
    }
    let people = crate::common::cast::PEOPLE;
    let word = |who: &dmp_dossier::PsId| (0..people.len()).find(|n| ps_id(*n) == *who).map(|n| people[n].0);
    bench.dossier.state.visitors.iter().filter_map(|(who, _)| word(who)).collect()
}

#[test]
fn the_first_read_of_a_professional_is_a_visit_once() {
    for (lines, who) in [
        (&["martin search"][..], &["martin"][..]),
        (&["martin search", "martin read bio", "wait 9d", "martin search"], &["martin"]),
        (&["martin rights", "kone text"], &["martin", "kone"]),
        (&["duval/glace search"], &["duval"]),
        (&["kone/samu read bio"], &["kone"]),
        (&["petit administrative"], &["petit"]),
        (&["martin ref bio"], &["martin"]),
        (&["martin/air search"], &["martin"]),
        // To ask whether there is a dossier, to be refused, to deposit: nothing was read.
        (&["martin status"], &[]),
        (&["duval search", "duval read bio"], &[]),
        (&["kone publish rx"], &[]),
        // In secret, or on what the patient or a representative may not know of.
        (&["martin/secret search"], &[]),
        (&["martin/secret search", "martin search"], &["martin"]),
        (&["martin read h"], &[]),
        (&["martin read r"], &[]),
        (&["martin read h bio"], &["martin"]),
        (&["martin read h", "wait 7d", "martin read h"], &["martin"]),
        // Nobody else is a professional authenticated as a person.
        (&["martin/indirect status", "cpe0 administrative", "cpam administrative", "patient search"], &[]),
    ] {
        assert_eq!(visitors(lines), who, "{lines:?}");
    }
}

/// VEI-1: one review for what one bris de glace reads in an hour; 72 hours to answer, weekends included.
#[test]
fn each_bris_de_glace_opens_one_review() {
    table(
        SETUP,
        "duval/glace search ; patient cases    -> BrisDeGlace:duval:due=06041200
         duval/glace search ; duval/glace read bio ; wait 59m ; duval/glace search ; patient cases -> BrisDeGlace:duval:due=06041200
         duval/glace search ; wait 60m ; duval/glace search ; patient cases -> BrisDeGlace:duval:due=06041200 BrisDeGlace:duval:due=06041300
         duval/glace search ; kone/glace search ; patient cases -> BrisDeGlace:duval:due=06041200 BrisDeGlace:kone:due=06041200
         duval/glace status ; patient cases             -> none
         duval/glace-sans-motif search ; patient cases  -> none
         duval/samu search ; patient cases              -> none
         patient emergency no-glace ; duval/glace search ; patient cases -> none
         patient block duval ; duval/glace search ; patient cases        -> none
         # a secret session does not stand for one that is not, nor the other way round
         duval/glace/secret search ; duval/glace search ; patient cases  -> BrisDeGlace:duval:due=06041200 BrisDeGlace:duval:due=06041200
         duval/glace/secret search ; duval/glace search ; mere cases     -> BrisDeGlace:duval:due=06041200",
    );
}

/// What is hidden is told of no more in emergency, and the access is told.
#[test]
fn a_bris_de_glace_on_a_hidden_document_alone_reads_like_a_search() {
    table(
        SETUP,
        "lenoir/glace read h ; patient journal -> Open Authorise Authorise Feed(bio) Feed(r) Read!UnknownDocument
         roux/glace read h ; patient journal   -> Open Authorise Authorise Feed(bio) Feed(r) Search
         roux/glace read h ; patient cases     -> BrisDeGlace:roux:due=06041200
         roux/glace read r ; mere journal      -> Open Authorise Authorise Feed(bio) Search
         roux/glace read h ; roux/glace read h ; patient journal -> Open Authorise Authorise Feed(bio) Feed(r) Search
         roux/glace read h bio ; patient journal -> Open Authorise Authorise Feed(bio) Feed(r) Read(bio)
         roux/glace read h ; wait 8d ; patient journal -> Open Authorise Authorise Feed(bio) Feed(h) Feed(r) Read(h)",
    );
}

/// VEI-2: five working days; the second and later reports of one access change nothing.
#[test]
fn the_patient_reports_an_access_once() {
    table(
        &format!("{SETUP}\nmartin search"),
        "patient report martin ; patient cases            -> Reported:martin:due=06081200
         mere    report martin ; patient cases            -> Reported:martin:due=06081200
         wait 3d ; patient report martin ; patient cases  -> Reported:martin:due=06111200
         wait 4d ; patient report martin ; patient cases  -> Reported:martin:due=06111200
         wait 5d ; patient report martin ; patient cases  -> Reported:martin:due=06111200
         patient report martin ; patient report martin    -> nothing_to_do
         patient report martin ; mere report martin       -> nothing_to_do
         patient report martin ; wait 1m ; patient report martin ago=1 -> nothing_to_do
         patient report martin ; wait 1m ; patient report martin       -> done
         patient report martin ; patient report kone      -> done
         # an access in emergency has its review already, and the report is one more case
         duval/glace search ; patient report duval/glace ; patient cases -> BrisDeGlace:duval:due=06041200 Reported:duval:due=06081200
         patient report mere                              -> done
         patient report cert0                             -> done
         patient report patient                           -> refused InvalidRequest VEI-2
         patient report martin ago=-1                     -> refused InvalidRequest VEI-2
         patient report martin chars=0                    -> done
         patient report martin chars=1000                 -> done
         patient report martin chars=1001                 -> refused InvalidRequest VEI-2
         patient report martin controls                   -> refused InvalidRequest VEI-2
         # what a representative may not know of is not theirs to report
         patient report martin/secret                     -> done
         mere    report martin/secret                     -> refused InvalidRequest VEI-2
         martin  report kone                              -> refused AccessDenied FCT-1
         cpam    report kone                              -> refused AccessDenied FCT-2
         referent0 report kone                            -> refused AccessDenied FCT-2
         autre   report martin                            -> refused UnknownPatient FCT-3
         patient close ; patient report martin            -> refused DossierClos ACC-1",
    );
    let many: Vec<String> = (0..50).map(|n| format!("patient report martin ago={n}")).collect();
    table(
        &format!("{SETUP}\n{}", many.join("\n")),
        "patient report martin ago=50              -> refused InvalidRequest VEI-2
         patient report martin ago=49              -> nothing_to_do
         referent0 answer 7 ; patient report martin ago=50 -> done",
    );
}

#[test]
fn cases_are_the_patients_and_those_of_a_structure_its_referents() {
    table(
        &format!("{SETUP}\nkone/glace search\npetit/glace/secret search\npatient report martin"),
        "patient   cases -> BrisDeGlace:kone:due=06041200 BrisDeGlace:petit:due=06041200 Reported:martin:due=06081200
         mere      cases -> BrisDeGlace:kone:due=06041200 Reported:martin:due=06081200
         tuteur    cases -> BrisDeGlace:kone:due=06041200 Reported:martin:due=06081200
         referent0 cases -> BrisDeGlace:petit:due=06041200 Reported:martin:due=06081200
         referent1 cases -> BrisDeGlace:kone:due=06041200
         referent2 cases -> none
         inconnu   cases -> refused UnknownPatient FCT-3
         martin    cases -> refused AccessDenied FCT-1
         roux      cases -> refused AccessDenied FCT-1
         cpam      cases -> refused AccessDenied FCT-2
         pilot     cases -> refused AccessDenied FCT-6
         referent0 search         -> refused AccessDenied FCT-2
         referent0 read bio       -> refused AccessDenied FCT-2
         referent0 status         -> refused AccessDenied FCT-2
         referent0 journal        -> refused AccessDenied FCT-2
         referent0 administrative -> refused AccessDenied FCT-2
         patient close ; referent0 cases -> refused DossierClos ACC-1",
    );
}

#[test]
fn a_referent_answers_once() {
    table(
        &format!("{SETUP}\nkone/glace search\npatient report martin"),
        "referent0 answer 1                 -> done
         referent0 answer 1 ; patient cases -> BrisDeGlace:kone:due=06041200 Reported:martin:due=06081200:answered
         referent0 answer 1 ; wait 1m ; referent0 answer 1        -> nothing_to_do
         referent0 answer 1 ; referent0 answer 1 chars=20         -> refused CaseAnswered VEI-2
         wait 30d ; referent0 answer 1                            -> done
         # one of another structure is none
         referent0 answer 0                 -> refused InvalidRequest VEI-3
         referent0 answer 9                 -> refused InvalidRequest VEI-3
         referent0 answer 1 chars=9         -> refused InvalidRequest VEI-3
         referent0 answer 1 chars=10        -> done
         referent0 answer 1 chars=2000      -> done
         referent0 answer 1 chars=2001      -> refused InvalidRequest VEI-3
         referent0 answer 1 controls        -> refused InvalidRequest VEI-3
         patient   answer 1                 -> refused AccessDenied VEI-3
         mere      answer 1                 -> refused AccessDenied VEI-3
         martin    answer 1                 -> refused AccessDenied FCT-1
         insurer   answer 1                 -> refused AccessDenied FCT-6",
    );
}

/// What is about a secret session leaves nothing on the screens of a representative.
#[test]
fn lines_about_a_secret_session_are_not_a_representatives() {
    let last = "Open Authorise Authorise Feed(bio)";
    let secret =
        format!("{SETUP}\nmartin/secret search\npatient report martin/secret\npatient report martin/secret");
    table(
        &secret,
        &format!(
            "mere journal -> {last}
             referent0 cases ; referent0 answer 0 ; mere journal -> {last}
             patient report martin/secret controls ; mere journal -> {last}
             patient report martin ; mere journal -> {last} ReportAccess
             patient report martin ; referent0 cases ; referent0 answer 1 ; mere journal -> {last} ReportAccess ReviewAccess ReviewAccess
             patient report kone ; referent0 cases ; referent1 cases ; mere journal -> {last} ReportAccess ReviewAccess
             mere report martin ; mere journal -> {last} ReportAccess
             duval/glace/secret search ; mere journal -> {last}
             duval/glace search ; referent1 cases ; mere journal -> {last} Search(bio,h,r) ReviewAccess"
        )
        .replace("Search(bio,h,r)", "Search(bio)"),
    );
    let mut bench = Bench::new();
    for line in secret.lines().chain(["referent0 cases", "referent0 answer 0"]) {
        run(&mut bench, line.trim());
    }
    let acts: Vec<dmp_dossier::Act> =
        bench.lines(&actor("patient")).unwrap().into_iter().map(|line| line.act).collect();
    use dmp_dossier::Act::{ReportAccess, ReviewAccess};
    assert_eq!(acts[acts.len() - 4..], [ReportAccess, ReportAccess, ReviewAccess, ReviewAccess]);
}
