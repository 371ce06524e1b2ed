//! The matrice d'habilitations as it is applied: one dossier with a document of every type, read by every profession.

use crate::common::script::{by_name, run};
use crate::common::{Bench, cast};
use dmp_dossier::{Query, View, consult};
use dmp_nomenclature::{Profession, TypeCode};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Every type, one document each, and what each profession finds of them.
pub fn readings(out: &mut String) {
    let mut bench = Bench::new();
    bench.parameters.historic = true;
    let mut lines = vec!["cpam open".to_owned()];
    for t in TypeCode::all() {
        let patients = t.code.starts_with("EXPPAT_") || t.code.starts_with("DOCPAT") || t.class == "90";
        let (who, by) = match t.code {
            "REMB" => ("insurer", "amo"),
            _ if patients => ("patient", "patient"),
            _ => ("duval", "duval"),
        };
        lines.push(format!("{who} publish {} type={} by={by}", t.code, t.code));
    }
    for line in &lines {
        assert_eq!(run(&mut bench, line), "done", "{line}");
    }
    let mut readers: BTreeMap<Vec<bool>, Vec<&str>> = BTreeMap::new();
    let known = Profession::all().iter().map(|p| p.key);
    for (n, profession) in known.chain(["ZZ"]).enumerate() {
        let row = reading(&bench, profession, n);
        readers.entry(row).or_default().push(profession);
    }
    let mut groups: Vec<(Vec<bool>, Vec<&str>)> = readers.into_iter().collect();
    groups.sort_by_key(|(row, _)| std::cmp::Reverse(row.iter().filter(|r| **r).count()));
    writeln!(out, "\n== Lecture: profession x typeCode\n").unwrap();
    writeln!(out, "Un professionnel autorisé, un document visible de chaque type. Colonnes:\n").unwrap();
    for (letter, (row, professions)) in ('A'..).zip(&groups) {
        let count = row.iter().filter(|r| **r).count();
        let mut line = format!("{letter}  {count:>3} types:");
        for profession in professions {
            if line.chars().count() + profession.len() > 115 {
                writeln!(out, "{line}").unwrap();
                line = " ".repeat(13);
            }
            line.push(' ');
            line.push_str(profession);
        }
        writeln!(out, "{line}").unwrap();
    }
    let letters: Vec<String> = ('A'..).take(groups.len()).map(|l| l.to_string()).collect();
    writeln!(out, "\n{:<18}{}", "", letters.join(" ")).unwrap();
    for (index, t) in TypeCode::all().iter().enumerate() {
        let cells: Vec<&str> = groups.iter().map(|(row, _)| if row[index] { "y" } else { "-" }).collect();
        let retired = if t.is_current() { "" } else { "(retiré) " };
        writeln!(out, "{:<18}{}  {retired}{}", t.code, cells.join(" "), t.label).unwrap();
    }
}

fn reading(bench: &Bench, profession: &str, number: usize) -> Vec<bool> {
    let mut p = cast::professional(0);
    p.id = cast::ps_id(500 + number);
    p.speciality = None;
    p.structure = None;
    match profession.strip_prefix("G16_") {
        Some(studies) => {
            p.profession = studies.to_owned();
            p.card = dmp_dossier::Card::Cpf;
        }
        None => p.profession = profession.to_owned(),
    }
    let mut bench = bench.clone();
    let authorise = dmp_dossier::Command::Authorise(Box::new(dmp_dossier::Authorise {
        who: dmp_dossier::Grantee::Professional(p.id.clone()),
        label: None,
        until: None,
        medecin_traitant: false,
        profession: None,
    }));
    bench.execute(&cast::actor("patient"), &authorise).unwrap();
    let actor = dmp_dossier::Actor::Professional(Box::new(p));
    TypeCode::all()
        .iter()
        .map(|t| {
            let query = Query::Retrieve(vec![by_name(t.code)]);
            let moment = bench.moment(&[]);
            matches!(consult(&bench.dossier, &actor, &query, &moment), Ok(View::Contents(_)))
        })
        .collect()
}
