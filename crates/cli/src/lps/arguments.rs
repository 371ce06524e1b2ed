//! The arguments of each command of `dmp lps`.

use clap::{Args, ValueEnum};
use dmp_lps::Dtm;
use std::path::PathBuf;

/// TD0.3.
#[derive(Args)]
pub struct Authorise {
    /// Remove it instead
    #[arg(long)]
    pub(super) remove: bool,
    /// As médecin traitant
    #[arg(long)]
    pub(super) medecin_traitant: bool,
}

/// TD0.4.
#[derive(Args)]
pub struct Patients {
    /// Of which the date is after: YYYYMMDD, or YYYYMMDDhhmmss in UTC
    #[arg(long, value_name = "DATE", default_value = "20000101", value_parser = dtm)]
    pub(super) since: Dtm,
    /// Which date is looked at
    #[arg(long, value_enum, default_value = "last-authorisation")]
    pub(super) by: ByArg,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum ByArg {
    /// Last authorisation
    LastAuthorisation,
    /// Last document
    LastDocument,
}

/// TD0.5.
#[derive(Args)]
pub struct Candidates {
    /// Family name, of birth or in use, whole
    #[arg(long)]
    pub(super) family: String,
    /// Given name, or its beginning
    #[arg(long)]
    pub(super) given: Option<String>,
    /// Birth date YYYYMMDD, or year
    #[arg(long)]
    pub(super) birth: String,
    /// Sex: M or F
    #[arg(long)]
    pub(super) sex: Option<String>,
}

/// TD1.6.
#[derive(Args)]
pub struct Authorisations {
    /// ACTIVE, INTERDITE or TOUTE
    #[arg(long, default_value = "TOUTE")]
    pub(super) list: String,
}

/// TD2.1.
#[derive(Args)]
pub struct Publish {
    /// CDA files, of one patient
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Replace this document
    #[arg(long, value_name = "UID")]
    pub(super) replace: Option<String>,
    /// Masked to professionals
    #[arg(long)]
    pub(super) masked: bool,
    /// Hidden from the patient until announced
    #[arg(long)]
    pub(super) hidden_from_patient: bool,
    /// Hidden from the representatives of a minor
    #[arg(long)]
    pub(super) hidden_from_representatives: bool,
    /// Sign the lot (XAdES)
    #[arg(long)]
    pub(super) sign_lot: bool,
    /// Documents in base64 inside the message, not as MTOM parts
    #[arg(long)]
    pub(super) inline: bool,
}

/// TD3.1.
#[derive(Args)]
pub struct Search {
    /// Type of document (typeCode); several may be given
    #[arg(long = "type", value_name = "CODE")]
    pub(super) types: Vec<String>,
    /// Status; several may be given; approved when none is
    #[arg(long = "status", value_enum)]
    pub(super) statuses: Vec<StatusArg>,
    /// Acts from this date on: YYYYMMDD
    #[arg(long, value_name = "DATE", value_parser = dtm)]
    pub(super) from: Option<Dtm>,
    /// Acts until this date
    #[arg(long, value_name = "DATE", value_parser = dtm)]
    pub(super) to: Option<Dtm>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum StatusArg {
    /// Current
    Approved,
    /// Replaced
    Deprecated,
    /// Archived
    Archived,
    /// Deleted
    Deleted,
}

/// TD3.2.
#[derive(Args)]
pub struct Retrieve {
    /// uniqueId
    pub(super) uid: String,
    /// File to write; standard output when not given
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

/// A document.
#[derive(Args)]
pub struct Uid {
    /// uniqueId
    pub(super) uid: String,
}

fn dtm(text: &str) -> Result<Dtm, String> {
    Dtm::parse(text).ok_or_else(|| "YYYYMMDD or YYYYMMDDhhmmss is expected".to_owned())
}
