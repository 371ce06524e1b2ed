//! Lots that come with their signature.

use super::*;
use crate::ebrim::scheme::{HAS_MEMBER, SIGNS, TYPE};
use crate::lot_signature::tests::{pki, template_of};
use crate::vihf::{Everyone, Trust, VihfParameters};
use aws_lc_rs::digest;
use dmp_nomenclature::type_code;
use dmp_xml::signature::sign_template;
use message::{association, entry};

const SET: &str = "1.2.250.1.999.1.1.7898.1.1";
const UID: &str = "1.2.250.1.999.1.1";

/// A lot of one document, and its signature over that document.
fn lot(signed: &str) -> Letter {
    let cda = fixture(SYNTHESIS);
    let hash = digest::digest(&digest::SHA256, signed.as_bytes());
    let card = &pki().card;
    let signature = sign_template(&template_of(card, SET, UID, hash.as_ref(), ""), &card.key).unwrap();
    let mut letter = Letter::of(&[&cda]);
    let own = entry("Signature01", &cda).replace(&format!("value=\"{UID}\""), "value=\"1.2.250.1.999.1.9\"");
    let kind = |own: &str| {
        let start = own.find(&format!("classificationScheme=\"{TYPE}\"")).unwrap();
        own[start..start + own[start..].find('>').unwrap()].to_owned()
    };
    let signature_kind =
        format!("classificationScheme=\"{TYPE}\" nodeRepresentation=\"{}\"", type_code::SIGNATURE.code);
    let own = own.replace(&kind(&own), &signature_kind);
    letter.entries.push(own);
    letter.associations.push(association(HAS_MEMBER, "Set", "Signature01"));
    letter.associations.push(association(SIGNS, "Signature01", "Set"));
    letter.documents.push(document("Signature01", signature.as_bytes()));
    letter
}

async fn world() -> World {
    let mut world = opened().await;
    world.xds.settings.lot_signature_required = true;
    world.xds.trust = Trust::new(pki().authority(), VihfParameters::default(), Box::new(Everyone));
    world
}

#[tokio::test]
async fn a_signed_lot_is_taken_and_its_signature_listed_by_nobody() {
    let world = world().await;
    let message = lot(&fixture(SYNTHESIS)).write();
    assert_eq!(deposit(&world, &message).await.unwrap(), []);
    let found = documents(&world).await;
    assert_eq!(found.iter().map(|d| d.metadata.unique_id.as_str()).collect::<Vec<_>>(), [UID]);
    // Sent twice, the same answer.
    assert_eq!(deposit(&world, &message).await.unwrap(), []);
    assert_eq!(documents(&world).await.len(), 1);
}

#[tokio::test]
async fn a_signature_of_another_lot_refuses_the_lot() {
    let world = world().await;
    for (what, letter, said) in [
        ("another document", lot("<other/>"), vec!["the digest of the manifest is not that of the document"]),
        (
            "another set",
            lot(&fixture(SYNTHESIS)).named("1.2.250.1.999.1.1.7898.1.2"),
            vec!["the manifest does not name the lot", "the manifest names what is not in the lot"],
        ),
    ] {
        let errors = deposit(&world, &letter.write()).await.unwrap();
        assert_eq!(errors.len(), said.len(), "{what}: {errors:?}");
        for ((code, context), said) in errors.iter().zip(said) {
            assert!(code == "XDSRepositoryMetadataError" && context.contains(said), "{what}: {context}");
        }
    }
    let mut twice = lot(&fixture(SYNTHESIS));
    let second =
        twice.entries[1].replace("Signature01", "Signature02").replace("1.999.1.9\"", "1.999.1.10\"");
    twice.entries.push(second);
    twice.associations.push(association(HAS_MEMBER, "Set", "Signature02"));
    twice.documents.push(document("Signature02", b"<a/>"));
    let errors = deposit(&world, &twice.write()).await.unwrap();
    assert_eq!(errors[0].1, "signature of `Signature02`: at most 1 is taken");
    assert_eq!(documents(&world).await.len(), 0);
}
