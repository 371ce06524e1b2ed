//! The functional matrix through the messages of TD3.1 to TD3.3: each way to be authenticated and each access mode, on a
//! document of one's own. Source: PDT-INF-526 v1.8 and PDT-INF-606 v1.3, as in spec 4.2.

use super::world::*;
use crate::td3_3_update_document_set::tests::{found, masked, status, update};
use dmp_dossier::*;

/// Columns of the table, in its order: PS non-doctor n r b, doctor n r b, occupational doctor, médecin traitant n b, CPE,
/// certificate n r.
const COLUMNS: usize = 12;

const TABLE: &[(&str, &str)] = &[
    ("search", "yyyyyyyyy---"),
    ("reference", "yyyyyyyyyyyy"),
    ("retrieve", "yyyyyy-yy---"),
    ("mask", "y--y--yy----"),
    ("archive", "y--yyyyyy---"),
    ("delete", "yyyyyyyyyyyy"),
];

const APPROVED: &str = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved";

fn professional(column: usize, auth: Auth) -> Actor {
    let Actor::Professional(mut p) = martin() else { panic!("a professional") };
    p.auth = auth;
    p.mode = match column {
        1 | 4 => Mode::Centre15,
        2 | 5 | 8 => Mode::BrisDeGlace { reason: "inconscient".to_owned() },
        _ => Mode::Normal,
    };
    match column {
        0..=2 => p.profession = "60".to_owned(),
        6 => p.speciality = Some("SM25".to_owned()),
        _ => {}
    }
    Actor::Professional(p)
}

/// Who sits in a column of the direct table.
fn direct(column: usize) -> Actor {
    match (column, structure(CABINET)) {
        (9, _) => secretary(),
        (10, certificate) => certificate,
        (11, Actor::Structure(s)) => Actor::Structure(StructureActor { regulation: true, ..s }),
        _ => professional(column, Auth::Direct),
    }
}

/// Who sits in a column of the AIR table; a certificate alone is not in it, and a person named by `INDIRECTE` counts as
/// the certificate.
fn air(column: usize) -> Actor {
    match (column, secretary()) {
        (9, Actor::Employee(e)) => Actor::Employee(Employee { reinforced_indirect: true, ..e }),
        (10, _) => professional(3, Auth::Indirect),
        (11, _) => professional(4, Auth::Indirect),
        _ => professional(column, Auth::ReinforcedIndirect),
    }
}

#[tokio::test]
async fn every_mode_has_what_its_column_gives() {
    for column in 0..COLUMNS {
        for who in [direct(column), air(column)] {
            let world = World::new().await;
            if matches!(column, 7 | 8) {
                world.name_medecin_traitant(&martin()).await;
            }
            let documents = [Document::new("1.2.1"), Document::new("1.2.2"), Document::new("1.2.3")];
            let uuids = world.deposit(PATIENT, "1.2.9", &documents).await;
            let object = found(&world, "1.2.1").await;
            let by_reference = [("$XDSDocumentEntryUniqueId", "('1.2.1')")];
            let any =
                [("$XDSDocumentEntryStatus", "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')")];
            for (act, cells) in TABLE {
                let body = match *act {
                    "search" => query(FIND_DOCUMENTS, &any),
                    "reference" => {
                        query_for("ObjectRef", "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4", &by_reference)
                    }
                    "retrieve" => format!(
                        "<RetrieveDocumentSetRequest xmlns='urn:ihe:iti:xds-b:2007'><DocumentRequest>\
                         <RepositoryUniqueId>{}</RepositoryUniqueId><DocumentUniqueId>1.2.1</DocumentUniqueId>\
                         </DocumentRequest></RetrieveDocumentSetRequest>",
                        crate::REPOSITORY
                    ),
                    "mask" => update(&masked(&object), "1"),
                    "archive" => status(&uuids[1].to_urn(), APPROVED, Availability::Archived.as_urn()),
                    _ => status(&uuids[2].to_urn(), APPROVED, Availability::Deleted.as_urn()),
                };
                let answer = world.send(&who, &body).await;
                match cells.as_bytes()[column] {
                    b'y' => assert_eq!(answer.errors().0, "Success", "{act} by {who:?}: {answer:?}"),
                    _ => assert_eq!(answer.fault().1, "DMPAccessDeniedByRightsService", "{act} by {who:?}"),
                }
            }
        }
    }
}
