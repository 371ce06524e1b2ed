//! dev
#[path = "../tests/world/mod.rs"]
mod world;
use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
};
use dmp_dossier::*;
use std::sync::Arc;
use world::*;
struct D;
impl dmp_portal::Demo for D {
    fn personas(&self) -> Vec<dmp_portal::Persona> {
        use dmp_portal::Group::*;
        let p = |key: &str, name: &str, who: &str, can: &str, group| dmp_portal::Persona {
            key: key.into(),
            name: name.into(),
            who: who.into(),
            can: can.into(),
            group,
        };
        vec![
            p(
                "marie",
                "Marie Durand",
                "Patiente, 42 ans",
                "Lit tout son dossier, masque, autorise, voit qui l'a ouvert.",
                Patients,
            ),
            p(
                "leo",
                "Léo Durand",
                "8 ans, représenté par sa mère",
                "Sa mère lit et gère son dossier.",
                Patients,
            ),
            p(
                "dr-martin",
                "Dr Paul Martin",
                "Médecin généraliste, cabinet du Port",
                "Médecin traitant de Marie : il voit aussi ce qu'elle a masqué.",
                Professionals,
            ),
            p(
                "dr-roux",
                "Dr Claire Roux",
                "Chirurgien-dentiste",
                "Non autorisée chez Marie ; peut ouvrir en urgence avec un motif écrit.",
                Professionals,
            ),
            p(
                "opticien-lenoir",
                "Luc Lenoir",
                "Opticien",
                "Autorisé par Marie : douze types de documents, pas un de plus.",
                Professionals,
            ),
            p(
                "agent-cpam",
                "Agent de la CPAM",
                "Guichet d'Ille-et-Vilaine",
                "Ouvre et ferme des dossiers. Ne voit aucun document.",
                Staff,
            ),
        ]
    }
    fn patients(&self, _: &dmp_portal::Viewer) -> Vec<dmp_portal::ListedPatient> {
        vec![
            dmp_portal::ListedPatient {
                ins: ins(MARIE),
                name: "DURAND Marie".into(),
                birth_date: "19840712".into(),
                note: "vous êtes son médecin traitant".into(),
            },
            dmp_portal::ListedPatient {
                ins: ins(LEO),
                name: "MARTIN Léo".into(),
                birth_date: "20180312".into(),
                note: "".into(),
            },
        ]
    }
}
async fn who(mut r: Request, n: Next) -> Response {
    let c = r.headers().get("cookie").and_then(|c| c.to_str().ok()).unwrap_or("").to_owned();
    let mut v = match c.split("v=").nth(1).unwrap_or("") {
        "marie" => Some(marie()),
        "martin" => Some(dr_martin()),
        "roux" => Some(dr_roux()),
        "opticien" => Some(optician()),
        "travail" => Some(dr_travail()),
        "sec" => Some(secretary()),
        _ => None,
    };
    if let Some(v) = &mut v {
        v.role_label = match &v.actor {
            Actor::Patient { .. } => "Patiente".into(),
            Actor::Professional(p) => {
                if p.profession == "10" {
                    "Médecin généraliste, cabinet du Port".into()
                } else {
                    "Professionnel".into()
                }
            }
            _ => "Secrétariat".into(),
        };
    }
    r.extensions_mut().insert(v);
    n.run(r).await
}
#[tokio::main]
async fn main() {
    let w = World::with_marie().await;
    let m = Visibility { masked: true, ..Visibility::VISIBLE };
    let id = |s: String| s;
    let shared = std::path::Path::new("/work/shared/data/cda-samples");
    let link = |f: &str| shared.join(f).to_str().unwrap().to_owned();
    for (f, t, v) in [
        ("t30-VSM_1.4_2022.01.xml", "60591-5", Visibility::VISIBLE),
        ("t30-BIO-CR-BIO_2024.01_Microbiologie_V2.xml", "11502-2", Visibility::VISIBLE),
        ("t30-VAC_2023.01.xml", "11369-6", Visibility::VISIBLE),
        ("t30-VAC-NOTE_2023.01.xml", "87273-9", Visibility::VISIBLE),
        ("t30-LDL-SES_2022.01.xml", "11490-0", Visibility::VISIBLE),
        ("t30-eP-MED-DM_2024.01_PosoStruct.xml", "57833-6", m),
        ("t30-IMG_CR_IMG_2024.01.xml", "18748-4", Visibility::VISIBLE),
        ("t30-OPH-BRE_2022.02.xml", "78513-9", Visibility::VISIBLE),
        ("t30-CARD-F-PRC-AVK_2022.01.xml", "11488-4", Visibility::VISIBLE),
        ("t30-TLM-CR_2022.01.xml", "11488-4", Visibility::VISIBLE),
    ] {
        w.publish(&link(f), t, v, id).await;
        w.wait_seconds(86400 * 3);
    }
    w.publish("synthese.xml", "60591-5", Visibility::VISIBLE, id).await;
    w.publish("biologie.xml", "11502-2", Visibility::VISIBLE, |s| s.replace("1.05", "1.25")).await;
    let portal = dmp_portal::Portal::new(w.store.clone(), &[7; 32], "/demo", Some(Arc::new(D)));
    let app: Router = dmp_portal::router(portal).layer(middleware::from_fn(who));
    let l = tokio::net::TcpListener::bind("127.0.0.1:8099").await.unwrap();
    axum::serve(l, app).await.unwrap();
}
