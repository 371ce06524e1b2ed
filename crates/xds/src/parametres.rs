//! The parameter file: what a professional's software reads of this deployment before it speaks to it.
//!
//! The reference system publishes such a file (DMPi 3.1.1; requirements EX_GEN-1550, EX_2.1-1050); its format is not
//! public, so path and format are ours. `GET /si-dmp-server/v2/parametres.xml`, without authentication:
//!
//! ```xml
//! <parametres xmlns="urn:dmp:parametres:1">
//!   <environnement>TEST</environnement>                   what the deployment calls itself
//!   <version-interface>2.10.0</version-interface>         edition of DMPi that the interface follows
//!   <horloge>2026-11-21T10:00:00.000Z</horloge>           the server's time, to set a clock by
//!   <repositoryUniqueId>1.2.250…</repositoryUniqueId>     of every document
//!   <fonctions-gestion-mineurs>true</…>                   connexion secrète, documents hidden from representatives
//!   <age-majorite>18</age-majorite>                       years
//!   <cumul-invisible_patient-masque_ps>false</…>          both codes on one document
//!   <tailles><document-octets-max/><lot-octets-max/><lot-documents-max/></tailles>
//!   <signature-lot>facultative</signature-lot>            or `obligatoire`
//!   <vihf-usage-unique>true</vihf-usage-unique>           a VIHF serves one message
//!   <profils><creation ouvert="true"/><alimentation ouvert="true"/><consultation ouvert="true"/></profils>
//!   <services><service nom="patient" adresse="https://…"/>…</services>
//! </parametres>
//! ```

use crate::service::Service;
use crate::{REPOSITORY, SERVICES, Xds};
use dmp_dossier::Channel;
use dmp_xml::Writer;

/// Edition of the interface's specification.
const INTERFACE: &str = "2.10.0";

/// Channels that open a dossier through a software.
const BY_SOFTWARE: [Channel; 5] =
    [Channel::Pharmacie, Channel::Ps, Channel::Etablissement, Channel::MedicoSocial, Channel::Infirmier];

/// The file.
pub(crate) fn write(xds: &Xds) -> String {
    let (parameters, settings) = (xds.store.parameters(), &xds.settings);
    let creation = &parameters.creation;
    let creation = !creation.opt_out && BY_SOFTWARE.iter().any(|channel| creation.channels.contains(channel));
    let mut file = Writer::new();
    file.declaration().open("parametres").attribute("xmlns", "urn:dmp:parametres:1");
    let mut say = |name: &'static str, value: &str| {
        file.open(name).text(value).close();
    };
    say("environnement", &settings.environment);
    say("version-interface", INTERFACE);
    say("horloge", &xds.store.now().to_instant());
    say("repositoryUniqueId", REPOSITORY);
    say("fonctions-gestion-mineurs", "true");
    say("age-majorite", &parameters.majority_age_years.to_string());
    say("cumul-invisible_patient-masque_ps", &parameters.cumul.to_string());
    say("signature-lot", if settings.lot_signature_required { "obligatoire" } else { "facultative" });
    say("vihf-usage-unique", &settings.vihf_single_use.to_string());
    file.open("tailles");
    let sizes = [
        ("document-octets-max", parameters.document_bytes_max.to_string()),
        ("lot-octets-max", parameters.lot_bytes_max.to_string()),
        ("lot-documents-max", parameters.lot_documents_max.to_string()),
    ];
    for (name, value) in sizes {
        file.open(name).text(&value).close();
    }
    file.close().open("profils");
    for (name, open) in [("creation", creation), ("alimentation", true), ("consultation", true)] {
        file.open(name).attribute("ouvert", if open { "true" } else { "false" }).close();
    }
    file.close().open("services");
    for (service, _) in Service::ALL {
        let address = format!("{}{SERVICES}/{}", settings.base, service.path());
        file.open("service").attribute("nom", service.path()).attribute("adresse", &address).close();
    }
    file.close().close();
    file.finish()
}
