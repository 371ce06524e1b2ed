//! What a configuration may say, and the one line said of each that may not.

use super::keys::KEYS;
use super::template::commented;
use super::*;
use std::collections::BTreeSet;

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read(text, environment, Path::new("/srv/dmp"))
}

#[test]
fn an_empty_file_gives_the_defaults_of_the_rules() {
    let config = read("", &[]).unwrap();
    assert_eq!(config.parameters, Parameters::default());
    assert_eq!(config.quotas, Quotas::default());
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.storage.keys, Path::new("/srv/dmp/keys"));
    assert!(config.identity.issuers.is_empty());
}

#[test]
fn each_fault_is_one_line_that_names_the_key() {
    let issuer = "url=\"u\"\naudience=\"a\"\nalgorithms=[\"ES256\"]\nkeys=\"k\"\nactors=";
    let unknown_actor = format!("[[identity.issuers]]\n{issuer}[\"ministre\"]");
    let extra = format!("[[identity.issuers]]\nsecret=\"x\"\n{issuer}[\"patient\"]");
    for (text, environment, says) in [
        ("[http]\nlisten = ", vec![], "line 2: "),
        ("[htpp]", vec![], "unknown section `htpp`"),
        ("port = 1", vec![], "unknown section `port`"),
        ("http = 1", vec![], "`http` must be a section"),
        ("[http]\nlisen = \"\"", vec![], "unknown key `http.lisen`"),
        ("[http]\nlisten = 8080", vec![], "`http.listen` must be a text"),
        ("[http]\nlisten = \"here\"", vec![], "`http.listen`: invalid socket address syntax"),
        ("[http]\nlisten = \"0.0.0.0:80\"", vec![], "`http.listen` is beyond loopback"),
        ("[http]\npublic_url = \"dmp.example\"", vec![], "`http.public_url` must start with"),
        ("[http]\npublic_url = \"https://dmp.example/\"", vec![], "`http.public_url` must not end with /"),
        ("[http]\nconnections_max = -1", vec![], "`http.connections_max` must be a whole number from 0"),
        ("[http]\nconnections_max = 0", vec![], "`http.connections_max` must be at least 1"),
        ("[rules]\nrealm = \"demo\"", vec![], "`rules.realm`: unknown variant `demo`"),
        ("[rules]\nmajority_age_years = 300", vec![], "`rules.majority_age_years`: "),
        ("[rules]\ncumul = \"yes\"", vec![], "`rules.cumul` must be true or false"),
        ("[rules]\nchannels = [\"poste\"]", vec![], "`rules.channels`: unknown channel `poste`"),
        ("[rules]\nannouncement_days = 15", vec![], "`rules.announcement_days` must not exceed"),
        ("[rules]\nannouncement_days_max = 15", vec![], "`rules.announcement_days_max` must be at most 14"),
        ("[rules]\ndocument_bytes_max = 99999999", vec![], "`rules.document_bytes_max` must not exceed"),
        ("[rules]\nrealm = \"production\"", vec![], "the production realm with keys in a file needs"),
        (
            "[rules]\nrealm = \"production\"\n[identity]\ntest_issuer = \"x\"",
            vec![],
            "`identity.test_issuer` is for the test realm",
        ),
        (
            "[rules]\naccept_production_oid = true\n[http]\nlisten = \"192.0.2.1:80\"\ntls_terminated_by_proxy = true",
            vec![],
            "`rules.accept_production_oid` is for the test realm on a loopback address",
        ),
        (&unknown_actor, vec![], "`identity.issuers`: unknown variant `ministre`"),
        (&extra, vec![], "`identity.issuers`: unknown field `secret`"),
        ("", vec![("DMP_HTTP_LISEN", "x")], "unknown variable `DMP_HTTP_LISEN`"),
        ("", vec![("DMP_RULES_CUMUL", "oui")], "`DMP_RULES_CUMUL` must be true or false"),
        (
            "",
            vec![("DMP_QUOTAS_PHARMACY_PATIENTS_PER_DAY", "-1")],
            "`DMP_QUOTAS_PHARMACY_PATIENTS_PER_DAY` must be a whole number",
        ),
        (
            "[quotas]\npatient_failed_look_ups_per_hour = \"many\"",
            vec![],
            "`quotas.patient_failed_look_ups_per_hour` must be",
        ),
    ] {
        let ConfigError(line) = read(text, &environment).expect_err(text);
        assert!(line.contains(says), "{text}: {line}");
        assert!(!line.contains('\n'), "{line}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = read(
        "[http]\nhosts = [\"a\"]\n[rules]\ncumul = false\n[quotas]\nprofessional_patients_per_hour = 7",
        &[
            ("DMP_HTTP_HOSTS", "b.example, c.example"),
            ("DMP_RULES_CUMUL", "true"),
            ("DMP_QUOTAS_PROFESSIONAL_PATIENTS_PER_HOUR", "none"),
            ("DMP_QUOTAS_PROFESSIONAL_PATIENTS_PER_DAY", "0"),
            ("DMP_RULES_MATRIX", "matrix.toml"),
            (
                "DMP_IDENTITY_ISSUERS",
                "[{url = \"https://p\", audience = \"dmp\", algorithms = [\"ES256\"], keys = \"p.json\", \
                 actors = [\"professional\"]}]",
            ),
            ("DMP_SHARED", "not a key of ours, and none of its business"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    assert_eq!(config.http.hosts, ["b.example", "c.example"]);
    assert!(config.parameters.cumul);
    assert_eq!(config.quotas.professional.patients_per_hour, None);
    assert_eq!(config.quotas.professional.patients_per_day, Some(0));
    assert_eq!(config.matrix.as_deref(), Some(Path::new("/srv/dmp/matrix.toml")));
    assert_eq!(config.identity.issuers[0].keys, Path::new("/srv/dmp/p.json"));
}

#[test]
fn the_file_that_init_writes_says_every_key_and_is_read() {
    let text = commented();
    let mut variables = BTreeSet::new();
    for key in KEYS {
        let variable = key.variable();
        assert!(text.contains(&format!("# {variable}\n")), "{variable}");
        assert!(text.contains(&format!("{} =", key.name)), "{}", key.name);
        assert!(variables.insert(variable), "a variable stands for one key");
    }
    let config = read(&text, &[]).unwrap();
    assert_eq!(config.identity.test_issuer.as_deref(), Some(Path::new("/srv/dmp/issuer.pem")));
    // Every value shown as a default is the default.
    let uncommented: String = text
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|l| is_pair(l)).unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_eq!(read(&uncommented, &[]).unwrap(), config);
}

/// A commented-out key with its value.
fn is_pair(line: &str) -> bool {
    KEYS.iter().any(|key| key.default.is_some() && line.starts_with(&format!("{} = ", key.name)))
}

#[test]
fn init_overwrites_nothing() {
    let directory = std::env::temp_dir().join(format!("dmp-init-{}", uuid::Uuid::new_v4()));
    init(&directory).unwrap();
    let config = Config::load(&directory.join(CONFIG_FILE)).unwrap();
    assert_eq!(config.storage.data, directory.join("."));
    let before = std::fs::read(directory.join(KEYS_FILE)).unwrap();
    for name in [CONFIG_FILE, KEYS_FILE, ISSUER_FILE] {
        assert!(matches!(init(&directory), Err(InitError::Exists(_))), "{name} is there");
        if name != KEYS_FILE {
            std::fs::remove_file(directory.join(name)).unwrap();
        }
    }
    assert_eq!(std::fs::read(directory.join(KEYS_FILE)).unwrap(), before);
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn the_demo_has_no_quota_and_takes_official_samples() {
    let config = Config::demo(Path::new("/srv/demo"), "127.0.0.1:0".parse().unwrap(), true).unwrap();
    assert_eq!(config.quotas, Quotas::unlimited());
    assert!(!config.parameters.author_structure);
    assert!(config.realm().accept_production_oid);
    assert_eq!(config.storage.data, Path::new("/srv/demo/."));
    let beyond = Config::demo(Path::new("/srv/demo"), "0.0.0.0:80".parse().unwrap(), true);
    assert!(beyond.is_err());
}
