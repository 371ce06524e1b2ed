//! The commands that talk to a running server: `publish` on the official samples, then `export`, `explain`, `verify`.
#![allow(clippy::unwrap_used, clippy::print_stderr)] // a failure here is the test's failure; a skipped test says so

mod common;

use common::{DMP, Demo, Request, shared};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the headers of the samples say: uniqueId, typeCode, classCode, status once all are published, identifier of
/// the first author, creation, start of the act. Read from the files by another parser than ours.
const SAMPLES: &str = "
hl7v2-CR_Radio_CDAN1_v1 | 1.2.250.1.71.4.2.2.120456789.71024000081 | 18748-4 | 31 | superseded | 801234564895 | 2005-04-11T08:33:28Z | 2023-02-27T08:28:27Z
hl7v2-CR_Radio_CDAN1_v2 | 1.2.250.1.71.4.2.2.120456789.71024000082 | 18748-4 | 31 | current | 801234564895 | 2005-04-11T08:33:28Z | 2023-02-27T08:28:27Z
t30-ANEST-CR-CPA_2022.01 | 1.2.250.1.213.1.1.1.41.2022.1.1 | 34749-2 | 10 | current | 801234567897 | 2020-03-17T16:11:00Z | 2020-03-17T16:11:00Z
t30-AVC-EUNV_2022.01 | 1.2.250.1.213.1.1.1.16.2022.1.1 | 34133-9 | 11 | current | 801234567897 | 2018-10-01T10:17:00Z | 2018-10-01T10:17:00Z
t30-BIO-CR-BIO_2021.01_CDA-R2-Niveau-1 | 1.2.250.1.213.1.1.1.55.2021.3.1 | 11502-2 | 10 | current | 801234534765 | 2021-01-04T15:05:27Z | 2021-01-04T08:22:00Z
t30-BIO-CR-BIO_2024.01_CRP_non_LOINC | 1.2.250.1.213.1.1.1.55.2024.2.1 | 11502-2 | 10 | current | 801234534765 | 2021-04-01T16:10:00Z | 2021-01-04T08:22:00Z
t30-BIO-CR-BIO_2024.01_Microbiologie_V2 | 1.2.250.1.213.1.1.1.55.2024.8.2 | 11502-2 | 10 | current | 801234534765 | 2024-01-04T15:05:27Z | 2024-01-04T08:22:00Z
t30-BIO-TROD_2024.01_COVID-19 | 1.2.250.1.213.1.1.1.59.2024.2.1 | 96173-0 | 52 | current | 807655473259 | 2024-01-06T10:36:23Z | 2024-01-06T10:36:23Z
t30-CANCER-FRCP_2022.01_Appareil | 1.2.250.1.213.1.1.1.8.2022.1.1 | 34794-8 | 10 | current | 401234567890009 | 2019-02-18T08:49:14Z | 2019-02-18T14:45:00Z
t30-CANCER-PPS_2022.01_feuille-de-style-externe | 1.2.250.1.213.1.1.1.26.2022.2.1 | 18776-5 | 44 | current | 801234567897 | 2021-01-13T11:17:00Z | 2019-09-30T11:17:00Z
t30-CARD-F-PRC-AVK_2022.01 | 1.2.250.1.213.1.1.1.2.1.1.2022.1.1 | 34133-9 | 11 | current | 801234567897 | 2008-09-29T08:49:14Z | 2010-01-04T14:25:30Z
t30-CNAM-HR_2021.01 | 1.2.250.1.213.1.1.1.36.2021.1.1 | REMB | 60 | current | 518003502400041/1.2.250.1.215.1.2 | 2019-07-01T15:49:00Z | 2019-01-01T14:45:00Z
t30-DLU-EHPAD-DLU_2022.01 | 1.2.250.1.213.1.1.1.22.2022.1.1 | 74207-2 | 11 | current | 801234567897 | 2020-03-27T14:35:00Z | 2020-03-27T14:35:00Z
t30-DLU-EHPAD-FLUDT_2022.01 | 1.2.250.1.213.1.1.1.23.2022.1.1 | 74207-2 | 11 | current | 801234567897 | 2020-03-27T14:35:00Z | 2020-03-27T16:50:00Z
t30-IMG-DA-IMG_2024.01_Radiographie_IRM_Genou | 1.2.250.1.213.1.1.1.47.2024.4.1 | 55115-0 | 42 | current | 801234567897 | 2021-01-12T10:17:00Z | 2021-01-12T09:25:00Z
t30-IMG_CR_IMG_2024.01 | 1.2.250.1.213.1.1.1.45.2024.1.1 | 18748-4 | 31 | current | 801234560801 | 2021-01-08T10:17:00Z | 2021-01-08T09:25:00Z
t30-IMG_CR_IMG_2024.01_CDA-R2-Niveau-1 | 1.2.250.1.213.1.1.1.45.2024.2.1 | 18748-4 | 31 | current | 801234560801 | 2021-01-08T10:17:00Z | 2021-01-08T09:25:00Z
t30-IPS-FR_2024.01 | 1.2.250.1.213.1.1.1.51.2024.1.1 | 60591-5 | 11 | current | 801234567897 | 2024-04-02T10:17:00Z | 2024-04-02T10:17:00Z
t30-LDL-EES_2022.01 | 1.2.250.1.213.1.1.1.21.2022.1.1 | 18761-7 | 11 | current | 801234567897 | 2019-10-29T10:17:00Z | 2019-10-29T10:17:00Z
t30-LDL-SES_2022.01 | 1.2.250.1.213.1.1.1.29.2022.1.1 | 11490-0 | 10 | current | 801234567897 | 2019-12-03T12:30:00Z | 2019-10-29T10:17:00Z
t30-OPH-BRE_2022.02 | 1.2.250.1.213.1.1.1.42.2022.1.1 | 78513-9 | 10 | current | 801234567897 | 2021-08-27T08:30:00Z | 2021-08-27T14:45:00Z
t30-TLM-CR_2022.01 | 1.3.6.1.4.1.19376.1.2.20.2022.1.1 | 85208-7 | 10 | current | 801234567123 | 2020-03-27T14:35:00Z | 2020-03-27T14:45:00Z
t30-TLM-DA_2022.01_TCG | 1.2.250.1.213.1.1.1.38.2022.1.1 | 75496-0 | 10 | current | 801234567897 | 2021-03-27T14:35:00Z | 2021-03-27T16:50:45Z
t30-VAC-NOTE_2023.01 | 1.2.250.1.213.1.1.1.46.2023.1.1 | 87273-9 | 52 | current | 801234567897 | 2021-04-09T14:35:00Z | 2021-04-09T14:35:00Z
t30-VAC_2023.01 | 1.2.250.1.213.1.1.1.37.2023.1.1 | 11369-6 | 52 | current | 801234567897 | 2021-04-09T16:00:00Z | 2021-04-09T16:00:00Z
t30-VSM_1.4_2022.01 | 1.2.250.1.213.1.1.1.13.2022.1.1 | SYNTH | 11 | current | 801234567897 | 2020-03-12T10:17:00Z | 2020-03-12T10:17:00Z
t30-eP-MED-DM_2024.01_PosoStruct | 1.2.250.1.213.1.1.1.39.2024.2.1 | 57833-6 | 42 | current | 801234567897 | 2023-12-01T08:30:00Z | 2023-12-01T08:10:00Z";

/// Those whose INS has a production OID, once it is accepted.
const OF_PRODUCTION: &str = "
t241-DOC_NON_STRUCTURE_CDA-R1 | C2AD5D22-4ED9-44D6-AD9B-4292BA64131F | 57833-6 | 42 | current | 807505123456 | 2020-07-01T11:47:45Z | 2020-07-01T12:47:45Z
t30-eDISP-MED_2024.01 | 1.2.250.1.213.1.1.1.54.2024.1.1 | 60593-1 | 43 | current | 578435954900010/1.2.250.1.176.1 | 2024-12-25T08:30:00Z | 2024-12-25T08:00:00Z";

/// The patient of most samples.
const PATIENT: &str = "279035121518989";
const WRONG_KEY: &str = "clé de contrôle du matricule INS fausse";
const OTHER_REALM: &str = "OID de production sur un domaine de test";

fn samples() -> Option<Vec<PathBuf>> {
    let Some(folder) = shared() else {
        eprintln!("skipped: no official samples on this machine (DMP_SHARED)");
        return None;
    };
    let listed = std::fs::read_dir(folder.join("data/cda-samples")).unwrap();
    let mut files: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "xml"));
    // The order must come from the headers, not from the command line.
    files.sort();
    files.reverse();
    Some(files)
}

fn url(demo: &Demo) -> String {
    format!("http://{}", demo.authority)
}

fn dmp(demo: &Demo, token: &str, arguments: &[&str]) -> Output {
    let command = arguments[0];
    let url = url(demo);
    let common = ["--url", &url, "--token", token];
    Command::new(DMP).arg(command).args(common).args(&arguments[1..]).output().unwrap()
}

fn publish(demo: &Demo, files: &[PathBuf]) -> (i32, String) {
    let token_file = demo.dir.join("loader.token");
    std::fs::write(&token_file, demo.token(&["--loader"])).unwrap();
    let output = Command::new(DMP)
        .args(["publish", "--url", &url(demo), "--open-missing", "--token-file"])
        .arg(&token_file)
        .args(files)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "nothing but the lines when nobody watches");
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// The line said of a file.
fn line_of<'l>(lines: &'l str, name: &str) -> &'l str {
    let end = format!("/{name}.xml");
    lines.lines().find(|line| line.ends_with(&end)).unwrap_or_else(|| panic!("no line for {name}:\n{lines}"))
}

fn check_lines(lines: &str, published: &[&str], refused: &[(&str, &str)]) {
    assert_eq!(lines.lines().count(), published.len() + refused.len(), "{lines}");
    for row in published {
        let cells: Vec<&str> = row.split(" | ").collect();
        let line = line_of(lines, cells[0]);
        assert!(line.starts_with(&format!("published {} ", cells[1])), "{line}");
    }
    for (name, reason) in refused {
        let line = line_of(lines, name);
        assert!(line.starts_with("refused XDSUnknownPatientId ") && line.contains(reason), "{line}");
    }
}

/// Each published sample is found by ITI-67 as its header says, and given back by ITI-68 byte for byte.
fn check_found(demo: &Demo, files: &[PathBuf], ins: &str, rows: &[&str]) {
    let token = demo.token(&["--patient", ins]);
    for row in rows {
        let [name, uid, kind, class, status, author, created, started] =
            <[&str; 8]>::try_from(row.split(" | ").collect::<Vec<_>>()).unwrap();
        let prefix = if uid.contains('-') { "urn:uuid:" } else { "urn:oid:" };
        let search = format!(
            "/fhir/DocumentReference?patient.identifier=urn:oid:1.2.250.1.213.1.4.10%7C{ins}\
             &identifier=urn:ietf:rfc:3986%7C{prefix}{uid}"
        );
        let found = demo.get(&search, &token).json();
        assert_eq!(found["entry"].as_array().map(Vec::len), Some(1), "{name}: {found}");
        let resource = &found["entry"][0]["resource"];
        let contained = |reference: &serde_json::Value| {
            let id = reference["reference"].as_str().unwrap_or_default().trim_start_matches('#').to_owned();
            resource["contained"]
                .as_array()
                .unwrap()
                .iter()
                .find(|c| c["id"] == *id)
                .cloned()
                .unwrap_or_default()
        };
        let mut who = contained(&resource["author"][0]);
        if who["resourceType"] == "PractitionerRole" {
            who = contained(&who["practitioner"]);
        }
        for (what, is, expected) in [
            ("type", &resource["type"]["coding"][0]["code"], kind),
            ("class", &resource["category"][0]["coding"][0]["code"], class),
            ("status", &resource["status"], status),
            ("author", &who["identifier"][0]["value"], author),
            ("creation", &resource["content"][0]["attachment"]["creation"], created),
            ("start", &resource["context"]["period"]["start"], started),
        ] {
            assert_eq!(is, expected, "{what} of {name}");
        }
        let address = resource["content"][0]["attachment"]["url"].as_str().unwrap();
        let path = address.strip_prefix(&url(demo)).expect("links lead to this server");
        let accept = Request::get(path).bearer(&token).header("Accept", "text/xml, application/xslt+xml");
        let bytes = demo.send(&accept).body;
        let file = files.iter().find(|file| file.ends_with(format!("{name}.xml"))).unwrap();
        assert!(bytes == std::fs::read(file).unwrap(), "bytes of {name}");
    }
}

fn rows(table: &str) -> Vec<&str> {
    table.lines().filter(|line| !line.is_empty()).collect()
}

#[test]
fn official_samples_are_published_found_exported_and_verified() {
    let Some(files) = samples() else { return };
    let demo = Demo::start();
    let (code, lines) = publish(&demo, &files);
    assert_eq!(code, 1, "six are refused");
    let refused = [
        ("t30-CSE-CS8_2025.01", WRONG_KEY),
        ("t30-SDM-MR_2024.01_nouveau-ne", WRONG_KEY),
        ("t241-DOC_NON_STRUCTURE_CDA-R1", OTHER_REALM),
        ("t30-CSE-MDE_2023.01", OTHER_REALM),
        ("t30-OBP-SNE_2024.01", OTHER_REALM),
        ("t30-eDISP-MED_2024.01", OTHER_REALM),
    ];
    check_lines(&lines, &rows(SAMPLES), &refused);
    check_found(&demo, &files, PATIENT, &rows(SAMPLES));
    // Again: the first answers again, and nothing twice.
    assert_eq!(publish(&demo, &files), (code, lines));
    exported(&demo, &files);
    let verified = Command::new(DMP).args(["verify", "--data"]).arg(demo.data()).output().unwrap();
    let said = String::from_utf8(verified.stdout).unwrap();
    assert!(verified.status.success() && said.starts_with("verified 6 dossiers, "), "{said}");
}

#[test]
fn with_production_oids_accepted_four_samples_are_refused() {
    let Some(files) = samples() else { return };
    let demo = Demo::start_with(&["--accept-production-oid"]);
    let (code, lines) = publish(&demo, &files);
    assert_eq!(code, 1);
    let names = [
        "t30-CSE-CS8_2025.01",
        "t30-SDM-MR_2024.01_nouveau-ne",
        "t30-CSE-MDE_2023.01",
        "t30-OBP-SNE_2024.01",
    ];
    let all: Vec<&str> = rows(SAMPLES).into_iter().chain(rows(OF_PRODUCTION)).collect();
    check_lines(&lines, &all, &names.map(|name| (name, WRONG_KEY)));
    check_found(&demo, &files, "277076322082910", &rows(OF_PRODUCTION));
}

/// The patient's export holds every document byte for byte, metadata that the ebXML schemas accept, and the journal.
fn exported(demo: &Demo, files: &[PathBuf]) {
    let out = demo.dir.join("export.zip");
    let token = demo.token(&["--patient", PATIENT]);
    let run = || dmp(demo, &token, &["export", "--ins", PATIENT, "--out", out.to_str().unwrap()]);
    let output = run();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with("exported 27 documents, "), "{said}");
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&out).unwrap()).unwrap();
    let mut contents = std::collections::BTreeMap::new();
    for i in 0..zip.len() {
        let mut file = zip.by_index(i).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        contents.insert(file.name().unwrap().into_owned(), bytes);
    }
    for name in ["INDEX.HTM", "README.TXT", "JOURNAL/AUDIT.JSN", "JOURNAL/JOURNAL.HTM"] {
        assert!(contents.contains_key(name), "{name}");
    }
    let documents: Vec<&Vec<u8>> =
        contents.iter().filter(|(name, _)| name.contains("/DOC")).map(|(_, bytes)| bytes).collect();
    for row in rows(SAMPLES) {
        let name = row.split(" | ").next().unwrap();
        let file = files.iter().find(|file| file.ends_with(format!("{name}.xml"))).unwrap();
        assert!(documents.contains(&&std::fs::read(file).unwrap()), "{name} is in the export");
    }
    let journal = String::from_utf8(contents["JOURNAL/JOURNAL.HTM"].clone()).unwrap();
    assert!(journal.contains("a exporté le dossier"), "the export is in the journal it takes away");
    let metadata = String::from_utf8(contents["IHE_XDM/SUBSET01/METADATA.XML"].clone()).unwrap();
    assert_eq!(metadata.matches("AssociationType:HasMember").count(), 27);
    assert_eq!(metadata.matches("AssociationType:RPLC").count(), 1);
    is_valid(&demo.dir, &metadata);
    assert!(!run().status.success(), "a file that is there is not overwritten");
    // A professional whom nobody authorised takes nothing away.
    let other = demo.dir.join("other.zip");
    let doctor = demo.doctor("899900063480");
    let output = dmp(demo, &doctor, &["export", "--ins", PATIENT, "--out", other.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("dmp: refused AccessDenied "));
    assert!(!other.exists());
}

/// Against the ebXML schemas, where the validator and the schemas are.
fn is_valid(dir: &Path, metadata: &str) {
    let Some(schema) = shared().map(|folder| folder.join("data/xds-wsdl-xsd/nist-v3/lcm.xsd")) else {
        return;
    };
    let file = dir.join("METADATA.XML");
    std::fs::write(&file, metadata).unwrap();
    let validator =
        Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(file).output();
    let Ok(output) = validator else {
        eprintln!("skipped: no xmllint to validate METADATA.XML");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn explain_says_what_somebody_sees_and_by_which_rule() {
    let demo = Demo::start();
    let marie = demo.persona("marie");
    let ask = |token: &str, who: &str| {
        let output = dmp(&demo, token, &["explain", "--ins", "284073523811416", "--as", who]);
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), said, String::from_utf8(output.stderr).unwrap())
    };
    let (code, said, _) = ask(&marie, "opticien-lenoir");
    assert_eq!(code, Some(0));
    assert!(said.starts_with("opticien-lenoir searches (ACC-5: "), "{said}");
    assert!(said.contains("not seen (VIS-1: "), "{said}");
    let (_, said, _) = ask(&marie, "dr-martin");
    let seen = |said: &str| said.lines().last().unwrap().split(' ').next().unwrap().parse::<u32>().unwrap();
    assert!(seen(&said) > seen(&ask(&marie, "opticien-lenoir").1), "{said}");
    let (code, said, error) = ask(&demo.persona("dr-roux"), "dr-martin");
    assert_eq!((code, said.as_str()), (Some(1), ""), "{error}");
    assert!(error.starts_with("dmp: refused "), "{error}");
}

#[test]
fn a_wrong_configuration_is_one_line_and_exit_code_78() {
    let dir = std::env::temp_dir().join(format!("dmp-serve-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    let init = || Command::new(DMP).arg("init").arg(&dir).output().unwrap();
    assert!(init().status.success());
    assert_eq!(init().status.code(), Some(1), "nothing is overwritten");
    let config = dir.join("dmp.toml");
    let written = std::fs::read_to_string(&config).unwrap();
    let keys = dir.join("keys");
    let secret = std::fs::read(&keys).unwrap();
    type Break<'b> = Box<dyn Fn() + 'b>;
    type Row<'r> = (&'r str, Break<'r>, &'r [(&'r str, &'r str)], &'r str);
    let rows: Vec<Row<'_>> = vec![
        ("no file", Box::new(|| std::fs::remove_file(&config).unwrap()), &[], "No such file"),
        ("not TOML", Box::new(|| std::fs::write(&config, "listen =").unwrap()), &[], "line 1"),
        (
            "an unknown key",
            Box::new(|| std::fs::write(&config, "[http]\nport = 1").unwrap()),
            &[],
            "`http.port`",
        ),
        ("an unknown variable", Box::new(|| ()), &[("DMP_HTTP_PORT", "1")], "`DMP_HTTP_PORT`"),
        ("beyond loopback", Box::new(|| ()), &[("DMP_HTTP_LISTEN", "0.0.0.0:0")], "`http.listen`"),
        ("a matrix that is none", Box::new(|| ()), &[("DMP_RULES_MATRIX", "dmp.toml")], "`rules.matrix`"),
        ("no keys", Box::new(|| std::fs::remove_file(&keys).unwrap()), &[], "`storage.keys`"),
        ("keys cut short", Box::new(|| std::fs::write(&keys, "kek 1 00").unwrap()), &[], "`storage.keys`"),
        ("no issuer key", Box::new(|| ()), &[("DMP_IDENTITY_TEST_ISSUER", "x")], "`identity.test_issuer`"),
        ("a filter that is none", Box::new(|| ()), &[("DMP_LOG_LEVEL", "a=b=c")], "`log.level`"),
    ];
    for (row, wrong, environment, says) in rows {
        std::fs::write(&config, &written).unwrap();
        if !keys.exists() {
            // Anybody may write a key file; only its owner may read it.
            use std::os::unix::fs::OpenOptionsExt as _;
            std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&keys)
                .unwrap();
        }
        std::fs::write(&keys, &secret).unwrap();
        wrong();
        let output = Command::new(DMP)
            .args(["serve", "--config"])
            .arg(&config)
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{row}: {said}");
        assert!(
            said.starts_with("dmp: ") && said.lines().count() == 1 && said.contains(says),
            "{row}: {said}"
        );
        assert!(output.stdout.is_empty(), "{row}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}
