//! The author of a request that changes a dossier (`registrationRequest/author`).
//!
//! The reference system refuses a request whose author has no name (PDT-INF-617: TD1.1, 1.2, 1.3b, 1.4). Who acts is the
//! VIHF's, never the message's: the author is read to be checked, and to say who collected a consent.

use crate::elements::{Wrong, all, follow, missing, required, text_of, wrong};
use dmp_dossier::{Actor, PsId};
use dmp_xml::Element;

/// Who a message says its author is: `given family`.
///
/// # Errors
/// No family or given name, no identifier; a professional's number that is not the one of the VIHF.
pub(crate) fn read(request: Element<'_>, actor: &Actor) -> Result<String, Wrong> {
    let assigned = follow(request, &["author", "assignedEntity"])?;
    let mut ids = all(assigned, "id").peekable();
    if ids.peek().is_none() {
        return Err(missing(assigned, "id"));
    }
    if let Some(professional) = actor.professional() {
        let other = |id: &Element<'_>| {
            id.attribute("root") == Some(PsId::OID)
                && id.attribute("extension").is_some_and(|number| number != professional.id.as_str())
        };
        if let Some(id) = ids.find(other) {
            return Err(wrong(id, "l'auteur n'est pas le professionnel du VIHF"));
        }
    }
    let name = required(required(assigned, "assignedPerson")?, "name")?;
    let part = |part: &'static str| text_of(name, part)?.ok_or_else(|| missing(name, part));
    let (family, given) = (part("family")?, part("given")?);
    Ok(format!("{given} {family}"))
}
