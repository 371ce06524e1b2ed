//! What the patient writes of their own health, over HTTP, on a real store.
#![allow(clippy::unwrap_used)]

mod world;

use world::{CSRF, MARIE, World, dr_martin, dr_roux, marie};

/// The version a form carries, as the page that shows it says.
async fn version(world: &World, page: &str) -> String {
    let body = world.get(Some(&marie()), page).await.body;
    let (_, rest) =
        body.split_once("name=\"version\" value=\"").unwrap_or_else(|| panic!("no version: {body}"));
    rest.split('"').next().unwrap().to_owned()
}

async fn add(world: &World, kind: &str, fields: &str) -> String {
    let page = format!("{}/sante/ajouter/{kind}", world.home(&marie()).await);
    let version = version(world, &page).await;
    let form = format!("csrf={CSRF}&version={version}&{fields}");
    world.wait_seconds(1);
    world.post(Some(&marie()), &page, &form).await.location()
}

#[tokio::test]
async fn a_line_is_added_once_kept_by_the_next_one_and_taken_away() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    assert_eq!(
        add(&world, "allergie", "genre=aliment&quoi=Noix+%3Cb%3E&detail=gonflement&depuis=2012").await,
        format!("{home}/sante?fait=ajoute")
    );
    add(&world, "traitement", "quoi=Vitamine+D&detail=une+ampoule+par+mois").await;
    add(&world, "antecedent", "quoi=Appendicite&depuis=03%2F1999").await;
    let page = world.get(Some(&marie()), &format!("{home}/sante")).await;
    for words in [
        "Noix &#60;b&#62;",
        "gonflement",
        "2012",
        "Vitamine D",
        "une ampoule par mois",
        "Appendicite",
        "mars 1999",
    ] {
        assert!(page.body.contains(words), "`{words}` is not in: {}", page.text());
    }
    // The same form again, on the version it was shown on.
    let form = format!("csrf={CSRF}&version=&genre=aliment&quoi=Noix");
    let again = world.post(Some(&marie()), &format!("{home}/sante/ajouter/allergie"), &form).await;
    assert_eq!(again.location(), format!("{home}/sante?fait=ailleurs"));
    let version = version(&world, &format!("{home}/sante")).await;
    let form = format!("csrf={CSRF}&version={version}&quoi=allergie&numero=0");
    world.wait_seconds(1);
    let taken = world.post(Some(&marie()), &format!("{home}/sante/retirer"), &form).await;
    assert_eq!(taken.location(), format!("{home}/sante?fait=retire"));
    let page = world.get(Some(&marie()), &format!("{home}/sante")).await;
    assert!(!page.body.contains("Noix") && page.body.contains("Appendicite"), "{}", page.text());
    let twice = world.post(Some(&marie()), &format!("{home}/sante/retirer"), &form).await;
    assert_eq!(twice.location(), format!("{home}/sante?fait=ailleurs"));
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_kept() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let long = format!("genre=aliment&quoi={}", "x".repeat(201));
    for (kind, fields, words) in [
        ("allergie", "quoi=Noix", "Choisissez à quoi vous êtes allergique."),
        ("allergie", "genre=aliment&quoi=", "Écrivez de quoi il s'agit"),
        ("allergie", long.as_str(), "200 caractères au plus"),
        ("probleme", "quoi=Asthme&depuis=2031", "Écrivez une année"),
        ("mesure", "mesure=poids&valeur=6400", "Cette valeur n'est pas possible"),
        ("mesure", "mesure=poids&valeur=64&jour=2031-01-01", "Choisissez un jour passé"),
        ("mesure", "valeur=64", "Choisissez ce que vous avez mesuré."),
    ] {
        let page = format!("{home}/sante/ajouter/{kind}");
        let reply = world.post(Some(&marie()), &page, &format!("csrf={CSRF}&version=&{fields}")).await;
        assert_eq!(reply.status, 422, "{kind} {fields}");
        assert!(reply.text().contains(words), "`{words}` is not in: {}", reply.text());
    }
    assert_eq!(
        world.post(Some(&marie()), &format!("{home}/sante/ajouter/allergie"), "csrf=x&version=").await.status,
        403
    );
    assert_eq!(world.get(Some(&marie()), &format!("{home}/sante/ajouter/autre")).await.status, 404);
    let documents = world.get(Some(&marie()), &format!("{home}/documents")).await;
    assert!(!documents.text().contains("profil de santé"), "{}", documents.text());
}

#[tokio::test]
async fn measures_make_a_line_and_a_table_that_says_the_same() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    add(&world, "mesure", "mesure=poids&valeur=64%2C5&jour=2026-01-10").await;
    let one = world.get(Some(&marie()), &format!("{home}/sante/mesures")).await;
    assert!(!one.body.contains("class=\"graph\""), "one point makes no line");
    add(&world, "mesure", "mesure=poids&valeur=63&jour=2026-03-10").await;
    let page = world.get(Some(&marie()), &format!("{home}/sante/mesures")).await;
    for words in
        ["Poids : 2 mesures, de 63 à 64,5 kg, la dernière 63 kg", "64,5", "10 janvier 2026", "10 mars 2026"]
    {
        assert!(page.body.contains(words), "`{words}` is not in: {}", page.body);
    }
}

#[tokio::test]
async fn wishes_and_persons_stand_on_the_card_and_nobody_else_writes_them() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let page = format!("{home}/volontes");
    let post = async |form: &str| {
        world.wait_seconds(1);
        world.post(Some(&marie()), &page, &format!("csrf={CSRF}&{form}")).await
    };
    assert_eq!(post("geste=directives&directives=").await.status, 422);
    assert_eq!(
        post("geste=directives&directives=Pas+d%27acharnement.").await.location(),
        format!("{page}?fait=ecrit")
    );
    assert_eq!(post("geste=personne&role=confiance&nom=Anne&telephone=abc").await.status, 422);
    for number in 0..5 {
        let form = format!(
            "geste=personne&role=prevenir&nom=Personne+{number}&lien=voisin&telephone=06+00+00+00+0{number}"
        );
        assert_eq!(post(&form).await.location(), format!("{page}?fait=ecrit"));
    }
    assert_eq!(post("geste=personne&role=prevenir&nom=Six&telephone=0600000009").await.status, 422);
    let shown = world.get(Some(&marie()), &page).await;
    assert!(shown.body.contains("Pas d&#39;acharnement.</textarea>"), "the text alone: {}", shown.body);
    let card = world.get(Some(&marie()), &format!("{home}/carte")).await;
    assert!(card.text().contains("Personne 4 (voisin), 0600000004"), "{}", card.text());
    assert!(card.body.contains("<svg") && !card.body.contains(MARIE), "a square, and no number");
    let less = world.get(Some(&marie()), &format!("{home}/carte?montrer=allergies")).await;
    assert!(!less.text().contains("Personne 4"), "{}", less.text());
    let pdf = world.get(Some(&marie()), &format!("{home}/carte/pdf")).await;
    assert!(pdf.status == 200 && pdf.bytes.starts_with(b"%PDF-"));
    for viewer in [dr_martin(), dr_roux()] {
        let address = world.address(&viewer, MARIE).await;
        for path in ["sante", "volontes", "carte", "carte/pdf", "sante/mesures"] {
            let reply = world.get(Some(&viewer), &format!("{address}/{path}")).await;
            assert_eq!(reply.status, 404, "{path}");
        }
    }
}
