//! TD0.4: the DMPs one is authorised on.
//!
//! `startDate` is `yyyyMMddHHmmss` in UTC, `dateType` says which date it cuts: that of the authorisation or that of the
//! last document. `psOwnerId` asks for the list of a professional of one's structure. `message` is never true: the DMP
//! has none here.

use crate::call::{Call, Reply};
use crate::elements::{Wrong, optional, text_of, wrong};
use crate::fault::{Failure, Fault};
use crate::hl7v3::message::hl7_time;
use crate::service::PATIENTS;
use crate::status::{one_of, reply};
use dmp_dossier::{Dtm, ListAsked, ListBy, Precision, PsId};
use dmp_store::ListedDossier;
use dmp_xml::{Element, Writer};

pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    let result = list(call).await;
    reply(PATIENTS, "s:patientListResponse", result, |w, listed| {
        for dossier in &listed {
            write(w, dossier);
        }
        None
    })
}

async fn list(call: &Call<'_>) -> Result<Vec<ListedDossier>, Failure> {
    let asked = asked(call.body)?;
    Ok(call.xds.store.authorised_dossiers(&call.vihf.actor, asked, call.request).await?)
}

fn asked(body: Element<'_>) -> Result<ListAsked, Wrong> {
    let since = match optional(body, "startDate")? {
        None => None,
        Some(element) => {
            let date = Dtm::parse(&element.trimmed()).filter(|date| date.precision() == Precision::Second);
            let date = date.ok_or_else(|| wrong(element, "`AAAAMMJJhhmmss` est attendu"))?;
            Some(date.start())
        }
    };
    let by = match optional(body, "dateType")? {
        None => ListBy::LastAuthorisation,
        Some(element) => one_of(
            element,
            &[("LASTAUTORIZATION", ListBy::LastAuthorisation), ("LASTDOC", ListBy::LastDocument)],
        )?,
    };
    let owner = match text_of(body, "psOwnerId")? {
        None => None,
        Some(id) => Some(PsId::parse(&id).ok_or_else(|| {
            Wrong(format!(
                "élément `{}/psOwnerId` : identifiant national d'un professionnel attendu",
                body.name()
            ))
        })?),
    };
    Ok(ListAsked { since, by, owner })
}

fn write(w: &mut Writer, dossier: &ListedDossier) {
    let (ins, traits) = (&dossier.identity.ins, &dossier.identity.traits);
    w.open("s:patientlistData").open("s:patientIdentifier");
    w.open("s:nationalId").text(ins.value()).close();
    w.open("s:nationalIdType").text(ins.oid().as_str()).close().close();
    let used = traits.used_name.as_ref().unwrap_or(&traits.birth_name);
    w.open("s:lastName").text(used).close();
    if traits.birth_name != *used {
        w.open("s:patronymicalName").text(&traits.birth_name).close();
    }
    let given = traits.used_given.as_deref().unwrap_or(traits.first_given());
    w.open("s:firstName").text(given).close();
    w.open("s:dateOfBirth").text(&traits.birth_date).close();
    w.open("s:MT").text(if dossier.medecin_traitant { "true" } else { "false" }).close();
    w.open("s:message").text("false").close();
    for (name, date) in [
        ("s:lastAccessDate", dossier.last_access),
        ("s:lastUpdateDate", dossier.last_update),
        ("s:lastAddDate", dossier.last_document),
    ] {
        if let Some(date) = date {
            w.open(name).text(&hl7_time(date)).close();
        }
    }
    w.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{self, World};
    use dmp_dossier::{Identity, Time};
    use dmp_xml::{Limits, Tree};

    fn read(elements: &str) -> Result<ListAsked, Wrong> {
        let text = format!("<patientList xmlns='urn:si-dmp-patients'>{elements}</patientList>");
        asked(Tree::parse(text.as_bytes(), &Limits::default()).unwrap().root())
    }

    #[test]
    fn what_is_asked_is_read_or_named() {
        let all = read("").unwrap();
        assert_eq!((all.since, all.by, all.owner), (None, ListBy::LastAuthorisation, None));
        let asked = read(
            "<startDate>20101010202010</startDate><dateType>LASTDOC</dateType><psOwnerId>899900000017</psOwnerId>",
        )
        .unwrap();
        assert_eq!(asked.since.map(Time::to_instant).as_deref(), Some("2010-10-10T20:20:10.000Z"));
        assert_eq!(asked.by, ListBy::LastDocument);
        assert_eq!(asked.owner, PsId::parse("899900000017"));
        for (elements, says) in [
            (
                "<startDate>20101010</startDate>",
                "élément `patientList/startDate` : `AAAAMMJJhhmmss` est attendu",
            ),
            ("<startDate>hier</startDate>", "élément `patientList/startDate` : `AAAAMMJJhhmmss` est attendu"),
            ("<startDate/>", "élément `patientList/startDate` : `AAAAMMJJhhmmss` est attendu"),
            (
                "<dateType>LAST</dateType>",
                "élément `patientList/dateType` : une valeur parmi `LASTAUTORIZATION`, `LASTDOC` est attendue",
            ),
            (
                "<psOwnerId>12</psOwnerId>",
                "élément `patientList/psOwnerId` : identifiant national d'un professionnel attendu",
            ),
        ] {
            assert_eq!(read(elements), Err(Wrong(says.to_owned())), "{elements}");
        }
    }

    #[test]
    fn a_line_has_the_elements_of_the_official_answer() {
        let Some(official) = world::official("TD0.4_-_Liste_des_DMP_autorises_reponse.xml") else { return };
        let at = Time::from_millis(1_622_540_000_000);
        let identity = |ins: &str, name: &str| Identity {
            ins: world::ins(ins),
            ins_history: Vec::new(),
            traits: world::traits(name, Some(name), "DOMINIQUE"),
            contact: dmp_dossier::Contact::default(),
            deceased: None,
        };
        let listed = [("153078987658513", "PAT-TROIS", false), ("207058575627097", "patb-quatre", true)];
        let listed = listed.map(|(ins, name, medecin_traitant)| ListedDossier {
            identity: identity(ins, name),
            medecin_traitant,
            authorised_at: at,
            last_access: Some(at),
            last_update: Some(at),
            last_document: Some(at),
        });
        let answer = reply(PATIENTS, "s:patientListResponse", Ok(listed), |w, listed| {
            listed.iter().for_each(|dossier| write(w, dossier));
            None
        });
        world::compare(&answer.unwrap().body, &official, &[]);
    }

    #[tokio::test]
    async fn ones_own_dossiers_are_listed_and_no_other() {
        let world = World::new().await;
        world.open_marie().await;
        let (doctor, message) = (world::doctor(), "<patientList xmlns='urn:si-dmp-patients'/>");
        let empty = world.call(&doctor, message).await.unwrap();
        assert!(empty.contains("<s:output><s:status>DMPOk</s:status></s:output>"), "{empty}");
        world.authorise(&doctor, true).await;
        let listed = world.call_about(&doctor, None, message).await.unwrap();
        for part in [
            "<s:nationalId>284073523811416</s:nationalId><s:nationalIdType>1.2.250.1.213.1.4.10</s:nationalIdType>",
            "<s:lastName>MARTIN</s:lastName><s:patronymicalName>DURAND</s:patronymicalName><s:firstName>MARIE</s:firstName>",
            "<s:MT>true</s:MT><s:message>false</s:message>",
        ] {
            assert!(listed.contains(part), "{part}: {listed}");
        }
        let other = world.call(&world::dentist(), message).await.unwrap();
        assert!(!other.contains("patientlistData"), "{other}");
    }
}
