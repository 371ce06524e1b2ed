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
    let provider = |more: &str, kind: &str| {
        format!(
            "[[identity.providers]]\nlabel=\"P\"\nissuer=\"https://p\"\nclient_id=\"dmp\"\nkind=\"{kind}\"\n{more}\n"
        )
    };
    let one = provider("key=\"psc\"", "pro-sante-connect");
    let twice = format!("{one}{one}");
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
        ("[http]\ntls_certificate = \"c\"", vec![], "`http.tls_certificate` and `http.tls_key` go together"),
        ("[http]\ntls_key = \"k\"", vec![], "`http.tls_certificate` and `http.tls_key` go together"),
        (
            "[http]\ntls_client_crls = [\"l\"]",
            vec![],
            "`http.tls_client_crls` needs `http.tls_client_anchors`",
        ),
        ("[http]\npublic_url = \"dmp.example\"", vec![], "`http.public_url` must start with"),
        ("[http]\npublic_url = \"https://dmp.example/\"", vec![], "`http.public_url` must not end with /"),
        ("[http]\nconnections_max = -1", vec![], "`http.connections_max` must be a whole number from 0"),
        ("[http]\nconnections_max = 0", vec![], "`http.connections_max` must be at least 1"),
        ("[mail]\nhost = \"relay.example.org\"", vec![], "`mail.from` is needed with `mail.host`"),
        (
            "[mail]\nhost = \"relay.example.org\"\nfrom = \"a@b.fr\"\nuser = \"dmp\"",
            vec![],
            "`mail.user` and `mail.password_file` go together",
        ),
        ("[mail]\nport = 70000\nhost = \"h\"\nfrom = \"a@b.fr\"", vec![], "`mail.port`: "),
        ("[sms]\nurl = \"https://sms.example.org\"", vec![], "`sms.token_file` is needed with `sms.url`"),
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
        (
            &provider("key=\"psc\"\nactors=[\"patient\"]", "france-connect"),
            vec![],
            "`identity.providers`: `psc`: `actors`",
        ),
        (&provider("key=\"PSC\"", "pro-sante-connect"), vec![], "`identity.providers`: `PSC`: `key` is"),
        (&provider("key=\"x\"", "other"), vec![], "`identity.providers`: `x`: `actors` are listed"),
        (
            &provider("key=\"x\"\nactors=[\"loader\"]", "other"),
            vec![],
            "`identity.providers`: `x`: `actors`: nobody",
        ),
        (&provider("key=\"x\"", "facebook"), vec![], "`identity.providers`: unknown variant `facebook`"),
        (&twice, vec![], "`identity.providers`: `psc` is there twice"),
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

/// What `[xds]` may be with, beside what the text says.
const MUTUAL: &str = "[http]\ntls_certificate = \"c\"\ntls_key = \"k\"\ntls_client_anchors = \"a\"\n";
const PROXY: &str = "[http]\ntls_terminated_by_proxy = true\n";

#[test]
fn the_services_are_served_with_authorities_and_a_way_in_only() {
    let xds = |before: &str, text: &str| read(&format!("{before}[xds]\nenabled = true\n{text}"), &[]);
    let production = "[rules]\nrealm = \"production\"\n[storage]\naccept_file_custody = true\n";
    let anchors = "anchors = \"a.pem\"\n";
    for (before, text, says) in [
        (MUTUAL, "listen = \"0.0.0.0:8443\"", "`xds.enabled` needs `xds.anchors`"),
        ("", "anchors = \"a\"", "`xds.enabled`: no message could come in"),
        (PROXY, "anchors = \"a\"", "`xds.enabled`: no message could come in"),
        (MUTUAL, "anchors = \"a\"", "`xds.enabled`: no message could come in"),
        (
            "",
            "anchors = \"a\"\nrequire_client_certificate = false",
            "`xds.enabled`: no message could come in",
        ),
        ("", "anchors = \"a\"\nlisten = \"0.0.0.0:8443\"", "`xds.listen` needs `http.tls_certificate`"),
        (
            "[http]\ntls_certificate = \"c\"\ntls_key = \"k\"\n",
            "anchors = \"a\"\nlisten = \"127.0.0.1:8443\"",
            "`xds.listen` needs `http.tls_certificate` and `http.tls_client_anchors`",
        ),
        (
            PROXY,
            "anchors = \"a\"\nclient_certificate_header = \"X-SSL-Client-Cert\"",
            "`xds.trusted_proxies` go together",
        ),
        (PROXY, "anchors = \"a\"\ntrusted_proxies = [\"127.0.0.1\"]", "`xds.trusted_proxies` go together"),
        (
            PROXY,
            "anchors = \"a\"\ntrusted_proxies = [\"proxy\"]",
            "`xds.trusted_proxies`: `proxy` is no address",
        ),
        (
            PROXY,
            "anchors = \"a\"\nclient_certificate_header = \"a b\"",
            "`xds.client_certificate_header`: `a b` is no header",
        ),
        (
            PROXY,
            "anchors = \"a\"\nplain_http_on_loopback = true",
            "`xds.plain_http_on_loopback` is for the test realm",
        ),
        (
            "[http]\ntls_terminated_by_proxy = true\nlisten = \"0.0.0.0:80\"\n",
            "anchors = \"a\"\nplain_http_on_loopback = true",
            "`xds.plain_http_on_loopback` is for the test realm on a loopback address",
        ),
        (
            "",
            "anchors = \"a\"\nplain_http_on_loopback = true\nclient_certificate_header = \"Client-Cert\"\n\
             trusted_proxies = [\"127.0.0.1\"]",
            "`xds.plain_http_on_loopback` is for the test realm on a loopback address, with no proxy in front",
        ),
        (
            production,
            "anchors = \"a\"\nplain_http_on_loopback = true",
            "`xds.plain_http_on_loopback` is for the test realm",
        ),
        (
            &format!("{production}{PROXY}"),
            "anchors = \"a\"\nrequire_client_certificate = false",
            "the production realm needs `xds.require_client_certificate`",
        ),
        (
            &format!("{production}{MUTUAL}"),
            "anchors = \"a\"\nlisten = \"0.0.0.0:8443\"",
            "the production realm needs `xds.structures`",
        ),
        (MUTUAL, "anchors = \"a\"\nlisten = \"8443\"", "`xds.listen`: invalid socket address"),
        (
            "",
            "anchors = \"a\"\nplain_http_on_loopback = true\nvihf_max_age_minutes = 0",
            "`xds.vihf_max_age_minutes` must be at least 1",
        ),
        (
            "",
            "anchors = \"a\"\nplain_http_on_loopback = true\nsender_fault_status = 200",
            "`xds.sender_fault_status` is 400, or 500",
        ),
        ("", "lot_signature = \"never\"", "`xds.lot_signature`: unknown variant `never`"),
        ("", "legacy_sha1_until = \"demain\"", "`xds.legacy_sha1_until`: `demain` is no day"),
        ("", "legacy_software = [\"LPS\"]", "`xds.legacy_software`: `LPS` is no name followed by a version"),
        (
            "",
            "anchors = \"a\"\nplain_http_on_loopback = true\nlegacy_software = [\"LPS 1\"]",
            "`xds.legacy_software` go together",
        ),
        (
            "",
            "anchors = \"a\"\nplain_http_on_loopback = true\npublic_url = \"lps\"",
            "`xds.public_url` must start with",
        ),
    ] {
        let ConfigError(line) = xds(before, text).expect_err(text);
        assert!(line.contains(says) && !line.contains('\n'), "{before}{text}: {line}");
    }
    for (before, text) in [
        (MUTUAL, "listen = \"0.0.0.0:8443\""),
        (MUTUAL, "require_client_certificate = false"),
        (PROXY, "require_client_certificate = false"),
        (
            PROXY,
            "client_certificate_header = \"X-SSL-Client-Cert\"\ntrusted_proxies = [\"::ffff:192.0.2.1\"]",
        ),
        ("", "plain_http_on_loopback = true"),
        (&format!("{production}{MUTUAL}"), "listen = \"0.0.0.0:8443\"\nstructures = \"s\""),
    ] {
        let config =
            xds(before, &format!("{anchors}{text}")).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(config.xds.anchors.as_deref(), Some(Path::new("/srv/dmp/a.pem")));
    }
    let unused = read("[xds]\nlisten = \"0.0.0.0:8443\"", &[]).unwrap();
    assert!(!unused.xds.enabled, "what is not served needs nothing");
}

#[test]
fn the_server_listens_beyond_loopback_with_its_own_certificate() {
    let config = read(&format!("{MUTUAL}listen = \"0.0.0.0:443\""), &[]).unwrap();
    assert_eq!(config.http.tls.certificate.as_deref(), Some(Path::new("/srv/dmp/c")));
    assert_eq!(config.http.tls.client_anchors.as_deref(), Some(Path::new("/srv/dmp/a")));
}

#[test]
fn software_and_proxies_are_read_from_lists() {
    let text = "[xds]\nlegacy_software = [\"LPS GIE-SV 1\"]\nlegacy_sha1_until = \"2027-06-30\"\n\
                trusted_proxies = [\"::ffff:192.0.2.1\", \"2001:db8::1\"]\nclient_certificate_header = \"Client-Cert\"";
    let xds = read(text, &[("DMP_XDS_APPROVALS", "NumAutorisation, 42")]).unwrap().xds;
    let software = LegacySoftware { name: "LPS GIE-SV".into(), version: "1".into() };
    assert_eq!(xds.legacy_software, [software]);
    assert_eq!(xds.legacy_sha1_until.map(|day| day.to_string()).as_deref(), Some("2027-06-30"));
    assert_eq!(
        xds.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["192.0.2.1", "2001:db8::1"]
    );
    assert_eq!(xds.client_certificate_header.map(|name| name.to_string()).as_deref(), Some("client-cert"));
    assert_eq!(xds.approvals, ["NumAutorisation", "42"]);
}

#[test]
fn messages_leave_by_a_relay_and_a_gateway_whose_secrets_are_in_files() {
    let text = "[mail]\nhost = \"relay.example.org\"\nfrom = \"a@b.fr\"\nuser = \"dmp\"\npassword_file = \"relay\"\n\
                [sms]\nurl = \"https://sms.example.org\"\ntoken_file = \"sms\"";
    let accounts = read(text, &[]).unwrap().accounts;
    let missing = accounts.sms.as_ref().unwrap().open().err().unwrap().0;
    assert!(missing.starts_with("`sms.token_file`: `/srv/dmp/sms`: "), "{missing}");
    assert!(accounts.mail.unwrap().open().is_err());
    let none = read("", &[]).unwrap().accounts;
    assert!(none.mail.is_none() && none.sms.is_none() && none.passkey_domain.is_none());
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
    assert!(config.xds.enabled && config.xds.plain_http_on_loopback);
    assert!(config.xds.anchors.is_some_and(|anchors| anchors.starts_with("/srv/demo/authority")));
    let beyond = Config::demo(Path::new("/srv/demo"), "0.0.0.0:80".parse().unwrap(), true);
    assert!(beyond.is_err());
}
