//! What a depositor typed, checked field by field before anything is made of it.

use bytes::Bytes;
use dmp_dossier::{Code, Lid, Time, Visibility};
use dmp_nomenclature::{TypeCode, oid};
use jiff::civil::Date;
use uuid::Uuid;

use super::super::day;
use super::suggest;
use super::upload::Upload;
use crate::french;

/// Longest title typed.
const TITLE_CHARS_MAX: usize = 200;
const LABEL_CHARS_MAX: usize = 120;

/// The fields, as typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) day: String,
    pub(super) act_code: String,
    pub(super) act_label: String,
    /// `maintenant` or `annonce`.
    pub(super) visible: String,
    pub(super) until: String,
    pub(super) masked: bool,
    /// `visible` or `cache`, of a minor's representatives.
    pub(super) representatives: String,
    pub(super) replaces: String,
    /// Of one showing of the form: sent twice, it deposits once.
    pub(super) ticket: String,
}

impl Asked {
    pub(super) fn of(upload: &Upload) -> Asked {
        let field = |name| upload.field(name).to_owned();
        Asked {
            kind: field("type"),
            title: field("titre"),
            day: field("date"),
            act_code: field("acte_code"),
            act_label: field("acte_libelle"),
            visible: field("visible"),
            until: field("jusquau"),
            masked: !upload.field("masque").is_empty(),
            representatives: field("representants"),
            replaces: field("remplace"),
            ticket: field("jeton"),
        }
    }
}

/// What the file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pdf,
    Cda,
}

impl Kind {
    pub(super) fn of(bytes: &[u8]) -> Option<Kind> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        match text.first() {
            _ if bytes.starts_with(b"%PDF-") => Some(Kind::Pdf),
            Some(b'<') => Some(Kind::Cda),
            _ => None,
        }
    }
}

/// A deposit that can be made.
#[derive(Debug)]
pub(super) struct Valid {
    pub(super) kind: Kind,
    pub(super) bytes: Bytes,
    /// Of a PDF; a CDA says its own.
    pub(super) type_code: Option<&'static TypeCode>,
    /// Empty: the label of the type.
    pub(super) title: String,
    /// Of a PDF.
    pub(super) act: Option<Time>,
    pub(super) event: Option<Code>,
    pub(super) visibility: Visibility,
    pub(super) release_at: Option<Time>,
    pub(super) replaces: Option<Lid>,
    pub(super) ticket: Uuid,
}

/// What the dossier and the deployment say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    pub(super) is_minor: bool,
    pub(super) is_secret: bool,
    pub(super) now: Time,
    pub(super) announcement_days_max: u32,
    pub(super) file_bytes_max: usize,
    /// A document may be both masked and hidden from the patient.
    pub(super) cumul: bool,
}

/// A field and what is wrong with it.
pub(super) type Errors = Vec<(&'static str, String)>;

/// Checks everything at once.
///
/// # Errors
/// What is wrong, in the order of the page.
pub(super) fn check(
    asked: &Asked,
    file: Option<(String, Bytes)>,
    around: Circumstances,
) -> Result<Valid, Errors> {
    let mut errors = Errors::new();
    let mut wrong = |field, says: &str| errors.push((field, says.to_owned()));
    let today = day::today(around.now);
    let found = file.map(|(_, bytes)| bytes);
    let kind = found.as_deref().and_then(Kind::of);
    match (&found, kind) {
        (None, _) => wrong("fichier", "Choisissez un fichier."),
        (Some(_), None) => wrong("fichier", "Ce fichier n'est ni un PDF ni un CDA."),
        (Some(bytes), _) if bytes.len() > around.file_bytes_max => {
            let size = french::size(around.file_bytes_max);
            wrong("fichier", &format!("Ce fichier est trop grand : {size} au plus."));
        }
        _ => {}
    }
    let speaks_for_itself = kind == Some(Kind::Cda);
    let type_code = suggest::chosen(&asked.kind);
    if type_code.is_none() && !speaks_for_itself {
        wrong("type", "Choisissez un type de document.");
    }
    if asked.title.chars().count() > TITLE_CHARS_MAX || asked.title.chars().any(char::is_control) {
        wrong("titre", "Écrivez un titre de 200 caractères au plus.");
    }
    let act = day::read(&asked.day);
    match act {
        _ if speaks_for_itself => {}
        None => wrong("date", "Donnez la date de l'acte, par exemple 28/11/2026."),
        Some(act) if act > today => wrong("date", "La date de l'acte est dans le futur."),
        Some(_) => {}
    }
    let event = event(&asked.act_code, &asked.act_label).unwrap_or_else(|(field, says)| {
        wrong(field, says);
        None
    });
    let hidden = asked.visible == "annonce";
    if !hidden && asked.visible != "maintenant" {
        wrong("visible", "Dites quand le patient verra ce document.");
    }
    let until = until(hidden, &asked.until, today, around.announcement_days_max).unwrap_or_else(|says| {
        wrong("jusquau", &says);
        None
    });
    if asked.masked && hidden && !around.cumul {
        wrong("masque", "Un document à annoncer ne peut pas être aussi masqué.");
    }
    let representatives = match (around.is_minor, around.is_secret, asked.representatives.as_str()) {
        (_, true, "visible") => {
            wrong("representants", "En session secrète, le document est caché aux représentants.");
            true
        }
        (_, true, _) | (true, _, "cache") => true,
        (true, _, "visible") | (false, ..) => false,
        (true, ..) => {
            wrong("representants", "Dites si les représentants verront ce document.");
            false
        }
    };
    let replaces = (!asked.replaces.is_empty()).then(|| Lid::parse(&asked.replaces));
    let (Some(bytes), Some(kind), true) = (found, kind, errors.is_empty()) else {
        return Err(errors);
    };
    Ok(Valid {
        kind,
        bytes,
        type_code,
        title: asked.title.clone(),
        // Today's acts are before now, whatever the hour.
        act: act.map(|act| day::noon(act).min(around.now)),
        event,
        visibility: Visibility {
            masked: asked.masked,
            hidden_from_patient: hidden,
            hidden_from_representatives: representatives,
        },
        release_at: until.map(day::start),
        replaces: replaces.flatten(),
        ticket: Uuid::parse_str(&asked.ticket).unwrap_or_else(|_| Uuid::new_v4()),
    })
}

/// The last day of an announcement: after today, at most so many days later.
fn until(hidden: bool, text: &str, today: Date, days_max: u32) -> Result<Option<Date>, String> {
    if !hidden {
        return Ok(None);
    }
    let last = day::plus_days(today, days_max);
    match day::read(text) {
        None => Err("Donnez la date de fin de l'annonce.".to_owned()),
        Some(day) if day <= today => Err("La fin de l'annonce est au plus tôt demain.".to_owned()),
        Some(day) if day > last => {
            Err(format!("La fin de l'annonce est au plus tard le {}.", french::day(day::start(last))))
        }
        Some(day) => Ok(Some(day)),
    }
}

/// An act of CCAM (`HBQK002`) or a diagnosis of CIM-10 (`E11.9`), with its words.
fn event(code: &str, label: &str) -> Result<Option<Code>, (&'static str, &'static str)> {
    if code.is_empty() && label.is_empty() {
        return Ok(None);
    }
    let code = code.to_ascii_uppercase();
    let (letters, digits) = (u8::is_ascii_uppercase, u8::is_ascii_digit);
    let b = code.as_bytes();
    let is_ccam = b.len() == 7 && b[..4].iter().all(letters) && b[4..].iter().all(digits);
    let is_cim = (3..=7).contains(&b.len())
        && letters(&b[0])
        && b[1..3].iter().all(digits)
        && (b.len() == 3 || b[3..].iter().all(|c| digits(c) || letters(c) || *c == b'.' || *c == b'+'));
    let system = match (is_ccam, is_cim) {
        (true, _) => oid::CCAM.oid,
        (_, true) => oid::CIM10.oid,
        _ => return Err(("acte_code", "Écrivez un code CCAM ou CIM-10.")),
    };
    let count = label.chars().count();
    if count == 0 || count > LABEL_CHARS_MAX || label.chars().any(char::is_control) {
        return Err(("acte_libelle", "Écrivez le libellé, en 120 caractères au plus."));
    }
    Ok(Some(Code::new(code, system, label)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn around(is_minor: bool, is_secret: bool) -> Circumstances {
        Circumstances {
            is_minor,
            is_secret,
            now: samples::now(),
            announcement_days_max: 14,
            file_bytes_max: 100,
            cumul: false,
        }
    }

    fn asked() -> Asked {
        Asked {
            kind: "11488-4".to_owned(),
            day: "2026-11-20".to_owned(),
            visible: "maintenant".to_owned(),
            ..Asked::default()
        }
    }

    fn pdf() -> Option<(String, Bytes)> {
        Some(("a.pdf".to_owned(), Bytes::from_static(b"%PDF-1.7")))
    }

    /// Each wrong thing is said by the field it is in, and nothing else is. Today is 2026-11-21.
    #[test]
    fn what_is_wrong_is_said_by_its_field() {
        type Edit = fn(&mut Asked);
        let cases: [(&str, Edit, &[&str]); 19] = [
            ("right", |_| {}, &[]),
            ("no type", |a| a.kind = String::new(), &["type"]),
            ("insurer's type", |a| a.kind = "REMB".to_owned(), &["type"]),
            ("patient's type", |a| a.kind = "EXPPAT_3".to_owned(), &["type"]),
            ("retired type", |a| a.kind = "11493-4".to_owned(), &["type"]),
            ("no day", |a| a.day = String::new(), &["date"]),
            ("tomorrow", |a| a.day = "22/11/2026".to_owned(), &["date"]),
            ("today", |a| a.day = "21/11/2026".to_owned(), &[]),
            ("long title", |a| a.title = "x".repeat(201), &["titre"]),
            ("control in title", |a| a.title = "a\u{7}".to_owned(), &["titre"]),
            ("act without words", |a| a.act_code = "HBQK002".to_owned(), &["acte_libelle"]),
            ("no code", |a| (a.act_code, a.act_label) = ("x1".to_owned(), "y".to_owned()), &["acte_code"]),
            ("diagnosis", |a| (a.act_code, a.act_label) = ("e11.9".to_owned(), "Diabète".to_owned()), &[]),
            ("visible when", |a| a.visible = String::new(), &["visible"]),
            ("no end", |a| a.visible = "annonce".to_owned(), &["jusquau"]),
            (
                "ends today",
                |a| (a.visible, a.until) = ("annonce".to_owned(), "2026-11-21".to_owned()),
                &["jusquau"],
            ),
            (
                "fifteen days",
                |a| (a.visible, a.until) = ("annonce".to_owned(), "2026-12-06".to_owned()),
                &["jusquau"],
            ),
            (
                "fourteen days",
                |a| (a.visible, a.until) = ("annonce".to_owned(), "2026-12-05".to_owned()),
                &[],
            ),
            (
                "both",
                |a| (a.visible, a.until, a.masked) = ("annonce".to_owned(), "2026-12-05".to_owned(), true),
                &["masque"],
            ),
        ];
        for (name, edit, fields) in cases {
            let mut asked = asked();
            edit(&mut asked);
            let wrong = check(&asked, pdf(), around(false, false)).err().unwrap_or_default();
            assert_eq!(wrong.iter().map(|(f, _)| *f).collect::<Vec<_>>(), fields, "{name}");
        }
        for (file, says) in [
            (None, "Choisissez un fichier."),
            (Some(("a".to_owned(), Bytes::from_static(b"MZ"))), "Ce fichier n'est ni un PDF ni un CDA."),
            (
                Some(("a".to_owned(), Bytes::from(format!("%PDF-{}", "x".repeat(100))))),
                "Ce fichier est trop grand : 100 octets au plus.",
            ),
        ] {
            let wrong = check(&asked(), file, around(false, false)).err().unwrap_or_default();
            assert_eq!(wrong, [("fichier", says.to_owned())]);
        }
    }

    #[test]
    fn a_minors_representatives_are_asked_about_without_default() {
        for (is_minor, is_secret, answer, hidden) in [
            (false, false, "", Ok(false)),
            (true, false, "", Err("representants")),
            (true, false, "peut-etre", Err("representants")),
            (true, false, "visible", Ok(false)),
            (true, false, "cache", Ok(true)),
            (true, true, "", Ok(true)),
            (true, true, "cache", Ok(true)),
            (true, true, "visible", Err("representants")),
        ] {
            let asked = Asked { representatives: answer.to_owned(), ..asked() };
            let found = check(&asked, pdf(), around(is_minor, is_secret))
                .map(|valid| valid.visibility.hidden_from_representatives)
                .map_err(|errors| errors[0].0);
            assert_eq!(found, hidden, "{is_minor} {is_secret} {answer}");
        }
    }

    #[test]
    fn a_cda_says_its_own_type_and_date() {
        let file = Some(("a.xml".to_owned(), Bytes::from_static(b"\xef\xbb\xbf <ClinicalDocument/>")));
        let asked = Asked { visible: "maintenant".to_owned(), ..Asked::default() };
        let valid = check(&asked, file, around(false, false)).unwrap();
        assert_eq!((valid.kind, valid.type_code.is_none(), valid.act.is_none()), (Kind::Cda, true, true));
    }
}
