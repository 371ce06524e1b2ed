//! TD0.0: identity of the patient by the carte Vitale. Closed since 30/09/2023, the INSi teleservice replaces it.
//!
//! Whatever is asked, the answer is the error that the reference system published for it.

use crate::call::{Call, Reply};
use crate::fault::Fault;
use crate::service::PATIENTS;
use dmp_xml::Writer;

pub(crate) async fn answer(_call: &Call<'_>) -> Result<Reply, Fault> {
    let mut w = Writer::new();
    w.open("s:identityCertificationResponse").attribute("xmlns:s", PATIENTS).open("s:output");
    w.open("s:status").text("DMPIdentityCertificationFailure").close();
    w.open("s:context")
        .text("Ce service est fermé depuis le 30/09/2023 : utilisez le téléservice INSi")
        .close();
    Ok(Reply::new(w.finish()))
}

#[cfg(test)]
mod tests {
    use crate::world::{self, World};

    #[tokio::test]
    async fn nobody_is_certified() {
        let world = World::new().await;
        let asked = r#"<identityCertification xmlns="urn:si-dmp-patients"><nirOD>294096322025871</nirOD>
            <rangNaissance>1</rangNaissance></identityCertification>"#;
        let reply = world.call(&world::doctor(), asked).await.unwrap();
        assert!(reply.contains("<s:status>DMPIdentityCertificationFailure</s:status>"), "{reply}");
    }
}
