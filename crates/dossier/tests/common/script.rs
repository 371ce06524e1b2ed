//! The little language of the rule tables: one line, one act, one outcome.
//!
//! `who verb what… -> outcome`. Several acts on one line are separated by `;`, the outcome is the last one's.
//! `wait 3d`, `wait 480m` move the clock; `param hide_visible` changes a parameter. Documents have short names; their
//! uniqueId spells the name. An outcome is `done`, `nothing_to_do`, `refused <Reason> <RULE>`, or what a read shows.

use super::cast::{self, PATIENT, actor, grantee, ins};
use super::deposit::publish;
use super::{Bench, time};
use dmp_dossier::{
    Act, ActorTrace, AnswerCase, Authorise, Availability, BirthSought, CaseOutcome, ChangeStatus,
    ChangeVisibility, Choice, ChoiceSubject, ClosureReason, Command, ConsentProof, Contact, DocumentEntry,
    DocumentFilter, DocumentRef, DocumentUid, Dtm, Emergency, GranteeLabel, JournalEntry, ListAsked, ListBy,
    Notices, Open, OtpAction, OtpChannel, Query, Refusal, Relation, ReportAccess, Representative, Row,
    SeenDocument, SetFilter, SetRef, Sex, Time, Traits, TraitsSought, View, Visibility, WebAccessDraft,
};
use uuid::Uuid;

/// Runs each row on its own copy of the dossier that `setup` makes, and compares every outcome.
pub fn table(setup: &str, rows: &str) {
    let mut bench = Bench::new();
    for line in lines(setup) {
        let outcome = run(&mut bench, line);
        assert!(!outcome.starts_with("refused "), "setup line `{line}` gave `{outcome}`");
    }
    let mut wrong = Vec::new();
    for row in lines(rows) {
        let (left, expected) = row.split_once("->").unwrap_or_else(|| panic!("no `->` in `{row}`"));
        let expected = expected.trim();
        let mut bench = bench.clone();
        let outcome = left.split(';').map(|act| run(&mut bench, act.trim())).last().unwrap_or_default();
        if outcome != expected {
            wrong.push(format!("{}  -> {outcome}\n      expected {expected}", left.trim_end()));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The uniqueId that spells a name.
pub fn uid(name: &str) -> DocumentUid {
    let arcs: Vec<String> = name.bytes().map(|b| b.to_string()).collect();
    DocumentUid::parse(&format!("1.2.250.1.999.{}", arcs.join("."))).unwrap()
}

/// The name a uniqueId spells.
pub fn name_of(uid: &DocumentUid) -> String {
    let arcs = uid.as_str().strip_prefix("1.2.250.1.999.").unwrap_or_default();
    arcs.split('.').filter_map(|arc| arc.parse::<u8>().ok()).map(char::from).collect()
}

pub fn by_name(name: &str) -> DocumentRef {
    DocumentRef::UniqueId(uid(name))
}

/// A value `key=value` among the words.
pub fn value<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    words.iter().find_map(|w| w.strip_prefix(key)?.strip_prefix('='))
}

pub fn has(words: &[&str], flag: &str) -> bool {
    words.contains(&flag)
}

pub fn visibility(words: &[&str]) -> Visibility {
    Visibility {
        masked: has(words, "masked"),
        hidden_from_patient: has(words, "hidden"),
        hidden_from_representatives: has(words, "reps"),
    }
}

pub fn proof(bench: &Bench) -> ConsentProof {
    ConsentProof {
        collected_by: "accueil".to_owned(),
        means: "oral".to_owned(),
        at: bench.now,
        information: None,
    }
}

pub fn traits(born: &str) -> Traits {
    Traits {
        birth_name: "DUPONT".to_owned(),
        given_names: "Marie Anne".to_owned(),
        birth_date: born.to_owned(),
        sex: Sex::Female,
        birth_place: "35238".to_owned(),
        used_name: None,
        used_given: None,
    }
}

pub fn representative(word: &str) -> Representative {
    let (person, relation) = word.split_once(':').unwrap_or((word, "parent"));
    Representative {
        person: (person != "anonyme").then(|| person.to_owned()),
        name: person.to_uppercase(),
        given: "R".to_owned(),
        relation: if relation == "guardian" { Relation::Guardian } else { Relation::Parent },
        contact: Contact::default(),
        since: time("20200101"),
        until: None,
    }
}

fn open(bench: &Bench, words: &[&str]) -> Command {
    let reps = value(words, "reps").unwrap_or_default();
    Command::Open(Box::new(Open {
        ins: ins(value(words, "ins").unwrap_or(PATIENT)),
        traits: traits(value(words, "born").unwrap_or("19840715")),
        contact: Contact::default(),
        representatives: reps.split(',').filter(|w| !w.is_empty()).map(representative).collect(),
        consent: (!has(words, "no-consent")).then(|| proof(bench)),
        channel: dmp_dossier::Channel::parse(value(words, "channel").unwrap_or("cpam")).unwrap(),
        emergency: emergency(words),
    }))
}

fn emergency(words: &[&str]) -> Emergency {
    Emergency {
        bris_de_glace_opposed: has(words, "no-glace"),
        samu_opposed: has(words, "no-samu"),
        masked_readable: has(words, "masked-readable"),
    }
}

fn change(bench: &Bench, words: &[&str], edit: impl Fn(&mut Visibility)) -> Command {
    let mut to = Visibility::VISIBLE;
    let document = reference(bench, words[0]);
    if let Some((_, entry)) = bench.dossier.find(&document) {
        to = entry.visibility;
        to.hidden_from_patient = entry.is_hidden_from_patient(bench.now);
    }
    edit(&mut to);
    Command::ChangeVisibility(ChangeVisibility {
        document,
        to,
        from_version: value(words, "from").map(|v| v.parse().unwrap()),
    })
}

/// The reference a word stands for: `bio` by uniqueId, `bio@1` the first version by entryUUID, `lid:bio`.
pub fn reference(bench: &Bench, word: &str) -> DocumentRef {
    if let Some(name) = word.strip_prefix("lid:") {
        let (_, entry) = bench.dossier.find(&by_name(name)).unwrap();
        return DocumentRef::Lid(entry.lid);
    }
    match word.split_once('@') {
        Some((name, version)) => {
            let version: u32 = version.parse().unwrap();
            let is_it = |e: &DocumentEntry| e.metadata.unique_id == uid(name) && e.version == version;
            let (_, entry) = bench.dossier.versions().find(|(_, e)| is_it(e)).unwrap();
            DocumentRef::Entry(entry.entry_uuid)
        }
        None => by_name(word),
    }
}

fn status(bench: &Bench, words: &[&str], to: Availability) -> Command {
    Command::ChangeStatus(ChangeStatus {
        document: reference(bench, words[0]),
        to,
        from_version: value(words, "from").map(|v| v.parse().unwrap()),
    })
}

fn command(bench: &Bench, who: &str, verb: &str, words: &[&str]) -> Option<Command> {
    let label = value(words, "label").map(|name| GranteeLabel {
        who: grantee(words[0]),
        name: name.repeat(if has(words, "long") { 100 } else { 1 }),
        profession: None,
        speciality: None,
    });
    let days = |key| value(words, key).map(|d| d.parse::<i64>().unwrap());
    Some(match verb {
        "open" => open(bench, words),
        "close" => Command::Close {
            reason: if has(words, "death") { ClosureReason::Death } else { ClosureReason::PatientRequest },
            text: value(words, "text").map(str::to_owned),
            deceased: value(words, "died").map(time),
        },
        "reactivate" => Command::Reactivate { consent: (!has(words, "no-consent")).then(|| proof(bench)) },
        "ask-copy" => Command::RequestCopy,
        "ask-destruction" => Command::RequestDestruction,
        "update" => {
            let mut new = bench.dossier.identity().map_or(traits("19840715"), |i| i.traits.clone());
            if let Some(name) = value(words, "name") {
                new.birth_name = if name == "empty" { String::new() } else { name.to_owned() };
            }
            if let Some(born) = value(words, "born") {
                new.birth_date = born.to_owned();
            }
            if let Some(place) = value(words, "place") {
                new.birth_place = place.to_owned();
            }
            let contact = Contact { phone: value(words, "phone").map(str::to_owned), ..Contact::default() };
            Command::UpdateIdentity { traits: Box::new(new), contact }
        }
        "change-ins" => Command::ChangeIns { ins: ins(words[0]) },
        "add-rep" => Command::AddRepresentative(Box::new(representative(words[0]))),
        "end-rep" => Command::EndRepresentative { index: words[0].parse().unwrap() },
        "authorise" => Command::Authorise(Box::new(Authorise {
            who: grantee(words[0]),
            label,
            until: days("days").map(|d| Time::from_millis(bench.now.millis() + d * 86_400_000)),
            medecin_traitant: has(words, "mt"),
            profession: value(words, "profession").map(str::to_owned),
        })),
        "end" => Command::EndAuthorisation { who: grantee(words[0]) },
        "block" => Command::Block { who: grantee(words[0]), label },
        "unblock" => Command::Unblock { who: grantee(words[0]) },
        "end-mt" => Command::EndMedecinTraitant { who: cast::ps_id(cast::person_index(words[0]).unwrap()) },
        "consent" => {
            let mut proof = proof(bench);
            if has(words, "no-means") {
                proof.means = String::new();
            }
            if has(words, "tomorrow") {
                proof.at = bench.now.plus_days(1);
            }
            let team = words[0].split(',').filter(|w| *w != "nobody-at-all").map(grantee).collect();
            Command::RecordInitialConsent { team, proof }
        }
        "withdraw" => {
            let consents = &bench.dossier.state.rights.initial_consents;
            let id = consents.get(words[0].parse::<usize>().unwrap()).map_or(Uuid::nil(), |c| c.id);
            Command::WithdrawInitialConsent { id }
        }
        "emergency" => Command::SetEmergency(emergency(words)),
        "default" => Command::SetDefaultConfidentiality(visibility(words)),
        "publish" => publish(bench, who, words),
        "mask" => change(bench, words, |v| v.masked = true),
        "unmask" => change(bench, words, |v| v.masked = false),
        "announce" => change(bench, words, |v| v.hidden_from_patient = false),
        "hide" => change(bench, words, |v| v.hidden_from_patient = true),
        "show-reps" => change(bench, words, |v| v.hidden_from_representatives = false),
        "hide-reps" => change(bench, words, |v| v.hidden_from_representatives = true),
        "set-visibility" => change(bench, words, |v| *v = visibility(words)),
        "archive" => status(bench, words, Availability::Archived),
        "unarchive" => status(bench, words, Availability::Approved),
        "delete" => status(bench, words, Availability::Deleted),
        "release" => Command::ReleaseAnnouncements,
        "web-open" => Command::OpenWebAccess(Box::new(WebAccessDraft {
            login: words[0].to_owned(),
            secret_hash: secret(words),
            channel: channel(words),
        })),
        "web-renew" => Command::RenewWebAccess { login: words[0].to_owned(), secret_hash: secret(words) },
        "otp" => Command::ChangeOtpChannel {
            action: match words[0] {
                "add" => OtpAction::Add,
                "replace" => OtpAction::Replace,
                _ => OtpAction::Remove,
            },
            channel: channel(words),
        },
        "report" => {
            let ago = value(words, "ago").map_or(0, |minutes| minutes.parse::<i64>().unwrap());
            Command::ReportAccess(Box::new(ReportAccess {
                who: ActorTrace::of(&actor(words[0])),
                occurred: Time::from_millis(bench.now.millis() - ago * 60_000),
                text: text(words),
            }))
        }
        "answer" => Command::AnswerCase(Box::new(AnswerCase {
            id: bench
                .dossier
                .state
                .cases
                .get(words[0].parse::<usize>().unwrap())
                .map_or(Uuid::nil(), |c| c.id),
            outcome: CaseOutcome::Justified,
            text: text(words),
        })),
        "choose" => {
            let mut proof = proof(bench);
            if has(words, "no-means") {
                proof.means = String::new();
            }
            let choice =
                Choice { subject: ChoiceSubject::Samu, answer: text(words), accepted: Some(true), proof };
            let count = value(words, "count").map_or(1, |count| count.parse().unwrap());
            Command::RecordChoices(vec![choice; count])
        }
        "notices" => Command::SetNotices(Notices { every_access: has(words, "every"), ..Notices::default() }),
        "refuse-opening" => Command::RefuseOpening {
            channel: dmp_dossier::Channel::parse(value(words, "channel").unwrap_or("cpam")).unwrap(),
        },
        _ => return None,
    })
}

/// `chars=12` a text of that length; `controls` one with a control character; a fair one otherwise.
fn text(words: &[&str]) -> String {
    match value(words, "chars") {
        Some(length) => "é".repeat(length.parse().unwrap()),
        None if has(words, "controls") => "un texte \u{7} qui sonne".to_owned(),
        None => "C'était un soin prévu.".to_owned(),
    }
}

fn secret(words: &[&str]) -> String {
    value(words, "secret").unwrap_or("$argon2id$v=19$essai").to_owned()
}

fn channel(words: &[&str]) -> OtpChannel {
    match (value(words, "sms"), value(words, "email")) {
        (Some(number), _) => OtpChannel::Sms(number.to_owned()),
        (None, email) => OtpChannel::Email(email.unwrap_or("marie@example.org").to_owned()),
    }
}

/// TD0.4 of one dossier: what the line would say, by its dates as `MMDDhhmm`.
fn list(bench: &mut Bench, who: &str, words: &[&str]) -> String {
    let asked = ListAsked {
        since: value(words, "since").map(time),
        by: if has(words, "doc") { ListBy::LastDocument } else { ListBy::LastAuthorisation },
        owner: value(words, "owner").map(|w| cast::ps_id(cast::person_index(w).unwrap())),
    };
    let actor = actor(who);
    let entry = dmp_dossier::listing::entry(&bench.dossier, &actor, &asked, &bench.moment(&[]));
    let at = |time: Option<Time>| match time {
        Some(time) => Dtm::from_time(time).to_hl7()[4..12].to_owned(),
        None => "none".to_owned(),
    };
    match entry {
        Err(refusal) => refused(&refusal),
        Ok(None) => "none".to_owned(),
        Ok(Some(entry)) => {
            bench.trace(&actor, Act::ListAuthorised, entry.rows.clone());
            let mt = if entry.medecin_traitant { " mt" } else { "" };
            let dates = [Some(entry.authorised_at), entry.last_document, entry.last_update].map(at);
            format!("authorised={} document={} update={}{mt}", dates[0], dates[1], dates[2])
        }
    }
}

/// TD0.5 on one dossier.
fn seek(bench: &mut Bench, who: &str, words: &[&str]) -> String {
    let birth = value(words, "born").unwrap_or("19840715");
    let sought = TraitsSought {
        family: value(words, "name").unwrap_or("dupont").to_owned(),
        given: value(words, "given").map(str::to_owned),
        birth: match birth.len() {
            4 => BirthSought::Year(birth.parse().unwrap()),
            _ => BirthSought::Date(birth.to_owned()),
        },
        sex: None,
        city: None,
        postal_code: None,
    };
    let actor = actor(who);
    match dmp_dossier::candidate::candidate(&bench.dossier, &actor, &sought, &bench.moment(&[])) {
        Err(refusal) => refused(&refusal),
        Ok(None) => "none".to_owned(),
        Ok(Some(candidate)) => {
            bench.trace(&actor, Act::SearchByTraits, Vec::new());
            format!("candidate {}", candidate.match_percent)
        }
    }
}

fn query(bench: &Bench, verb: &str, words: &[&str]) -> Query {
    let filter = || {
        let statuses = value(words, "status").unwrap_or_default();
        DocumentFilter {
            statuses: statuses.split(',').filter(|s| !s.is_empty()).map(availability).collect(),
            former_versions: has(words, "former"),
            replaces: value(words, "replaces").map(by_name).into_iter().collect(),
            ..DocumentFilter::default()
        }
    };
    match verb {
        "status" => Query::Status,
        "administrative" => Query::Administrative,
        "rights" => Query::Rights,
        "search" | "statuses" => Query::FindDocuments(Box::new(filter())),
        "get" => Query::GetDocuments(words.iter().map(|w| reference(bench, w)).collect()),
        "ref" => Query::FindReference(reference(bench, words[0])),
        "read" => Query::Retrieve(words.iter().map(|w| reference(bench, w)).collect()),
        "sets" => Query::FindSubmissionSets(Box::default()),
        "set" => Query::GetSubmissionSet(SetRef::UniqueId(uid(&format!("lot-{}", words[0])))),
        "sets-archived" => Query::FindSubmissionSets(Box::new(SetFilter {
            statuses: vec![Availability::Archived],
            ..SetFilter::default()
        })),
        "associations" => {
            let entries: Vec<_> = words
                .iter()
                .filter_map(|w| bench.dossier.find(&reference(bench, w)))
                .map(|(_, e)| e.entry_uuid)
                .collect();
            Query::GetAssociations(entries)
        }
        "related" => Query::GetRelated(reference(bench, words[0])),
        "journal" => Query::Journal(dmp_dossier::JournalFilter::default()),
        "text" => Query::SearchText,
        "explain" => Query::Explain(Box::new(actor(words[0]))),
        "voir-comme" => Query::VoirComme(Box::new(actor(words[0]))),
        "export" => Query::Export,
        "cases" => Query::Cases,
        "choices" => Query::Choices,
        other => panic!("unknown verb `{other}`"),
    }
}

fn availability(word: &str) -> Availability {
    match word {
        "Approved" => Availability::Approved,
        "Deprecated" => Availability::Deprecated,
        "Archived" => Availability::Archived,
        "Deleted" => Availability::Deleted,
        other => panic!("unknown status `{other}`"),
    }
}

/// Runs one act and says what came of it.
pub fn run(bench: &mut Bench, line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["wait", duration] => {
            let (count, unit) = duration.split_at(duration.len() - 1);
            let minutes = count.parse::<u32>().unwrap() * if unit == "d" { 1440 } else { 1 };
            bench.now = bench.now.plus_minutes(minutes);
            String::new()
        }
        ["param", name] => {
            parameter(bench, name);
            String::new()
        }
        [who, verb, ref rest @ ..] => act(bench, who, verb, rest),
        _ => panic!("a line is `who verb what…`, not `{line}`"),
    }
}

fn act(bench: &mut Bench, who: &str, verb: &str, words: &[&str]) -> String {
    match verb {
        "list" => return list(bench, who, words),
        "seek" => return seek(bench, who, words),
        _ => {}
    }
    let actor = actor(who);
    if let Some(command) = command(bench, who, verb, words) {
        return match bench.execute(&actor, &command) {
            Err(refusal) => refused(&refusal),
            Ok((_, changes)) if changes.is_empty() => "nothing_to_do".to_owned(),
            Ok(_) => "done".to_owned(),
        };
    }
    let query = query(bench, verb, words);
    match bench.consult(&actor, &query) {
        Err(refusal) => refused(&refusal),
        Ok(View::Journal(_)) => {
            let lines = bench.lines(&actor).unwrap();
            // The line of this very reading is not part of what it shows.
            said(lines[..lines.len().saturating_sub(1)].iter().map(|l| line_of(bench, l)))
        }
        Ok(view) => shown(&view, verb == "statuses"),
    }
}

fn refused(refusal: &Refusal) -> String {
    format!("refused {} {}", refusal.reason.as_str(), refusal.rule.id)
}

fn said(items: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = items.collect();
    if all.is_empty() { "none".to_owned() } else { all.join(" ") }
}

fn shown(view: &View, with_status: bool) -> String {
    let name = |seen: &SeenDocument| {
        let mut text = name_of(&seen.entry.metadata.unique_id);
        assert_eq!(
            seen.entry.replaces.is_some(),
            seen.replaces.is_some(),
            "{text} tells no more than its view"
        );
        if with_status {
            text += &format!(":{:?}", seen.entry.status);
            if let Some(old) = &seen.replaces {
                text += &format!("<{}", name_of(&old.metadata.unique_id));
            }
        }
        text
    };
    match view {
        View::Documents(seen) | View::Contents(seen) | View::Export(seen, _) => said(seen.iter().map(name)),
        View::Sets(sets) => said(sets.iter().map(|s| {
            let members: Vec<String> = s.members.iter().map(name).collect();
            assert_eq!(s.set.associations, s.associations, "a lot tells no more than its view");
            format!("{}({})", name_of(&s.set.metadata.unique_id), members.join(","))
        })),
        View::Associations(found) => format!("{}", found.len()),
        View::Status(s) => {
            let life = match &s.closed {
                Some((_, reason, _)) => reason.as_str(),
                None => "active",
            };
            let mt = if s.medecin_traitant { " mt" } else { "" };
            format!("{life} {}{mt}", s.authorisation.as_str())
        }
        View::Explanation(e) => said(e.documents.iter().map(|(seen, verdict)| {
            let last = verdict.rules.last().map_or("?", |r| r.id);
            format!("{}:{}:{last}", name(seen), if verdict.permitted { "yes" } else { "no" })
        })),
        View::Rights(rights) => said(rights.grants.iter().map(|(g, _)| {
            let who = &g.who;
            let named = cast::PEOPLE.iter().map(|p| p.0).find(|w| grantee(w) == *who);
            format!("{}:{}", named.unwrap_or(who.id()), g.at(g.last_act).as_str())
        })),
        View::Administrative(a) => said(a.representatives.iter().map(|r| r.name.to_lowercase())),
        View::Journal(_) => unreachable!("told by its lines"),
        View::Cases(cases) => said(cases.iter().map(|case| {
            let who = case.who.name.as_ref().map_or(case.who.id.as_str(), |name| name.family.as_str());
            let answered = if case.answer.is_some() { ":answered" } else { "" };
            format!("{:?}:{who}:due={}{answered}", case.kind, &Dtm::from_time(case.due).to_hl7()[4..12])
        })),
        View::Choices(view) => {
            let chosen = view.choices.iter().map(|choice| format!("{:?}", choice.subject));
            let every = view.notices.every_access.then(|| "every-access".to_owned());
            said(chosen.chain(every).chain(view.due.then(|| "due".to_owned())))
        }
    }
}

/// A line as `Act(documents)`, `Act!Reason(documents)` when refused.
fn line_of(bench: &Bench, line: &JournalEntry) -> String {
    let mut text = line.act.as_str().to_owned();
    if let dmp_dossier::Decision::Refused { reason, .. } = &line.decision {
        text += &format!("!{}", reason.as_str());
    }
    let mut names: Vec<String> = Vec::new();
    for row in &line.documents {
        if let Some(Row::Document(entry)) = bench.dossier.rows.get(*row as usize) {
            let name = name_of(&entry.metadata.unique_id);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    if !names.is_empty() {
        text += &format!("({})", names.join(","));
    }
    text
}

fn parameter(bench: &mut Bench, name: &str) {
    let p = &mut bench.parameters;
    match name {
        "cumul" => p.cumul = true,
        "hide_visible" => p.hide_visible = true,
        "any-author" => p.author_structure = false,
        "blocked-feed-off" => p.blocked_may_feed = false,
        "structure_declares" => p.structure_declares = true,
        "historic" => p.historic = true,
        "social_sector" => p.social_sector = true,
        "opt_out" => p.creation.opt_out = true,
        "no-web" => p.creation.channels.retain(|c| *c != dmp_dossier::Channel::Web),
        other => panic!("unknown parameter `{other}`"),
    }
}
