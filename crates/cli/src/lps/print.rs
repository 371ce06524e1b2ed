//! What `dmp lps` prints: lines for people and for `cut`, or JSON.

use dmp_lps::answer::RegistryError;
use dmp_lps::authorisations::Authorised;
use dmp_lps::ebrim::{Entry, scheme};
use dmp_lps::exists::{Existence, Patient};
use dmp_lps::patients::Listed;
use dmp_lps::search::type_code;
use dmp_lps::{Availability, Refusal};
use serde_json::{Value, json};
use std::io::{ErrorKind, Write as _};

/// Something to print.
pub struct Printed {
    /// Lines.
    pub lines: Vec<String>,
    /// The same as JSON.
    pub json: Value,
}

impl Printed {
    /// One line.
    pub fn line(line: String, json: Value) -> Self {
        Printed { lines: vec![line], json }
    }

    /// Prints it on standard output. Whoever reads may stop reading: that is no error.
    pub fn print(&self, json: bool) -> std::io::Result<()> {
        let text = if json {
            format!("{}\n", self.json)
        } else {
            self.lines.iter().map(|l| format!("{l}\n")).collect()
        };
        match std::io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done,
        }
    }
}

/// A refusal, and every error behind it.
pub fn refusal(refusal: &Refusal) -> Printed {
    let error = |error: &RegistryError| {
        json!({
            "code": error.code, "context": error.context, "location": error.location, "severity": error.severity,
        })
    };
    let mut lines = vec![format!("refused {} {}", refusal.code, one_line(&refusal.reason))];
    let others = refusal.errors.iter().filter(|e| (&e.code, &e.context) != (&refusal.code, &refusal.reason));
    lines.extend(others.map(|e| format!("  {} {} {}", e.severity, e.code, one_line(&e.context))));
    Printed {
        lines,
        json: json!({
            "refused": {
                "code": refusal.code,
                "reason": refusal.reason,
                "errors": refusal.errors.iter().map(error).collect::<Vec<_>>(),
            },
        }),
    }
}

/// TD0.2.
pub fn existence(existence: &Existence) -> Printed {
    let authorisation = existence.authorisation.as_deref().unwrap_or("-");
    Printed::line(
        format!("{} {authorisation} medecin_traitant={}", existence.status, existence.medecin_traitant),
        json!({
            "status": existence.status,
            "authorisation": existence.authorisation,
            "medecin_traitant": existence.medecin_traitant,
            "patient": existence.patient.as_ref().map(patient_json),
        }),
    )
}

/// TD1.3a, TD0.5: people.
pub fn people(patients: &[Patient]) -> Printed {
    let line = |patient: &Patient| {
        let id = patient.ids.iter().find(|(value, _)| value.len() == 15).or(patient.ids.first());
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let observations: Vec<_> =
            patient.observations.iter().map(|(code, yes)| format!("{code}={yes}")).collect();
        [
            id.map_or("-", |(value, _)| value).to_owned(),
            text(&patient.birth_name.clone().or_else(|| patient.used_name.clone())),
            text(&patient.given),
            text(&patient.birth_date),
            text(&patient.sex),
            observations.join(" "),
        ]
        .join("\t")
    };
    Printed {
        lines: patients.iter().map(line).collect(),
        json: patients.iter().map(patient_json).collect::<Vec<_>>().into(),
    }
}

fn patient_json(patient: &Patient) -> Value {
    let observations: serde_json::Map<_, _> =
        patient.observations.iter().map(|(code, yes)| (code.clone(), Value::Bool(*yes))).collect();
    json!({
        "ids": identifiers(&patient.ids),
        "status": patient.status,
        "birth_name": patient.birth_name,
        "used_name": patient.used_name,
        "given": patient.given,
        "birth_date": patient.birth_date,
        "sex": patient.sex,
        "telecoms": patient.telecoms,
        "city": patient.city,
        "observations": observations,
    })
}

fn identifiers(ids: &[(String, String)]) -> Vec<Value> {
    ids.iter().map(|(value, oid)| json!({ "value": value, "oid": oid })).collect()
}

/// TD0.4.
pub fn listed(rows: &[Listed]) -> Printed {
    let line = |row: &Listed| {
        let id = row.ids.iter().find(|(value, _)| value.len() == 15).or(row.ids.first());
        let id = id.map_or("-", |(value, _)| value);
        [id, &row.last_name, &row.first_name, &row.birth_date, &row.last_add].join("\t")
    };
    let json = |row: &Listed| {
        json!({
            "ids": identifiers(&row.ids),
            "last_name": row.last_name,
            "birth_name": row.birth_name,
            "first_name": row.first_name,
            "birth_date": row.birth_date,
            "medecin_traitant": row.medecin_traitant,
            "last_add": row.last_add,
        })
    };
    Printed { lines: rows.iter().map(line).collect(), json: rows.iter().map(json).collect::<Vec<_>>().into() }
}

/// TD1.6.
pub fn authorised(rows: &[Authorised]) -> Printed {
    let line = |row: &Authorised| {
        let role = if row.medecin_traitant { "MEDECIN_TRAITANT" } else { "-" };
        [row.id.as_str(), &row.mode, role, &row.name].join("\t")
    };
    let json = |row: &Authorised| {
        json!({
            "id": row.id, "name": row.name, "mode": row.mode, "medecin_traitant": row.medecin_traitant,
        })
    };
    Printed { lines: rows.iter().map(line).collect(), json: rows.iter().map(json).collect::<Vec<_>>().into() }
}

/// TD3.1.
pub fn documents(entries: &[Entry]) -> Printed {
    let confidentiality = |entry: &Entry| {
        let codes: Vec<_> = entry.codes(scheme::CONFIDENTIALITY).map(|code| code.code).collect();
        codes.join("+")
    };
    let line = |entry: &Entry| {
        [
            entry.unique_id().to_owned(),
            type_code(entry),
            status(entry).to_owned(),
            confidentiality(entry),
            entry.slot("serviceStartTime").unwrap_or("-").to_owned(),
            one_line(entry.title.as_deref().unwrap_or("-")),
        ]
        .join("\t")
    };
    let json = |entry: &Entry| {
        json!({
            "uniqueId": entry.unique_id(),
            "entryUUID": entry.id,
            "lid": entry.lid,
            "version": entry.version,
            "status": status(entry),
            "title": entry.title,
            "type": type_code(entry),
            "confidentiality": entry.codes(scheme::CONFIDENTIALITY).map(|code| code.code).collect::<Vec<_>>(),
            "creationTime": entry.slot("creationTime"),
            "serviceStartTime": entry.slot("serviceStartTime"),
            "hash": entry.slot("hash"),
            "size": entry.slot("size"),
            "mimeType": entry.mime_type,
        })
    };
    Printed {
        lines: entries.iter().map(line).collect(),
        json: entries.iter().map(json).collect::<Vec<_>>().into(),
    }
}

/// Last word of the status: `Approved`, `Archived`…
fn status(entry: &Entry) -> &str {
    let urn = entry.status.as_deref().unwrap_or("-");
    match Availability::parse(urn) {
        Some(_) => urn.rsplit(':').next().unwrap_or(urn),
        None => urn,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
