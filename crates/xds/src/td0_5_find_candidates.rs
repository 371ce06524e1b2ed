//! TD0.5: a patient sought by traits, in medical regulation only (ITI-47, PRPA_IN201305UV02 to 201306).
//!
//! Asked: a family name and a birth date or year; then a given name, sex, town, postal code, where known. Answered: ten
//! patients at most, each with town and postal code only, how far the criteria match (`POURCENTAGE`) and whether access in
//! an emergency is opposed. None is `AA` and `NF`; more than ten is `AE`, and names nobody.
//!
//! No DMP message of this transaction is published: structure of IHE ITI TF-2 3.47 and PRPA_MT201306UV02, 201310 with the
//! codes that a client's source gives (spec 3.2).

use crate::call::{Call, Reply};
use crate::elements::{Wrong, all, attribute, missing, optional, path, required, text_of, wrong};
use crate::fault::{Failure, Fault};
use crate::hl7v3::address::Address;
use crate::hl7v3::message::{self, Id, Received};
use crate::hl7v3::{observation, person};
use dmp_dossier::{BirthSought, Candidate, Refusal, Sex, TraitsSought};
use dmp_xml::{Element, Writer};

const ANSWER: &str = "PRPA_IN201306UV02";

pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    let received = Received::read(call.body)?;
    let (query, id) = received.query()?;
    let result = match sought(query) {
        Ok(sought) => find(call, &sought).await.map(|found| (sought, found)),
        Err(wrong) => Err(wrong.into()),
    };
    match result {
        Ok((sought, found)) => Ok(Reply::new(write(call, &received, &id, &sought, &found))),
        Err(Failure::Refused(refusal)) => Ok(Reply::new(write_refusal(call, &received, &id, &refusal))),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

async fn find(call: &Call<'_>, sought: &TraitsSought) -> Result<Vec<Candidate>, Failure> {
    Ok(call.xds.store.find_patients(&call.vihf.actor, sought.clone(), call.request).await?)
}

/// Most names of a kind: a patient has fewer.
const NAMES_MAX: usize = 10;

/// Reads `parameterList`.
fn sought(query: Element<'_>) -> Result<TraitsSought, Wrong> {
    let list = required(query, "parameterList")?;
    let mut families: Vec<String> = Vec::new();
    let mut given: Vec<String> = Vec::new();
    for value in values(list, "livingSubjectName") {
        for (name, into) in [("family", &mut families), ("given", &mut given)] {
            for part in all(value, name) {
                let text = crate::elements::text(part)?;
                if text.is_empty() || into.contains(&text) {
                    continue;
                }
                if into.len() == NAMES_MAX {
                    return Err(wrong(part, &format!("{NAMES_MAX} au plus sont attendus")));
                }
                into.push(text);
            }
        }
    }
    let family = match <[String; 1]>::try_from(families) {
        Ok([family]) => family,
        Err(none) if none.is_empty() => return Err(missing(list, "livingSubjectName/value/family")),
        Err(_) => {
            let way = path(list);
            return Err(Wrong(format!(
                "élément `{way}/livingSubjectName` : un seul nom de famille est attendu"
            )));
        }
    };
    let birth = match one(list, "livingSubjectBirthTime")? {
        Some(value) => birth(value)?,
        None => return Err(missing(list, "livingSubjectBirthTime/value")),
    };
    let sex = one(list, "livingSubjectAdministrativeGender")?.map(person::sex).transpose()?;
    let address = one(list, "patientAddress")?;
    let part = |name: &'static str| address.map_or(Ok(None), |address| text_of(address, name));
    Ok(TraitsSought {
        family,
        given: (!given.is_empty()).then(|| given.join(" ")),
        birth,
        sex,
        city: part("city")?,
        postal_code: part("postalCode")?,
    })
}

/// Every `value` of a parameter.
fn values<'t>(list: Element<'t>, name: &'t str) -> impl Iterator<Item = Element<'t>> {
    all(list, name).flat_map(|parameter| all(parameter, "value"))
}

/// The `value` of a parameter, if there is one.
fn one<'t>(list: Element<'t>, name: &'t str) -> Result<Option<Element<'t>>, Wrong> {
    let parameter = optional(list, name)?;
    parameter.map_or(Ok(None), |parameter| optional(parameter, "value"))
}

fn birth(value: Element<'_>) -> Result<BirthSought, Wrong> {
    let text = attribute(value, "value")?;
    match (text.len(), text.bytes().all(|b| b.is_ascii_digit())) {
        (8, true) => Ok(BirthSought::Date(text.to_owned())),
        (4, true) => text.parse().map(BirthSought::Year).map_err(|_| wrong(value, "une année est attendue")),
        _ => Err(wrong(value, "`AAAAMMJJ` ou `AAAA` est attendu")),
    }
}

fn write(
    call: &Call<'_>,
    received: &Received<'_>,
    query: &Id,
    sought: &TraitsSought,
    found: &[Candidate],
) -> String {
    let mut writer = Writer::new();
    let w = &mut writer;
    received.open(w, call, ANSWER);
    received.acknowledge(w, None);
    open_act(w);
    for candidate in found {
        write_candidate(w, candidate);
    }
    message::query_ack(w, query, if found.is_empty() { "NF" } else { "OK" }, Some(found.len()));
    write_query(w, query, sought);
    writer.finish()
}

fn write_refusal(call: &Call<'_>, received: &Received<'_>, query: &Id, refusal: &Refusal) -> String {
    let mut w = Writer::new();
    received.open(&mut w, call, ANSWER);
    received.acknowledge(&mut w, Some(refusal));
    open_act(&mut w);
    message::query_ack(&mut w, query, "AE", None);
    w.finish()
}

fn open_act(w: &mut Writer) {
    w.open("controlActProcess").attribute("classCode", "CACT").attribute("moodCode", "EVN");
    w.open("code").attribute("code", "PRPA_TE201306UV02");
    w.attribute("codeSystem", "2.16.840.1.113883.1.6").close();
}

fn write_candidate(w: &mut Writer, candidate: &Candidate) {
    let identity = &candidate.identity;
    message::open_event(w, "active");
    person::write::ins(w, &identity.ins);
    w.open("statusCode").attribute("code", "active").close();
    person::write::open(w);
    person::write::name(w, &identity.traits);
    person::write::sex_and_birth(w, &identity.traits);
    if let Some(line) = &candidate.contact.address {
        Address::of_line(line).town_only().write(w);
    }
    w.close();
    w.open("subjectOf1").open("queryMatchObservation");
    w.attribute("classCode", "COND").attribute("moodCode", "EVN");
    w.open("code").attribute("code", "POURCENTAGE").close();
    w.open("value").attribute("xsi:type", "INT").attribute("value", &candidate.match_percent.to_string());
    w.close().close().close();
    observation::write_samu(w, "subjectOf2", candidate.emergency);
    message::close_event(w);
}

/// The query as it was understood (ITI TF-2 3.47.4.2: it is sent back).
fn write_query(w: &mut Writer, id: &Id, sought: &TraitsSought) {
    w.open("queryByParameter");
    message::query_id(w, id);
    for (name, code) in [("statusCode", "new"), ("responseModalityCode", "R"), ("responsePriorityCode", "I")]
    {
        w.open(name).attribute("code", code).close();
    }
    w.open("parameterList");
    if let Some(sex) = sought.sex {
        let code = match sex {
            Sex::Male => "M",
            Sex::Female => "F",
            Sex::Undetermined => "U",
        };
        w.open("livingSubjectAdministrativeGender").open("value").attribute("code", code).close();
        semantics(w, "LivingSubject.administrativeGender");
    }
    let birth = match &sought.birth {
        BirthSought::Date(date) => date.clone(),
        BirthSought::Year(year) => format!("{year:04}"),
    };
    w.open("livingSubjectBirthTime").open("value").attribute("value", &birth).close();
    semantics(w, "LivingSubject.birthTime");
    w.open("livingSubjectName").open("value");
    if let Some(given) = &sought.given {
        w.open("given").text(given).close();
    }
    w.open("family").text(&sought.family).close().close();
    semantics(w, "LivingSubject.name");
    if sought.city.is_some() || sought.postal_code.is_some() {
        w.open("patientAddress").open("value");
        for (name, value) in [("postalCode", &sought.postal_code), ("city", &sought.city)] {
            if let Some(value) = value {
                w.open(name).text(value).close();
            }
        }
        w.close();
        semantics(w, "Patient.addr");
    }
    w.close().close();
}

/// Ends a parameter.
fn semantics(w: &mut Writer, text: &str) {
    w.open("semanticsText").text(text).close().close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{self, FIND, World};
    use dmp_dossier::Mode;
    use dmp_xml::{Limits, Tree};

    #[test]
    fn criteria_are_read_or_named() {
        let read = |text: &str| {
            let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
            let received = Received::read(tree.root()).unwrap();
            sought(received.query().unwrap().0)
        };
        let all = read(FIND).unwrap();
        assert_eq!(
            all,
            TraitsSought {
                family: "MARTIN".into(),
                given: Some("MARIE".into()),
                birth: BirthSought::Date("19840712".into()),
                sex: Some(Sex::Female),
                city: Some("GRENOBLE".into()),
                postal_code: None,
            }
        );
        assert_eq!(read(&FIND.replace("19840712", "1984")).unwrap().birth, BirthSought::Year(1984));
        const LIST: &str = "PRPA_IN201305UV02/controlActProcess/queryByParameter/parameterList";
        for (from, to, says) in [
            (
                "<family>MARTIN</family>",
                "",
                format!("élément attendu : `{LIST}/livingSubjectName/value/family`"),
            ),
            (
                "<family>MARTIN</family>",
                "<family>MARTIN</family><family>DURAND</family>",
                format!("élément `{LIST}/livingSubjectName` : un seul nom de famille est attendu"),
            ),
            (
                "<given>MARIE</given>",
                &(0..11).map(|n| format!("<given>N{n}</given>")).collect::<String>(),
                format!("élément `{LIST}/livingSubjectName/value/given` : 10 au plus sont attendus"),
            ),
            (
                "livingSubjectBirthTime",
                "other",
                format!("élément attendu : `{LIST}/livingSubjectBirthTime/value`"),
            ),
            (
                "19840712",
                "198407",
                format!("élément `{LIST}/livingSubjectBirthTime/value` : `AAAAMMJJ` ou `AAAA` est attendu"),
            ),
            (
                "code=\"F\"",
                "code=\"X\"",
                format!(
                    "élément `{LIST}/livingSubjectAdministrativeGender/value` : `M`, `F` ou `U` est attendu"
                ),
            ),
        ] {
            assert_eq!(read(&FIND.replace(from, to)), Err(Wrong(says)), "{to}");
        }
    }

    #[tokio::test]
    async fn the_ihe_samples_are_refused_for_a_stated_reason() {
        const RECEIVER: &str = "`PRPA_IN201305UV02/receiver/device/id`";
        const LIST: &str = "PRPA_IN201305UV02/controlActProcess/queryByParameter/parameterList";
        let world = World::new().await;
        let samu = world::doctor_in(Mode::Centre15);
        for (sample, device, says) in [
            ("ipf/PDQ.xml", "1.2.840.114350.1.13.99999.4567", None),
            (
                "ipf/PDQ_Maximal_Query.xml",
                "1.2.840.114350.1.13.99999.4567",
                Some(format!("`{LIST}/livingSubjectName` : un seul nom de famille")),
            ),
            (
                "epr-by-example/ITI-47_request.xml",
                "1.3.6.1.4.1.21367.2017.2.5.97",
                Some(format!("`{LIST}/livingSubjectName/value/family`")),
            ),
        ] {
            let Some(text) = world::sample(&format!("data/ihe-soap-samples/{sample}")) else { return };
            // Sent as it is, it is for somebody else.
            let fault = world.call_about(&samu, None, &text).await.unwrap_err();
            assert!(fault.reason.contains(RECEIVER), "{sample}: {fault:?}");
            let reply = world.call_about(&samu, None, &text.replace(device, crate::DEVICE)).await.unwrap();
            match says {
                Some(says) => assert!(reply.contains(&says), "{sample}: {reply}"),
                None => assert!(reply.contains("<queryResponseCode code=\"NF\"/>"), "{sample}: {reply}"),
            }
        }
    }

    #[tokio::test]
    async fn a_regulation_centre_finds_and_nobody_else() {
        let world = World::new().await;
        world.open_marie().await;
        let samu = world::doctor_in(Mode::Centre15);
        let reply = world.call_about(&samu, None, FIND).await.unwrap();
        for part in [
            "<acknowledgement typeCode=\"AA\">",
            "<id extension=\"284073523811416\" root=\"1.2.250.1.213.1.4.10\"/>",
            "<addr><postalCode>38000</postalCode><city>GRENOBLE</city></addr>",
            "<code code=\"POURCENTAGE\"/><value xsi:type=\"INT\" value=\"",
            "<code code=\"OPPOSITION_ACCES_URGENCE\"",
            "<queryResponseCode code=\"OK\"/><resultTotalQuantity value=\"1\"/>",
            "<family>MARTIN</family></value><semanticsText>LivingSubject.name</semanticsText>",
        ] {
            assert!(reply.contains(part), "{part}: {reply}");
        }
        assert!(!reply.contains("rue des Essais") && !reply.contains("telecom"), "{reply}");
        let none = world.call_about(&samu, None, &FIND.replace("19840712", "19840713")).await.unwrap();
        assert!(none.contains("code=\"NF\"") && !none.contains("<patient "), "{none}");
        let wrong = world.call_about(&samu, None, &FIND.replace("19840712", "84")).await.unwrap();
        assert!(wrong.contains("typeCode=\"AE\"") && wrong.contains("livingSubjectBirthTime"), "{wrong}");
        for actor in [
            world::doctor(),
            world::structure(),
            world::secretary(),
            world::doctor_in(Mode::BrisDeGlace { reason: "urgence".into() }),
        ] {
            assert!(world.call_about(&actor, None, FIND).await.is_err(), "{:?}", actor.mode());
        }
        world.run(&world::marie(), world::oppose_emergencies()).await;
        let opposed = world.call_about(&samu, None, FIND).await.unwrap();
        assert!(opposed.contains("code=\"NF\"") && !opposed.contains("<patient "), "{opposed}");
    }
}
