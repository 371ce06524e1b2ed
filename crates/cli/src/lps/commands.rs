//! The commands of `dmp lps`: what is asked, in which order, and what is said of the answer.

use super::arguments::{ByArg, Patients, Publish, Retrieve, Search, StatusArg};
use super::http::Server;
use super::print::{self, Printed};
use super::{Command, Usage};
use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dmp_lps::authorise::Action;
use dmp_lps::candidates::Sought;
use dmp_lps::ebrim::Entry;
use dmp_lps::patients::By;
use dmp_lps::publish::{Document, Sending};
use dmp_lps::search::{Filter, Return};
use dmp_lps::{
    Answer, Availability, Identity, Ins, InsOid, LpsError, Message, Refusal, Session, Time, administrative,
    authorisations, authorise, candidates, exists, patients, publish, registry, retrieve, search, update,
};
use serde_json::json;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// Who calls, to which server, for whom.
pub struct Call {
    /// The server.
    pub server: Server,
    /// Who speaks.
    pub identity: Identity,
    /// The patient.
    pub patient: Option<Ins>,
    /// Print JSON.
    pub json: bool,
}

/// What was answered, or why not.
type Outcome<T> = Result<Result<T, Refusal>>;

/// A change of a document.
#[derive(Clone, Copy)]
enum Update {
    Mask,
    Unmask,
    Reveal,
    Archive,
    Unarchive,
    Delete,
}

impl Call {
    /// Runs a command; 0 when accepted, 1 when refused.
    pub async fn run(&self, command: Command) -> Result<ExitCode> {
        let outcome = match command {
            Command::Exists => {
                let message = exists::message(&self.session()?)?;
                self.ask(message, exists::read).await?.map(|found| print::existence(&found))
            }
            Command::Authorise(args) => {
                let action = if args.remove { Action::Remove } else { Action::Add };
                let message = authorise::message(&self.session()?, action, args.medecin_traitant)?;
                self.ask(message, authorise::read).await?.map(|context| done("done", &context))
            }
            Command::Patients(args) => self.patients(&args).await?,
            Command::Candidates(args) => {
                let sought = Sought {
                    family: &args.family,
                    given: args.given.as_deref(),
                    birth: &args.birth,
                    sex: args.sex.as_deref(),
                };
                let message = candidates::message(&self.session()?, &sought);
                self.ask(message, candidates::read).await?.map(|found| print::people(&found))
            }
            Command::Administrative => {
                let message = administrative::message(&self.session()?)?;
                self.ask(message, administrative::read).await?.map(|patient| print::people(&[patient]))
            }
            Command::Authorisations(args) => {
                let message = authorisations::message(&self.session()?, &args.list)?;
                self.ask(message, authorisations::read).await?.map(|rows| print::authorised(&rows))
            }
            Command::Publish(args) => self.publish(args).await?,
            Command::Search(args) => self.search(args).await?,
            Command::Retrieve(args) => self.retrieve(&args).await?,
            Command::Mask(args) => self.update(&args.uid, Update::Mask).await?,
            Command::Unmask(args) => self.update(&args.uid, Update::Unmask).await?,
            Command::Reveal(args) => self.update(&args.uid, Update::Reveal).await?,
            Command::Archive(args) => self.update(&args.uid, Update::Archive).await?,
            Command::Unarchive(args) => self.update(&args.uid, Update::Unarchive).await?,
            Command::Delete(args) => self.update(&args.uid, Update::Delete).await?,
            Command::Sandbox(_) => bail!("a sandbox is made without a server"),
        };
        Ok(match outcome {
            Ok(printed) => {
                printed.print(self.json)?;
                ExitCode::SUCCESS
            }
            Err(refusal) => {
                print::refusal(&refusal).print(self.json)?;
                ExitCode::FAILURE
            }
        })
    }

    fn session(&self) -> Result<Session<'_>> {
        Ok(Session {
            identity: &self.identity,
            patient: self.patient.as_ref(),
            server: &self.server.root,
            now: now()?,
        })
    }

    /// Sends a message and reads its answer.
    async fn ask<T>(
        &self,
        message: Message,
        read: impl FnOnce(&Answer) -> Result<T, LpsError>,
    ) -> Outcome<T> {
        self.ask_in(&self.session()?, message, read).await
    }

    async fn ask_in<T>(
        &self,
        session: &Session<'_>,
        message: Message,
        read: impl FnOnce(&Answer) -> Result<T, LpsError>,
    ) -> Outcome<T> {
        self.server.post(&session.request(message)?).await?.read(read)
    }

    async fn patients(&self, args: &Patients) -> Outcome<Printed> {
        let by = match args.by {
            ByArg::LastAuthorisation => By::LastAuthorisation,
            ByArg::LastDocument => By::LastDocument,
        };
        let session = Session { patient: None, ..self.session()? };
        let message = patients::message(args.since.start(), by);
        Ok(self.ask_in(&session, message, patients::read).await?.map(|rows| print::listed(&rows)))
    }

    async fn publish(&self, args: Publish) -> Outcome<Printed> {
        let mut documents = Vec::with_capacity(args.files.len());
        for file in &args.files {
            let shown = || format!("`{}`", file.display());
            let bytes = std::fs::read(file).with_context(shown)?;
            let mut document = Document::read(bytes.into(), now()?).with_context(shown)?;
            document.visibility.masked = args.masked;
            document.visibility.hidden_from_patient = args.hidden_from_patient;
            document.visibility.hidden_from_representatives = args.hidden_from_representatives;
            documents.push(document);
        }
        let patient = match &self.patient {
            Some(patient) => patient.clone(),
            None => patient_of(&documents)?,
        };
        let session = Session { patient: Some(&patient), ..self.session()? };
        if let Some(uid) = &args.replace {
            let [document] = documents.as_mut_slice() else {
                return Err(Usage("--replace goes with one file".to_owned()).into());
            };
            match self.current(&session, uid).await? {
                Ok(entry) => document.replaces = Some(entry.id),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        let message =
            publish::message(&session, &documents, Sending { signed: args.sign_lot, mtom: !args.inline })?;
        let outcome = self.ask_in(&session, message, registry::read).await?;
        Ok(outcome.map(|_| {
            let uid = |document: &Document| document.draft.metadata.unique_id.as_str().to_owned();
            let published = documents.iter().zip(&args.files);
            Printed {
                lines: published
                    .map(|(one, file)| format!("published {} {}", uid(one), file.display()))
                    .collect(),
                json: json!({ "published": documents.iter().map(uid).collect::<Vec<_>>() }),
            }
        }))
    }

    async fn search(&self, args: Search) -> Outcome<Printed> {
        let status = |status: &StatusArg| match status {
            StatusArg::Approved => Availability::Approved,
            StatusArg::Deprecated => Availability::Deprecated,
            StatusArg::Archived => Availability::Archived,
            StatusArg::Deleted => Availability::Deleted,
        };
        let statuses = args.statuses.iter().map(status).collect();
        let filter = Filter { statuses, types: args.types, from: args.from, to: args.to };
        let message = search::message(&self.session()?, &filter)?;
        Ok(self.ask(message, search::read).await?.map(|found| print::documents(&found.entries)))
    }

    async fn retrieve(&self, args: &Retrieve) -> Outcome<Printed> {
        let outcome = self.ask(retrieve::message(&[&args.uid]), retrieve::read).await?;
        let documents = match outcome {
            Ok(documents) => documents,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(document) = documents.into_iter().next() else { return Ok(Err(unknown())) };
        let mut json = json!({
            "uniqueId": document.unique_id, "mimeType": document.mime_type, "size": document.bytes.len(),
        });
        match &args.out {
            Some(file) => {
                std::fs::write(file, &document.bytes).with_context(|| format!("`{}`", file.display()))?;
                let line = format!("retrieved {} {} bytes", document.unique_id, document.bytes.len());
                Ok(Ok(Printed::line(line, json)))
            }
            None => {
                if self.json {
                    json["content"] = STANDARD.encode(&document.bytes).into();
                } else {
                    std::io::stdout().write_all(&document.bytes)?;
                }
                Ok(Ok(Printed { lines: Vec::new(), json }))
            }
        }
    }

    /// Reads the document as it is, then changes it from there.
    async fn update(&self, uid: &str, what: Update) -> Outcome<Printed> {
        let session = self.session()?;
        let entry = match self.current(&session, uid).await? {
            Ok(entry) => entry,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let status = entry.status.as_deref().and_then(Availability::parse).unwrap_or(Availability::Approved);
        let mut visibility = update::visibility_of(&entry);
        let (word, message) = match what {
            Update::Mask => {
                visibility.masked = true;
                ("masked", update::visibility(&session, &entry, visibility)?)
            }
            Update::Unmask => {
                visibility.masked = false;
                ("unmasked", update::visibility(&session, &entry, visibility)?)
            }
            Update::Reveal => {
                visibility.hidden_from_patient = false;
                ("revealed", update::visibility(&session, &entry, visibility)?)
            }
            Update::Archive => {
                ("archived", update::status(&session, &entry.id, status, Availability::Archived)?)
            }
            Update::Unarchive => {
                ("unarchived", update::status(&session, &entry.id, status, Availability::Approved)?)
            }
            Update::Delete => {
                ("deleted", update::status(&session, &entry.id, status, Availability::Deleted)?)
            }
        };
        Ok(self.ask(message, registry::read).await?.map(|_| done(word, uid)))
    }

    /// The current version of a document (TD3.1b).
    async fn current(&self, session: &Session<'_>, uid: &str) -> Outcome<Entry> {
        let message = search::by_unique_id(&[uid], Return::Objects);
        let outcome = self.ask_in(session, message, search::read).await?;
        Ok(outcome.and_then(|found| found.current(uid).cloned().ok_or_else(unknown)))
    }
}

/// What a search that finds nothing comes to.
fn unknown() -> Refusal {
    Refusal {
        kind: dmp_lps::answer::RefusalKind::Registry,
        code: "XDSDocumentUniqueIdError".to_owned(),
        reason: "no such document, or one that was replaced or may not be seen".to_owned(),
        errors: Vec::new(),
    }
}

fn done(word: &str, what: &str) -> Printed {
    Printed::line(format!("{word} {what}").trim_end().to_owned(), json!({ word: what }))
}

/// The patient that the documents name.
fn patient_of(documents: &[Document]) -> Result<Ins> {
    let named = |document: &Document| {
        let ins = &document.draft.patient.ins;
        (ins.value().to_owned(), ins.root.clone())
    };
    let first = documents.first().map(named).context("no document")?;
    if documents.iter().any(|document| named(document) != first) {
        bail!("the documents of one lot are of one patient: publish them apart");
    }
    let (value, root) = first;
    let ins = InsOid::parse(&root).and_then(|oid| Ins::parse(&value, oid).ok());
    ins.context("the documents name no INS: give --ins")
}

fn now() -> Result<Time> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    Ok(Time::from_millis(i64::try_from(since.as_millis())?))
}
