//! The table of accesses that the patient downloads, line by line.

/// A line, as both ways tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Day and hour in Paris, to the minute.
    pub when: String,
    /// `PAUL MARTIN`, `PATIENT`, `REPRÉSENTANT`.
    pub who: String,
    /// The structure, or the organisation of a desk.
    pub place: String,
    /// `normal`, `urgence`, `Samu`.
    pub mode: String,
    /// As it is said of somebody else: `a lu un document`.
    pub act: String,
    /// `fait`, `refusé : …`.
    pub outcome: String,
    /// Written by who broke the glass.
    pub reason: String,
    /// How many documents the line names; a search names all there is.
    pub documents: usize,
}

/// The rows of a table, its heading left out.
pub fn table(text: &str) -> Vec<Row> {
    let mut lines = text.lines();
    assert!(lines.next().unwrap_or_default().contains("\"Date\";\"Heure\";\"Qui\""), "{text}");
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    let cells =
        line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_else(|| panic!("{line}"));
    let cells: Vec<String> = cells.split("\";\"").map(|cell| cell.replace("\"\"", "\"")).collect();
    let [day, hour, who, role, mode, act, outcome, reason, documents] = cells.as_slice() else {
        panic!("{line}")
    };
    let act = act.strip_prefix("avez ").map_or(act.clone(), |rest| format!("a {rest}"));
    Row {
        when: format!("{day} {hour}"),
        who: name(who, role),
        place: match role.rsplit_once(" · ") {
            Some((_, place)) => place.to_owned(),
            None if who == "Agent d'accueil" => role.clone(),
            None => String::new(),
        },
        mode: mode.clone(),
        documents: if documents.is_empty() { 0 } else { documents.split(" ; ").count() },
        act,
        outcome: outcome.clone(),
        reason: reason.clone(),
    }
}

/// The person, whoever reads.
fn name(who: &str, role: &str) -> String {
    match (who, role) {
        ("Vous", "") | ("Le patient", _) => "PATIENT".to_owned(),
        ("Vous" | "Un proche", _) => "REPRÉSENTANT".to_owned(),
        _ => who.trim_start_matches("Dr ").to_uppercase(),
    }
}
