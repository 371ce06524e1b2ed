//! The shipped matrix against what is officially known of it, and files that must be refused.

use super::*;
use crate::profession::Kind;

/// The optician's row, as published: exactly these.
const OPTICIAN: [&str; 12] = [
    "47420-5",
    "57828-6",
    "57832-8",
    "61357-0",
    "75468-9",
    "78513-9",
    "83836-7",
    "DOCPAT02",
    "DOCPAT09",
    "EXPPAT_1",
    "EXPPAT_2",
    "PRESC-ORTHOPTIE",
];

fn opened(matrix: &Matrix, profession: &str, social_sector: bool) -> Vec<&'static str> {
    let reader = matrix.reader(profession, social_sector);
    TypeCode::all().iter().map(|t| t.code).filter(|code| reader.allows(code).allowed).collect()
}

fn closed_current(matrix: &Matrix, profession: &str) -> Vec<&'static str> {
    TypeCode::current()
        .map(|t| t.code)
        .filter(|code| !matrix.allows(profession, code, false).allowed)
        .collect()
}

#[test]
fn the_type_table_fits_the_bit_sets() {
    assert!(TypeCode::all().len() <= 64 * Types::WORDS);
}

#[test]
fn a_doctor_reads_everything_but_the_attestation_of_residence() {
    let matrix = Matrix::builtin();
    assert_eq!(closed_current(&matrix, "10"), ["ATTEST-RESID"]);
    for t in TypeCode::all() {
        assert_eq!(matrix.allows("10", t.code, false).source, Source::Official, "{}", t.code);
    }
}

#[test]
fn an_optician_reads_exactly_twelve_types() {
    let matrix = Matrix::builtin();
    for social_sector in [false, true] {
        assert_eq!(opened(&matrix, "28", social_sector), OPTICIAN);
    }
    assert_eq!(
        matrix.allows("28", "11490-0", false),
        Cell { allowed: false, source: Source::Official, row: "opticien-lunetier" }
    );
}

#[test]
fn a_dentist_does_not_read_the_five_named_types_and_only_those_are_official() {
    let matrix = Matrix::builtin();
    let named = ["68599-0", "75496-0", "80788-3", "83901-9", "83981-1"];
    let closed = closed_current(&matrix, "40");
    assert_eq!(closed, ["68599-0", "75496-0", "80788-3", "83901-9", "83981-1", "ATTEST-RESID"]);
    for t in TypeCode::all() {
        let expected = if named.contains(&t.code) { Source::Official } else { Source::Provisional };
        assert_eq!(matrix.allows("40", t.code, false).source, expected, "{}", t.code);
    }
}

/// "A little more restricted than doctors, less than the other health professions".
#[test]
fn pharmacist_nurse_and_podiatrist_stand_between_doctor_and_dentist() {
    let matrix = Matrix::builtin();
    let (doctor, dentist) = (opened(&matrix, "10", false), opened(&matrix, "40", false));
    for profession in ["21", "60", "69", "80"] {
        let between = opened(&matrix, profession, false);
        assert!(between.iter().all(|code| doctor.contains(code)), "{profession}");
        assert!(dentist.iter().all(|code| between.contains(code)), "{profession}");
        assert!(dentist.len() < between.len() && between.len() < doctor.len(), "{profession}");
        assert_eq!(matrix.allows(profession, "11490-0", false).source, Source::Provisional);
    }
}

#[test]
fn each_kind_of_profession_reads_what_its_kind_may() {
    let matrix = Matrix::builtin();
    let dentist = opened(&matrix, "40", false);
    for p in Profession::all() {
        let (off, on) = (opened(&matrix, p.key, false), opened(&matrix, p.key, true));
        match p.kind {
            Kind::HealthProfessional => {
                assert!(!off.is_empty() && off == on, "{}", p.key);
                assert!(p.key == "28" || dentist.iter().all(|code| off.contains(code)), "{}", p.key);
            }
            Kind::SocialSector => {
                assert!(off.is_empty(), "{}", p.key);
                assert!(on.len() <= 8, "{}", p.key);
            }
            Kind::Student | Kind::Support | Kind::Special => {
                assert!(off.is_empty() && on.is_empty(), "{}", p.key)
            }
        }
    }
}

#[test]
fn a_social_row_opens_only_where_the_deployment_says_so() {
    let matrix = Matrix::builtin();
    for (profession, type_code, social_sector, allowed, source) in [
        ("93", "83901-9", false, false, Source::NotInForce),
        ("93", "83901-9", true, true, Source::Provisional),
        ("93", "11502-2", true, false, Source::Provisional),
        ("41", "28653-4", false, false, Source::NotInForce),
        ("41", "28653-4", true, true, Source::Provisional),
        ("93", "NO-SUCH-TYPE", true, false, Source::Default),
    ] {
        let cell = matrix.allows(profession, type_code, social_sector);
        assert_eq!(
            (cell.allowed, cell.source),
            (allowed, source),
            "{profession} {type_code} {social_sector}"
        );
    }
}

#[test]
fn what_no_row_names_is_refused() {
    let matrix = Matrix::builtin();
    let refused = Cell { allowed: false, source: Source::Default, row: "default" };
    for (profession, type_code) in [
        ("", "11490-0"),
        ("99", "11490-0"),
        ("G15_10", "11490-0"),
        ("010", "11490-0"),
        ("10 ", "11490-0"),
        ("332", "11490-0"),
        ("ALIM_AM", "REMB"),
        ("10", "NO-SUCH-TYPE"),
        ("10", ""),
        // the signature of a lot is listed to nobody
        ("10", "E1762"),
    ] {
        for social_sector in [false, true] {
            assert_eq!(
                matrix.allows(profession, type_code, social_sector),
                refused,
                "{profession} {type_code}"
            );
        }
    }
    assert!(!matrix.allows("G16_10", "11490-0", true).allowed);
}

#[test]
fn a_retired_type_follows_what_took_its_place() {
    let matrix = Matrix::builtin();
    for (profession, retired, allowed) in [
        // replaced by a type that is open
        ("10", "11493-4", true),
        ("40", "11526-1", true),
        ("10", "DOCPAT10", true),
        // without successor: every current type of the class must be open
        ("10", "39256-3", true),  // class 10, all open to a doctor
        ("40", "39256-3", false), // class 10, two closed to a dentist
        ("40", "52063-5", true),  // class 42, all open to a dentist
        // an `only` row opens what it names
        ("28", "52521-2", false),
        ("28", "CONTACTS-URGENCE", false),
    ] {
        assert_eq!(matrix.allows(profession, retired, false).allowed, allowed, "{profession} {retired}");
    }
}

#[test]
fn every_row_says_where_it_comes_from() {
    let matrix = Matrix::builtin();
    assert_eq!(matrix.version(), "2026.11-1");
    assert!(!matrix.reference().is_empty());
    for row in matrix.rows() {
        assert!(matches!(row.source, Source::Official | Source::Provisional), "{}", row.id);
        assert!(row.reference.len() > 10, "{}", row.id);
        assert!(matrix.professions_of(&row.id).count() > 0, "{}", row.id);
        assert_eq!(row.social_sector, row.id == "psychologue" || row.id == "secteur-social", "{}", row.id);
    }
    let official: Vec<_> =
        matrix.rows().iter().filter(|r| r.source == Source::Official).map(|r| &r.id).collect();
    assert_eq!(official, ["medecin", "opticien-lunetier", "chirurgien-dentiste"]);
    assert_eq!(matrix.row_of("60").map(|row| row.id.as_str()), Some("infirmier"));
}

/// A row to complete: `HEAD` and one valid row are 9 lines.
const HEAD: &str = "format = 1\nversion = \"test\"\nreference = \"here\"\n";
const DOCTOR: &str =
    "[[row]]\nid = \"a\"\nprofessions = [\"10\"]\nsource = \"official\"\nreference = \"there\"\n";

#[test]
fn an_operator_may_replace_the_matrix() {
    let text = format!("{HEAD}{DOCTOR}only = [\"REMB\", \"11493-4\"]\n");
    let matrix = Matrix::parse(&text).unwrap();
    assert_eq!(opened(&matrix, "10", false), ["11493-4", "REMB"]);
    assert!(opened(&matrix, "60", false).is_empty());
    assert_eq!(matrix.version(), "test");
}

#[test]
fn a_faulty_file_is_refused_with_its_line() {
    let row = |rest: &str| format!("{HEAD}{DOCTOR}{rest}");
    let second = |rest: &str| format!("{HEAD}{DOCTOR}only = []\n{rest}");
    for (name, text, error) in [
        ("no row", HEAD.to_owned(), "matrix, line 4: no row"),
        (
            "another format",
            HEAD.replace("= 1", "= 2"),
            "matrix, line 1: unknown format `2`, this version reads `1`",
        ),
        ("no version", HEAD.replace("\"test\"", "\" \""), "matrix, line 2: `version` is empty"),
        (
            "no rule",
            row(""),
            "matrix, line 4: row `a` needs either `only`, or `except` and `like` or one of them",
        ),
        (
            "two rules",
            row("only = []\nexcept = []\n"),
            "matrix, line 4: row `a` needs either `only`, or `except` and `like` or one of them",
        ),
        (
            "a misspelt type",
            row("only = [\n  \"REMB\",\n  \"REMBB\",\n]\n"),
            "matrix, line 11: unknown typeCode `REMBB`",
        ),
        ("the signature", row("only = [\"E1762\"]\n"), "matrix, line 9: unknown typeCode `E1762`"),
        (
            "a type twice",
            row("only = [\"REMB\", \"REMB\"]\n"),
            "matrix, line 9: typeCode `REMB` is there twice",
        ),
        ("like itself", row("like = \"a\"\n"), "matrix, line 9: `like` names no earlier row: `a`"),
        (
            "a row twice",
            second(&DOCTOR.replace("\"10\"", "\"60\"")),
            "matrix, line 11: row `a` is there twice",
        ),
        (
            "a profession twice",
            second(&DOCTOR.replace("\"a\"", "\"b\"")),
            "matrix, line 12: profession `10` has a row already",
        ),
        (
            "an unknown profession",
            second(&DOCTOR.replace("\"10\"", "\"60\",\n\"G15_10\"")),
            "matrix, line 13: unknown profession `G15_10`",
        ),
        (
            "no profession",
            second(&DOCTOR.replace("\"10\"", "")),
            "matrix, line 10: row `a` has no profession",
        ),
        (
            "no reference",
            row("only = []\n").replace("\"there\"", "\"\""),
            "matrix, line 8: `reference` is empty",
        ),
    ] {
        assert_eq!(
            Matrix::parse(&text).map(|_| ()).map_err(|e| e.to_string()),
            Err(error.to_owned()),
            "{name}"
        );
    }
}

#[test]
fn a_file_that_is_not_this_toml_is_refused_with_its_line() {
    for (name, text, line) in [
        ("empty", String::new(), 1),
        ("not toml", format!("{HEAD}[[row\n"), 4),
        ("an unknown key", format!("{HEAD}{DOCTOR}onyl = []\n"), 9),
        ("an unknown source", format!("{HEAD}{DOCTOR}only = []\n").replace("\"official\"", "\"certain\""), 7),
        ("a number for a list", format!("{HEAD}{DOCTOR}only = 3\n"), 9),
        ("a null byte", format!("{HEAD}\u{0}"), 4),
    ] {
        let error = Matrix::parse(&text).expect_err(name);
        assert_eq!(error.line, line, "{name}: {error}");
        assert!(matches!(error.problem, Problem::Syntax(_)), "{name}: {error}");
    }
}

/// An operator's file may be cut by a full disk: read or refused, with a line that exists.
#[test]
fn a_file_cut_anywhere_is_refused_with_a_line_of_it_or_read() {
    let whole = include_str!("../../data/matrix.toml");
    let mut refused = 0;
    for (end, _) in whole.char_indices().step_by(37) {
        if let Err(error) = Matrix::parse(&whole[..end]) {
            assert!((1..=whole[..end].split('\n').count()).contains(&error.line), "cut at {end}: {error}");
            refused += 1;
        }
    }
    assert!(refused > 50, "{refused}");
}
