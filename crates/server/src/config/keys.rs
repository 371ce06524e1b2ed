//! Every key of the configuration: its shape, its default, what it says. The reader, the environment and the file
//! that `dmp init` writes are all made from this one list.

/// Shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text; `DMP_…` as it is.
    Text,
    /// A whole number from 0.
    Number,
    /// `true` or `false`.
    Switch,
    /// A list of texts; `DMP_…` separates them by commas.
    Texts,
    /// A whole number from 0, or `"none"` for no limit.
    Limit,
    /// Tables; `DMP_…` holds a TOML array of inline tables.
    Tables,
}

/// One key.
pub(super) struct Key {
    /// Section of the file.
    pub(super) section: &'static str,
    /// Name in its section.
    pub(super) name: &'static str,
    /// Shape of its value.
    pub(super) shape: Shape,
    /// Default, as TOML; `None` when there is none.
    pub(super) default: Option<&'static str>,
    /// What it decides, for the operator.
    pub(super) says: &'static str,
}

impl Key {
    /// Its environment variable.
    pub(super) fn variable(&self) -> String {
        format!("DMP_{}_{}", self.section, self.name).to_ascii_uppercase()
    }
}

const fn key(
    section: &'static str,
    name: &'static str,
    shape: Shape,
    default: Option<&'static str>,
    says: &'static str,
) -> Key {
    Key { section, name, shape, default, says }
}

/// Sections, in the order of the file, with their heading.
pub(super) const SECTIONS: [(&str, &str); 10] = [
    ("http", "Where and how the server answers."),
    ("xds", "The DMP interface that professional software speaks: SOAP, XDS.b, HL7 v3, VIHF."),
    ("storage", "Where data and keys are. Paths are relative to this file."),
    ("rules", "What a deployment decides about the rules; the law decides the rest."),
    ("quotas", "How much one may do; \"none\" is no limit. Beyond: 429, and a line in the journal."),
    ("identity", "Whose tokens are taken, and by whom people sign in."),
    ("accounts", "Accounts of people, and how they sign in to them."),
    ("mail", "The relay of mails; without one, codes and notices leave by other ways only."),
    ("sms", "The gateway of SMS."),
    ("log", "What the process writes on standard error."),
];

use Shape::{Limit, Number, Switch, Tables, Text, Texts};

/// Every key.
#[rustfmt::skip]
pub(super) const KEYS: &[Key] = &[
    key("http", "listen", Text, Some("\"127.0.0.1:8080\""),
        "Address and port. Port 0 takes a free one."),
    key("http", "public_url", Text, None,
        "Address by which clients reach the server, such as https://dmp.example.org; default: http:// and `listen`."),
    key("http", "hosts", Texts, Some("[]"),
        "Other names that may stand in Host, besides that of `public_url` (and, on loopback, localhost). Any other: 421."),
    key("http", "tls_terminated_by_proxy", Switch, Some("false"),
        "A proxy in front terminates TLS: this or `tls_certificate` is needed to listen beyond loopback, where plain HTTP must never be seen."),
    key("http", "tls_certificate", Text, None,
        "Certificate of the server with its chain (PEM): TLS then ends in this process, on every port."),
    key("http", "tls_key", Text, None,
        "Its private key (PEM)."),
    key("http", "tls_client_anchors", Text, None,
        "Authorities of the client certificates of `xds.listen` (PEM bundle). When a proxy forwards a certificate, it \
         must be of one of these too, where there are any."),
    key("http", "tls_client_crls", Texts, Some("[]"),
        "Their revocation lists (PEM or DER), read again within seconds of a change. When there is one, each authority \
         below an anchor needs one that is in force; without any, nothing is revoked."),
    key("http", "connections_max", Number, Some("4000"),
        "Most connections at once."),
    key("http", "connections_per_address_max", Number, Some("50"),
        "Most connections at once from one address; loopback, where a proxy stands, is not counted."),

    key("xds", "enabled", Switch, Some("false"),
        "Serve it, under /si-dmp-server/v2."),
    key("xds", "listen", Text, None,
        "Address and port of its own, in mutual TLS (`http.tls_certificate`, `http.tls_client_anchors`): the port of the \
         pages asks no certificate, browsers would prompt for one."),
    key("xds", "public_url", Text, None,
        "Address by which software reaches it, such as https://lps.dmp.example.org; default: `http.public_url`, with the \
         port of `xds.listen` where there is one."),
    key("xds", "require_client_certificate", Switch, Some("true"),
        "A message must come with a client certificate; the structure it names must be that of the VIHF."),
    key("xds", "client_certificate_header", Text, None,
        "Header in which a proxy that did the mutual TLS gives the client's certificate (percent-encoded PEM, base64 DER, \
         or RFC 9440). The proxy must overwrite it."),
    key("xds", "trusted_proxies", Texts, Some("[]"),
        "Addresses of the proxies whose header is read; from anybody else it is taken away."),
    key("xds", "plain_http_on_loopback", Switch, Some("false"),
        "Test realm, loopback only: take messages in plain HTTP, without a certificate. VIHF are checked all the same."),
    key("xds", "anchors", Text, None,
        "Authorities of the certificates that sign VIHF and lots, those in between too (PEM bundle). Read again within \
         seconds of a change, as `crls` are."),
    key("xds", "crls", Texts, Some("[]"),
        "Their revocation lists (PEM or DER)."),
    key("xds", "vihf_max_age_minutes", Number, Some("60"),
        "Oldest VIHF that is taken."),
    key("xds", "vihf_skew_minutes", Number, Some("5"),
        "How far the clock of a software may be off."),
    key("xds", "vihf_single_use", Switch, Some("true"),
        "A VIHF serves for one message, and for the same one again; false: for any until it expires, as software that \
         signs once a session needs."),
    key("xds", "sender_fault_status", Number, Some("400"),
        "HTTP status of a fault that is the sender's: 400, as SOAP 1.2 has it, or 500, the only one with which clients of \
         .NET (WCF) read a fault. 403, 413, 415 and 429 stay."),
    key("xds", "approvals", Texts, Some("[]"),
        "Approval numbers of software (LPS_ID_HOMOLOGATION_DMP) that are taken; none listed: any."),
    key("xds", "structures", Text, None,
        "Directory, one line each: `structure ID`, `structure ID LEGAL-ENTITY`, `regulation ID` (a SAMU: mode centre_15), \
         `person ID STRUCTURE…`; what is not there is refused. Without it, a VIHF is believed: not in the \
         production realm."),
    key("xds", "lot_signature", Text, Some("\"optional\""),
        "Signature of a lot (XAdES): `optional`, verified when it is there, or `required`."),
    key("xds", "legacy", Switch, Some("false"),
        "Take messages of software as it was before 2021: retired transactions."),
    key("xds", "legacy_sha1_until", Text, None,
        "Day until which signatures with SHA-1 are taken, such as 2027-06-30, from `legacy_software` only."),
    key("xds", "legacy_software", Texts, Some("[]"),
        "Software that may still sign with SHA-1, by name and version (LPS_Nom, LPS_Version), such as \"LPS GIE-SV 1\"."),

    key("storage", "data", Text, Some("\".\""),
        "Directory of the database; one process at a time."),
    key("storage", "keys", Text, Some("\"keys\""),
        "File of the key-encryption and index keys. Losing it loses every dossier: keep a copy elsewhere."),
    key("storage", "accept_file_custody", Switch, Some("false"),
        "Production realm: accept that who reads the key file and the database reads every dossier."),

    key("rules", "realm", Text, Some("\"test\""),
        "`test` (invented patients) or `production`; identities of the other realm are refused."),
    key("rules", "accept_production_oid", Switch, Some("false"),
        "Test realm, loopback only: read a production INS OID, as official samples carry, as a test one."),
    key("rules", "matrix", Text, None,
        "Matrice d'habilitations to use instead of the built-in one."),
    key("rules", "authorisation_days", Number, Some("365"),
        "How long an authorisation lasts."),
    key("rules", "session_minutes", Number, Some("480"),
        "How long an explicit consent outside the care team lasts."),
    key("rules", "announcement_days", Number, Some("7"),
        "Announcement delay of a document hidden from the patient, when its depositor asks for none."),
    key("rules", "announcement_days_max", Number, Some("14"),
        "Longest announcement delay a depositor may ask; at most 14."),
    key("rules", "majority_age_years", Number, Some("18"),
        "Age of majority."),
    key("rules", "cumul", Switch, Some("false"),
        "A document may be both masked to professionals and hidden from the patient."),
    key("rules", "hide_visible", Switch, Some("false"),
        "A visible document may become hidden from the patient without a replacement."),
    key("rules", "opt_out", Switch, Some("false"),
        "Opt-out law: nobody opens a dossier, the system makes them for those who did not object."),
    key("rules", "channels", Texts,
        Some("[\"web\", \"cpam\", \"pharmacie\", \"ps\", \"etablissement\", \"medico-social\", \"infirmier\"]"),
        "Channels that open dossiers under the opt-in law."),
    key("rules", "author_structure", Switch, Some("true"),
        "The structure of an author of a lot must be the depositing one."),
    key("rules", "historic", Switch, Some("false"),
        "Take retired document types at deposit."),
    key("rules", "social_sector", Switch, Some("false"),
        "The rows of the social sector are in force (their decree is awaited)."),
    key("rules", "blocked_may_feed", Switch, Some("true"),
        "A blocked professional may still deposit, and learns nothing of the block."),
    key("rules", "structure_declares", Switch, Some("false"),
        "A structure's certificate may declare the structure authorised."),
    key("rules", "document_bytes_max", Number, Some("10485760"),
        "Largest decoded document, in bytes."),
    key("rules", "lot_documents_max", Number, Some("10"),
        "Most documents in a lot."),
    key("rules", "lot_bytes_max", Number, Some("33554432"),
        "Largest lot, decoded, in bytes."),
    key("rules", "own_traces_days", Number, Some("365"),
        "How far back a professional reads his own traces, in days."),
    key("rules", "own_traces_max", Number, Some("100"),
        "And at most how many."),

    key("quotas", "professional_patients_per_hour", Limit, Some("20"),
        "Distinct patients of a professional in an hour."),
    key("quotas", "professional_patients_per_day", Limit, Some("80"),
        "Distinct patients of a professional in a day."),
    key("quotas", "professional_bris_de_glace_per_day", Limit, Some("3"),
        "Patients reached by a bris de glace of a professional in a day."),
    key("quotas", "professional_first_accesses_per_day", Limit, Some("5"),
        "Patients in a day whose record a professional opens for the first time on the portal, \
         nothing proving that they are there."),
    key("quotas", "professional_failed_look_ups_per_hour", Limit, Some("10"),
        "Look-ups by a professional of what is not there, in an hour."),
    key("quotas", "structure_patients_per_hour", Limit, Some("200"),
        "Distinct patients of a structure, all its people together in an hour."),
    key("quotas", "structure_patients_per_day", Limit, Some("2000"),
        "Distinct patients of a structure, all its people together in a day."),
    key("quotas", "structure_bris_de_glace_per_day", Limit, Some("20"),
        "Patients reached by a bris de glace of a structure, all its people together in a day."),
    key("quotas", "structure_first_accesses_per_day", Limit, Some("50"),
        "Patients in a day whose record a structure, all its people together, opens for the first time on the portal, \
         nothing proving that they are there."),
    key("quotas", "structure_failed_look_ups_per_hour", Limit, Some("50"),
        "Look-ups by a structure, all its people together of what is not there, in an hour."),
    key("quotas", "pharmacy_patients_per_hour", Limit, Some("60"),
        "Distinct patients of a pharmacy in an hour."),
    key("quotas", "pharmacy_patients_per_day", Limit, Some("400"),
        "Distinct patients of a pharmacy in a day."),
    key("quotas", "pharmacy_bris_de_glace_per_day", Limit, Some("0"),
        "Patients reached by a bris de glace of a pharmacy in a day."),
    key("quotas", "pharmacy_first_accesses_per_day", Limit, Some("0"),
        "Patients in a day whose record a pharmacy opens for the first time on the portal, \
         nothing proving that they are there."),
    key("quotas", "pharmacy_failed_look_ups_per_hour", Limit, Some("20"),
        "Look-ups by a pharmacy of what is not there, in an hour."),
    key("quotas", "regulation_patients_per_hour", Limit, Some("120"),
        "Distinct patients of a regulation centre in an hour."),
    key("quotas", "regulation_patients_per_day", Limit, Some("1500"),
        "Distinct patients of a regulation centre in a day."),
    key("quotas", "regulation_bris_de_glace_per_day", Limit, Some("\"none\""),
        "Patients reached by a bris de glace of a regulation centre in a day."),
    key("quotas", "regulation_first_accesses_per_day", Limit, Some("\"none\""),
        "Patients in a day whose record a regulation centre opens for the first time on the portal, \
         nothing proving that they are there."),
    key("quotas", "regulation_failed_look_ups_per_hour", Limit, Some("60"),
        "Look-ups by a regulation centre of what is not there, in an hour."),
    key("quotas", "patient_failed_look_ups_per_hour", Limit, Some("10"),
        "Look-ups by a patient or a representative of what is not there, in an hour."),
    key("quotas", "searches_by_traits_per_hour", Limit, Some("60"),
        "Searches of a patient by traits by a regulation centre, all its people together, in an hour."),

    key("identity", "test_issuer", Text, None,
        "Private key of the issuer of `dmp token`, test realm only; it may speak for anybody."),
    key("identity", "issuers", Tables, Some("[]"),
        "Issuers of bearer tokens, each with url (`iss`), audience (`aud`), algorithms (ES256, RS256, EdDSA), keys \
         (JWKS or PEM file), key_id (`kid` of a PEM key) and actors, among professional, asserted-professional, \
         patient, representative, employee, structure, agent, insurer, pilot."),
    key("identity", "providers", Tables, Some("[]"),
        "Providers of OpenID Connect by whom people sign in to the pages, each with key, label, kind (pro-sante-connect, \
         france-connect, other), issuer, client_id, client_secret (file), client_secret_in_body, scopes, acr, algorithms \
         (ES256, ES384, RS256, PS256, EdDSA; default ES256 and RS256), and for `other` its actors. Redirect address to \
         register: `public_url`/connexion/retour."),

    key("accounts", "passkey_domain", Text, None,
        "Domain that passkeys belong to, when it is not the host of `http.public_url` but one above it. Changing it voids \
         every passkey."),

    key("mail", "host", Text, None,
        "Name of the relay, that of its certificate."),
    key("mail", "port", Number, Some("465"),
        "Its port."),
    key("mail", "starttls", Switch, Some("false"),
        "TLS by STARTTLS, required; false: from the first byte."),
    key("mail", "user", Text, None,
        "Who signs in to the relay, where it asks."),
    key("mail", "password_file", Text, None,
        "File of that user's password."),
    key("mail", "from", Text, None,
        "Sender, such as \"Dossier médical partagé <ne-pas-repondre@dmp.example.org>\"."),

    key("sms", "url", Text, None,
        "Address (https, a public host) to which {\"to\", \"text\"} is posted in JSON."),
    key("sms", "token_file", Text, None,
        "File of the bearer token of the gateway."),

    key("log", "format", Text, Some("\"text\""),
        "`text` or `json`."),
    key("log", "level", Text, Some("\"info\""),
        "`error`, `warn`, `info`, `debug`, or a filter by module."),
];
