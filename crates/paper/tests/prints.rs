//! What comes out is a PDF that a reader nobody here wrote (`pdftotext`, poppler) reads back, accents and order
//! included, always the same bytes.
#![allow(clippy::unwrap_used, reason = "tests")]

use dmp_paper::{
    Acknowledgement, CardContact, CardSection, EmergencyCard, ExportIndex, ExportRow, Pdf, SealedCredentials,
    acknowledgement, emergency_card, index_of_export, leaflet, letter, sealed_credentials,
};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Text of a PDF as poppler reads it, spaces made one.
fn read(pdf: &[u8]) -> String {
    run("pdftotext", &["-enc", "UTF-8"], pdf).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn run(tool: &str, arguments: &[&str], pdf: &[u8]) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("dmp-paper-{}-{}.pdf", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, pdf).unwrap();
    let mut command = Command::new(tool);
    command.args(arguments).arg(&path);
    if tool == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().unwrap();
    std::fs::remove_file(path).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn sealed() -> SealedCredentials {
    SealedCredentials {
        patient: "GARÇON Élodie Noëlle".into(),
        login: "QF7K-22MD".into(),
        secret: "H3PW-9XTR-4CVJ".into(),
        address: "https://dmp.example.org/compte/activer".into(),
        date: "22 novembre 2026".into(),
    }
}

fn done() -> Acknowledgement {
    Acknowledgement {
        patient: "GARÇON Élodie".into(),
        born: "04/07/1962".into(),
        at: "22 novembre 2026 à 10 h 42".into(),
        by: "CPAM d'Ille-et-Vilaine, agent 014".into(),
        channel: "Accueil de l'Assurance maladie".into(),
        representative: None,
        choices: vec![("Le Samu peut lire en cas d'urgence".into(), "Oui".into())],
        text_version: dmp_paper::INFORMATION_VERSION.into(),
    }
}

fn card() -> EmergencyCard {
    let section = |heading: &str, alert, lines: &[&str]| CardSection {
        heading: heading.into(),
        lines: lines.iter().map(|l| (*l).to_owned()).collect(),
        alert,
    };
    EmergencyCard {
        name: "GARÇON Élodie".into(),
        born: "04/07/1962".into(),
        sections: vec![
            section("Allergies", true, &["Pénicilline (choc)", "Latex"]),
            section("Traitements", false, &["Warfarine 5 mg le soir", "Bisoprolol 2,5 mg le matin"]),
            section("Antécédents", false, &["Valve mécanique (2019)", "Diabète de type 2"]),
            section("Vide", false, &[]),
        ],
        contacts: vec![CardContact { name: "Paul Garçon (époux)".into(), phone: "06 00 00 00 00".into() }],
        address: "https://dmp.example.org/urgence".into(),
        date: "22 novembre 2026".into(),
    }
}

fn index(rows: usize) -> ExportIndex {
    let row = |number: usize| ExportRow {
        date: "12 mars 2026".into(),
        title: format!("Compte rendu n° {number} d'échographie, très détaillé, avec une conclusion longue"),
        kind: "Imagerie".into(),
        author: "Dr Noël Lefèvre, Centre d'imagerie de Rennes".into(),
        file: format!("IHE_XDM/SUBSET01/DOC{number:05}.XML"),
    };
    ExportIndex {
        patient: "GARÇON Élodie".into(),
        born: "04/07/1962".into(),
        at: "22 novembre 2026".into(),
        rows: (1..=rows).map(row).collect(),
    }
}

#[test]
fn every_print_reads_back_with_its_accents() {
    for (name, pdf, expected) in [
        ("leaflet", leaflet().unwrap(), &["À quoi il sert", "Fermer votre dossier", "15 ou le 112"][..]),
        (
            "acknowledgement",
            acknowledgement(&done()).unwrap(),
            &[
                "GARÇON Élodie",
                "Accueil de l'Assurance maladie",
                "Le Samu peut lire en cas d'urgence",
                "page 1 sur 1",
            ],
        ),
        (
            "sealed",
            sealed_credentials(&sealed()).unwrap(),
            &["À ouvrir par le patient seul", "QF7K-22MD", "H3PW-9XTR-4CVJ", "Détruisez cette feuille"],
        ),
        (
            "card",
            emergency_card(&card()).unwrap(),
            &[
                "Allergies : Pénicilline (choc) ; Latex",
                "Valve mécanique (2019)",
                "Informations du 22 novembre 2026",
            ],
        ),
        (
            "index",
            index_of_export(&index(60)).unwrap(),
            &["Compte rendu n° 60", "DOC00060.XML", "60 documents"],
        ),
        (
            "letter",
            letter("Mme Élodie Garçon\n3 rue de l'Église\n35000 Rennes", "Vos codes\n\nVoici\nvos codes.")
                .unwrap(),
            &["3 rue de l'Église", "Vos codes", "Voici vos codes."],
        ),
    ] {
        if let Ok(folder) = std::env::var("DMP_PAPER_OUT") {
            std::fs::write(format!("{folder}/{name}.pdf"), &pdf).unwrap();
        }
        let text = read(&pdf);
        for words in expected {
            assert!(text.contains(words), "{name}: no `{words}` in {:.3000}", text);
        }
        assert!(!text.contains("Vide") && pdf.len() < 150_000, "{name}: {} bytes", pdf.len());
        let about = run("pdfinfo", &[], &pdf);
        assert!(about.contains("Tagged:          yes") && about.contains("A4"), "{name}: {about}");
        let tree = run("pdfinfo", &["-struct-text"], &pdf);
        assert!(tree.contains("H1"), "{name}: {tree}");
    }
}

#[test]
fn the_same_words_give_the_same_bytes() {
    assert_eq!(sealed_credentials(&sealed()).unwrap(), sealed_credentials(&sealed()).unwrap());
    assert_eq!(index_of_export(&index(60)).unwrap(), index_of_export(&index(60)).unwrap());
    let other = SealedCredentials { secret: "H3PW-9XTR-4CVK".into(), ..sealed() };
    assert_ne!(sealed_credentials(&sealed()).unwrap(), sealed_credentials(&other).unwrap());
}

/// The sheet is folded in three: the secret is in the middle third, nothing of it outside.
#[test]
fn the_secret_is_inside_the_folded_sheet() {
    let pdf = sealed_credentials(&sealed()).unwrap();
    let third = |y: &str| {
        let text = run("pdftotext", &["-x", "0", "-y", y, "-W", "596", "-H", "280"], &pdf);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(third("281").contains("H3PW-9XTR-4CVJ"));
    for outside in ["0", "562"] {
        let text = third(outside);
        assert!(!text.is_empty() && !text.contains("H3PW") && !text.contains("QF7K"), "{text}");
    }
}

#[test]
fn long_and_odd_text_is_printed_or_refused_without_a_panic() {
    let mut pdf = Pdf::new("Essai", "");
    pdf.heading(1, "Essai");
    pdf.paragraph(&"mot ".repeat(4000));
    pdf.paragraph(&"x".repeat(3000));
    pdf.paragraph("漢字 \u{0} \u{7} \u{202e} 👩‍⚕️ ∞");
    pdf.list::<&str>(&[]);
    pdf.facts::<&str>(&[]);
    assert!(pdf.qr(&"x".repeat(3000), "trop long").is_err());
    let text = read(&pdf.finish().unwrap());
    assert!(text.matches("mot").count() == 4000, "{}", text.matches("mot").count());

    let mut wide = card();
    wide.name = "A".repeat(300);
    wide.sections[0].lines = vec!["Z".repeat(500), String::new()];
    assert!(emergency_card(&wide).is_ok());
    assert!(letter("", "").is_ok() && letter(&"a\n".repeat(40), "s").is_ok());
    let mut long = sealed();
    long.login = "W".repeat(200);
    assert!(sealed_credentials(&long).is_ok());
}
