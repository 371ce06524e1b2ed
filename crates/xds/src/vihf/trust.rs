//! Whose VIHFs are taken: authorities, parameters, directory; and the verification from end to end.

use super::assertion::{self, Assertion};
use super::directory::{Directory, Everyone};
use super::{Software, Vihf, actor, coherence, header, times};
use crate::ClientCertificate;
use crate::fault::Fault;
use dmp_dossier::{Ins, Mode, Realm, RealmPolicy, StructureId, Time};
use dmp_xml::Element;
use dmp_xml::signature::{
    Anchors, Certificate, CertificateError, SignatureError, SignaturePolicy, verify_enveloped,
};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

/// What a deployment decides about VIHFs.
#[derive(Debug, Clone)]
pub struct VihfParameters {
    /// Minutes that a VIHF lives from `IssueInstant`, whatever it says.
    pub max_age_minutes: u32,
    /// Minutes of tolerance on clocks.
    pub skew_minutes: u32,
    /// Software that may still sign with SHA-1.
    pub legacy_sha1: Vec<LegacySoftware>,
    /// Realm of patients and certificates: in production, a client certificate is required and the authorities of test
    /// (`TEST …`) are refused.
    pub realm: RealmPolicy,
    /// Approval numbers that are taken (`LPS_ID_HOMOLOGATION_DMP`); any, when not said.
    pub approvals: Option<BTreeSet<String>>,
}

impl Default for VihfParameters {
    fn default() -> Self {
        VihfParameters {
            max_age_minutes: 60,
            skew_minutes: 5,
            legacy_sha1: Vec::new(),
            realm: RealmPolicy { realm: Realm::Test, accept_production_oid: false },
            approvals: None,
        }
    }
}

/// A version of a software that may sign with SHA-1 until a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacySoftware {
    /// `LPS_Nom`.
    pub name: String,
    /// `LPS_Version`.
    pub version: String,
    /// Last instant.
    pub until: Time,
}

/// Whose signatures are taken.
pub struct Trust {
    anchors: RwLock<Arc<Anchors>>,
    parameters: VihfParameters,
    directory: Box<dyn Directory>,
}

impl Default for Trust {
    /// Nobody's.
    fn default() -> Self {
        Trust::new(Anchors::new(), VihfParameters::default(), Box::new(Everyone))
    }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trust").field("parameters", &self.parameters).finish_non_exhaustive()
    }
}

impl Trust {
    /// From authorities, parameters and a directory.
    pub fn new(anchors: Anchors, parameters: VihfParameters, directory: Box<dyn Directory>) -> Self {
        let trust = Trust { anchors: RwLock::default(), parameters, directory };
        trust.reload(anchors);
        trust
    }

    /// Takes other authorities and revocations from now on.
    pub fn reload(&self, mut anchors: Anchors) {
        anchors.refuse_test_authorities(self.parameters.realm.realm == Realm::Production);
        *self.anchors.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(anchors);
    }

    /// Authorities, for another signature of the same message (the lot's).
    pub fn anchors(&self) -> Arc<Anchors> {
        self.anchors.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether that software may still sign with SHA-1.
    pub fn legacy(&self, software: &Software, now: Time) -> bool {
        let listed =
            |l: &LegacySoftware| l.name == software.name && l.version == software.version && now <= l.until;
        self.parameters.legacy_sha1.iter().any(listed)
    }

    /// Verifies the VIHF of a message: `header` is its `soap:Header`, `tls` what the client opened the connection with.
    ///
    /// # Errors
    /// The fault to answer.
    pub fn verify<'t>(
        &self,
        header: Option<Element<'t>>,
        envelope: Element<'t>,
        tls: Option<&ClientCertificate>,
        now: Time,
    ) -> Result<Vihf, Fault> {
        let element = header::assertion(header, envelope)?;
        let anchors = self.anchors();
        let policy = SignaturePolicy {
            anchors: &anchors,
            at_seconds: u64::try_from(now.millis() / 1000).unwrap_or(0),
            legacy: assertion::software_of(element).is_some_and(|software| self.legacy(&software, now)),
        };
        let signed = verify_enveloped(element, &policy).map_err(|error| fault(&error))?;
        let assertion = Assertion::read(signed.element)?;
        let expires_at = times::check(&assertion, &self.parameters, now)?;

        let tls = self.client(tls)?;
        let unknown = || Fault::wsse("FailedAuthentication", "Structure introuvable ou inactive");
        let structure = StructureId::parse(&assertion.structure).ok_or_else(unknown)?;
        coherence::check(&assertion, &structure, &signed.certificate, tls.as_ref(), &*self.directory)?;
        if !self.directory.is_active(&structure) {
            return Err(unknown());
        }
        let person = actor::person(&assertion)?;
        if person.as_ref().is_some_and(|person| !self.directory.are_linked(person, &structure)) {
            return Err(Fault::wsse("FailedAuthentication", "PS et structure non liés"));
        }
        let approved = |list: &BTreeSet<String>| list.contains(&assertion.software.approval);
        if !self.parameters.approvals.as_ref().is_none_or(approved) {
            return Err(Fault::wsse("FailedAuthentication", "logiciel sans homologation connue"));
        }
        let actor = actor::of(&assertion, &structure, person, signed.certificate.subject())?;
        // Whoever signs may write this mode, which asks for neither authorisation nor reason.
        if *actor.mode() == Mode::Centre15 && !self.directory.regulates(&structure) {
            let reason = "ce mode d'accès est celui des centres de régulation";
            return Err(Fault::dmp("DMPAccessDeniedByRightsService", reason));
        }
        Ok(Vihf {
            actor,
            patient: assertion.resource_id.as_deref().map(|cx| self.patient(cx)).transpose()?,
            id: assertion.id.to_owned(),
            issued_at: assertion.issued_at,
            expires_at,
            structure,
            name_id: assertion.name_id,
            software: assertion.software,
            version: assertion.version,
        })
    }

    /// Whether a certificate is of the person, or of the structure, of a VIHF (the signature of a lot).
    pub(crate) fn is_of(&self, certificate: &Certificate, vihf: &Vihf) -> bool {
        coherence::is_of(certificate, &vihf.name_id, &vihf.structure, &*self.directory)
    }

    /// The certificate of the TLS connection, which production requires. Its chain was checked when it was opened.
    fn client(&self, tls: Option<&ClientCertificate>) -> Result<Option<Certificate>, Fault> {
        match tls {
            None if self.parameters.realm.realm == Realm::Production => {
                Err(Fault::wsse("FailedAuthentication", "connexion sans certificat client"))
            }
            None => Ok(None),
            Some(ClientCertificate(der)) => match Certificate::from_der(der) {
                Ok(certificate) => Ok(Some(certificate)),
                Err(_) => Err(Fault::wsse("FailedAuthentication", "certificat TLS illisible")),
            },
        }
    }

    /// The patient of the session: a CX, `value^^^&oid&ISO^NH`.
    fn patient(&self, cx: &str) -> Result<Ins, Fault> {
        let wrong = |says: &str| Fault::wsse("InvalidSecurityToken", format!("`resource-id` : {says}"));
        let mut components = cx.split('^');
        let value = components.next().unwrap_or_default();
        let authority = components.nth(2).and_then(|authority| authority.split('&').nth(1));
        let authority = authority.ok_or_else(|| wrong("identifiant CX illisible"))?;
        self.parameters.realm.read(value, authority).map_err(|error| wrong(error.says()))
    }
}

/// How a signature that is not taken is said.
fn fault(error: &SignatureError) -> Fault {
    match error {
        SignatureError::NotSigned => Fault::wsse("FailedCheck", "le VIHF n'est pas signé"),
        SignatureError::Shape(what) => Fault::wsse("InvalidSecurity", format!("VIHF refusé : {what}")),
        SignatureError::Reference(what) => {
            Fault::wsse("FailedCheck", format!("la signature ne couvre pas le VIHF : {what}"))
        }
        SignatureError::Algorithm { uri, .. } => {
            Fault::wsse("UnsupportedAlgorithm", format!("algorithme refusé : `{uri}`"))
        }
        SignatureError::NoCertificate => Fault::wsse("FailedCheck", "signature sans certificat"),
        SignatureError::NotASignatureCertificate => {
            let reason =
                "le certificat n'est pas un certificat de signature (Not a valid signature certificate)";
            Fault::dmp("DMPInvalidCertificate", reason)
        }
        SignatureError::Mismatch => Fault::wsse("FailedCheck", "la signature du VIHF n'est pas valide"),
        SignatureError::Certificate(why) => match why {
            CertificateError::Unreadable => Fault::wsse("InvalidSecurityToken", "certificat illisible"),
            CertificateError::UnknownAuthority => {
                Fault::wsse("FailedCheck", "certificat d'une autorité inconnue")
            }
            CertificateError::TestAuthority => Fault::wsse("InvalidSecurityToken", "certificat de test"),
            CertificateError::Expired => Fault::wsse("InvalidSecurityToken", "certificat expiré"),
            CertificateError::NotYetValid => {
                Fault::wsse("InvalidSecurityToken", "certificat pas encore valide")
            }
            CertificateError::Revoked => Fault::wsse("InvalidSecurityToken", "certificat révoqué"),
        },
    }
}
