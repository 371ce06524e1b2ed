//! Who sees what on the pages, over HTTP, on a real store.

mod world;

use dmp_dossier::{Actor, Visibility};
use world::{CSRF, LEO, MARIE, World, desk, dr_martin, dr_roux, dr_travail, marie, optician, secretary};

const MASKED: Visibility = Visibility { masked: true, ..Visibility::VISIBLE };
const HIDDEN: Visibility = Visibility { hidden_from_patient: true, ..Visibility::VISIBLE };

fn as_written(text: String) -> String {
    text
}

#[tokio::test]
async fn nobody_signed_in_is_sent_to_the_door_from_every_page() {
    let world = World::with_marie().await;
    let address = world.home(&marie()).await;
    let document = format!("{address}/document/00000000-0000-0000-0000-000000000001");
    for page in [
        "/",
        &address,
        &format!("{address}/acces"),
        &format!("{address}/urgence"),
        &document,
        &format!("{document}/lecture"),
        &format!("{document}/original"),
        &format!("{document}/fichier/1"),
    ] {
        assert_eq!(world.get(None, page).await.location(), "/entrer", "{page}");
    }
    for form in ["/dossier", &format!("{address}/recherche"), &format!("{address}/urgence")] {
        assert_eq!(world.post(None, form, &format!("csrf={CSRF}")).await.location(), "/entrer", "{form}");
    }
    for open in ["/aide", &world.get(None, "/aide").await.link_to_css()] {
        assert_eq!(world.get(None, open).await.status, 200, "{open}");
    }
}

#[tokio::test]
async fn the_synthesis_and_the_documents_of_a_patient_are_read_and_no_address_carries_a_number() {
    let world = World::with_marie().await;
    world.publish("synthese.xml", "60591-5", Visibility::VISIBLE, as_written).await;
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    world.publish("ordonnance.xml", "57833-6", MASKED, as_written).await;
    let doctor = dr_martin();
    let address = world.address(&doctor, MARIE).await;
    let page = world.get(Some(&doctor), &address).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let text = page.text();
    for words in [
        "amoxicilline Urticaire allergique",
        "Asthme à prédominance allergique",
        "Glucose Sérum/Plasma 1,05 g/L",
        "3 documents , du plus récent au plus ancien",
        "Ordonnance de médicaments ou de matériel",
        "Masqué",
        "Non renseigné",
    ] {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    assert!(!address.contains(MARIE) && !page.body.contains(LEO));
    let filtered = world.get(Some(&doctor), &format!("{address}?classe=42")).await.text();
    assert!(filtered.contains("1 document affiché sur 3"), "{filtered}");
    for odd in ["?classe=99", "?classe=%3Cscript%3E", "?classe=1&classe=2", "?classe", "?x=1"] {
        let page = world.get(Some(&doctor), &format!("{address}{odd}")).await;
        assert!(page.status == 200 && page.text().contains("3 documents ,"), "{odd}");
    }
}

#[tokio::test]
async fn a_parent_reads_the_childs_dossier_in_its_own_colour() {
    let world = World::with_marie().await;
    let home = world.get(Some(&marie()), &world.home(&marie()).await).await;
    let child = world.get(Some(&marie()), &home.link_containing("Léo Martin")).await;
    assert_eq!(child.status, 200);
    assert!(child.body.contains("class=\"for-relative\"") && child.text().contains("Dossier de Léo Martin"));
    assert!(child.text().contains("Changer de dossier : Marie Durand"), "{}", child.text());
}

#[tokio::test]
async fn a_doctor_has_the_banner_and_a_masked_document_leaves_no_mark_for_others() {
    let world = World::with_marie().await;
    world.publish("synthese.xml", "60591-5", Visibility::VISIBLE, as_written).await;
    world.publish("biologie.xml", "78513-9", Visibility::VISIBLE, as_written).await;
    let doctor = dr_martin();
    let page = world.get(Some(&doctor), &world.address(&doctor, MARIE).await).await;
    for words in ["DURAND MARIE", "née le 12/07/1984 (42 ans)", "Sexe F", "INS 2 84 07 35 238 114 | 16"] {
        let body = page.body.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain = body
            .replace("<strong>", "")
            .replace("</strong>", "")
            .replace("<span class=\"k\">", "")
            .replace("</span>", "");
        assert!(plain.contains(words), "`{words}` is not in the banner");
    }
    assert!(page.body.contains("Allergies connues"));

    let sight = optician();
    let address = world.address(&sight, MARIE).await;
    let before = world.get(Some(&sight), &address).await.body;
    let masked = world.publish("biologie.xml", "57832-8", MASKED, as_written).await;
    let absent = format!("{address}/document/00000000-0000-0000-0000-000000000001");
    let refused = world.get(Some(&sight), &format!("{address}/document/{masked}")).await;
    assert_eq!(refused.status, 404);
    assert_eq!(refused.body, world.get(Some(&sight), &absent).await.body, "masked and absent are one answer");
    assert_eq!(world.get(Some(&sight), &address).await.body, before, "the page shows a mark of it");
    let own =
        world.get(Some(&doctor), &format!("{}/document/{masked}", world.address(&doctor, MARIE).await)).await;
    assert!(own.status == 200 && own.text().contains("Masqué"), "the médecin traitant reads it");
}

#[tokio::test]
async fn a_document_hidden_until_announced_is_absent_for_the_patient() {
    let world = World::with_marie().await;
    let hidden = world.publish("biologie.xml", "11502-2", HIDDEN, as_written).await;
    let address = world.home(&marie()).await;
    assert!(world.get(Some(&marie()), &address).await.text().contains("aucun document"));
    for part in ["", "/lecture", "/original", "/fichier/1"] {
        let reply = world.get(Some(&marie()), &format!("{address}/document/{hidden}{part}")).await;
        assert_eq!(reply.status, 404, "{part}");
    }
    let doctor = dr_martin();
    let page = world.get(Some(&doctor), &world.address(&doctor, MARIE).await).await;
    assert!(page.text().contains("Non visible par le patient avant le 28 novembre 2026"), "{}", page.text());
}

#[tokio::test]
async fn without_authorisation_the_page_refuses_and_an_emergency_is_asked_with_its_reason() {
    let world = World::with_marie().await;
    world.publish("synthese.xml", "60591-5", Visibility::VISIBLE, as_written).await;
    let dentist = dr_roux();
    let address = world.address(&dentist, MARIE).await;
    let refused = world.get(Some(&dentist), &address).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.text().contains("Vous n'êtes pas autorisé à consulter ce dossier."),
        "{}",
        refused.text()
    );
    let ask = format!("{address}/urgence");
    assert_eq!(world.get(Some(&dentist), &ask).await.status, 200);
    for (form, says) in [
        ("motif=vital&raison=court", "Écrivez la raison en 10 caractères au moins."),
        (
            "motif=vital&raison=%20%20%20%20%20%20%20%20%20%20%20%20",
            "Écrivez la raison en 10 caractères au moins.",
        ),
        ("motif=plaisir&raison=patiente+inconsciente", "Choisissez un motif."),
        ("raison=patiente+inconsciente", "Choisissez un motif."),
    ] {
        let again = world.post(Some(&dentist), &ask, &format!("csrf={CSRF}&{form}")).await;
        assert!(again.status == 422 && again.text().contains(says), "{form}: {}", again.text());
    }
    let form = format!("csrf={CSRF}&motif=vital&raison=patiente+inconsciente");
    let opened = world.post(Some(&dentist), &ask, &form).await.location();
    assert!(!opened.contains("inconsciente"));
    let page = world.get(Some(&dentist), &opened).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Accès d'urgence") || page.body.contains("Accès d&#39;urgence"));

    let home = world.home(&marie()).await;
    let journal = world.get(Some(&marie()), &format!("{home}/acces")).await;
    let text = journal.text();
    for words in [
        "Accès d'urgence Dr Claire ROUX",
        "Motif écrit : « Sa vie est en danger : patiente inconsciente »",
        "Refusé",
        "Vous n'êtes pas autorisé à consulter ce dossier.",
    ] {
        assert!(
            text.contains(words) || text.contains(&words.replace("Dr ", "")),
            "`{words}` is not in: {text}"
        );
    }
    let urgent = world.get(Some(&marie()), &format!("{home}/acces?vue=urgence")).await.text();
    assert!(urgent.contains("1 visite sur") && !urgent.contains("Refusé "), "{urgent}");

    world.wait_seconds(3600);
    let over = world.get(Some(&dentist), &opened).await;
    assert!(over.status == 403 && over.text().contains("Accès d'urgence terminé"), "{}", over.text());
}

#[tokio::test]
async fn a_reference_belongs_to_one_person_and_a_form_to_one_session() {
    let world = World::with_marie().await;
    let address = world.address(&dr_martin(), MARIE).await;
    for other in [optician(), marie(), secretary()] {
        assert_eq!(world.get(Some(&other), &address).await.status, 404, "{}", other.name);
    }
    for form in ["", "csrf=", "csrf=0123456789abcdee", "ins=284073523811416"] {
        let reply = world.post(Some(&dr_martin()), "/dossier", form).await;
        assert_eq!(reply.status, 403, "{form}");
    }
    for (number, says) in [
        ("", "Tapez le numéro de santé"),
        ("2840735238114", "15 caractères"),
        ("284073523811417", "La clé ne correspond pas"),
        ("<script>", "15 caractères"),
    ] {
        let form = format!("csrf={CSRF}&ins={}", number.replace('<', "%3C").replace('>', "%3E"));
        let reply = world.post(Some(&dr_martin()), "/dossier", &form).await;
        assert!(reply.status == 422 && reply.text().contains(says), "{number}: {}", reply.text());
    }
    let spaced = world
        .post(Some(&dr_martin()), "/dossier", &format!("csrf={CSRF}&ins=2+84+07+35+238+114+%7C+16"))
        .await;
    assert_eq!(spaced.location(), address);
    let unknown = world.address(&dr_martin(), "184073523811466").await;
    assert_eq!(world.get(Some(&dr_martin()), &unknown).await.status, 404);
}

#[tokio::test]
async fn who_reads_no_content_is_told_and_leaves_no_refusal_behind() {
    let world = World::with_marie().await;
    let document = world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    let mut occupational = dr_travail();
    let Actor::Professional(p) = &occupational.actor else { unreachable!() };
    let who = dmp_dossier::Grantee::Professional(p.id.clone());
    let authorise =
        dmp_dossier::Authorise { who, label: None, until: None, medecin_traitant: false, profession: None };
    world
        .execute(&marie().actor, MARIE, dmp_dossier::Command::Authorise(Box::new(authorise)), Vec::new())
        .await;
    occupational.role_label = "Médecin du travail".into();
    let address = world.address(&occupational, MARIE).await;
    let page = world.get(Some(&occupational), &address).await.text();
    assert!(page.contains("Votre fonction ne permet pas de lire le contenu des documents."), "{page}");
    let one = world.get(Some(&occupational), &format!("{address}/document/{document}")).await;
    assert!(one.status == 200 && one.text().contains("Votre fonction ne permet pas"), "{}", one.text());
    assert!(!one.body.contains("<iframe"));
    assert_eq!(
        world.get(Some(&occupational), &format!("{address}/document/{document}/lecture")).await.status,
        403
    );
    let home = world.home(&marie()).await;
    let refused = world.get(Some(&marie()), &format!("{home}/acces?vue=refus")).await.text();
    assert!(refused.contains("1 visite sur"), "only the frame that was asked for is refused: {refused}");

    assert_eq!(world.get(Some(&desk()), "/").await.location(), "/guichet");
    let form = format!("csrf={CSRF}&ins={MARIE}");
    assert_eq!(world.post(Some(&desk()), "/dossier", &form).await.location(), "/");
    let found = world.post(Some(&secretary()), "/dossier", &form).await.location();
    assert!(found.ends_with("/informations"), "an employee reads the administrative data only: {found}");
}

#[tokio::test]
async fn a_document_is_shown_in_a_sandbox_and_nothing_of_it_acts() {
    let world = World::with_marie().await;
    let hostile = |text: String| {
        text.replacen(
            "<text>",
            "<text><linkHtml href=\"javascript:window.__xss=1\">un lien</linkHtml><paragraph \
             onmouseover=\"window.__xss=1\">survol</paragraph><script>window.__xss=1</script>",
            1,
        )
    };
    let document = world.publish("synthese.xml", "60591-5", Visibility::VISIBLE, hostile).await;
    let page = format!("{}/document/{document}", world.home(&marie()).await);
    let shown = world.get(Some(&marie()), &page).await;
    assert!(shown.body.contains(&format!("src=\"{page}/lecture\" sandbox title=")), "{}", shown.body);
    for policy in ["script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(shown.header("content-security-policy").contains(policy), "{policy}");
    }
    assert_eq!(shown.header("x-frame-options"), "DENY");
    let frame = world.get(Some(&marie()), &format!("{page}/lecture")).await;
    assert_eq!(frame.status, 200);
    let policy = frame.header("content-security-policy");
    assert!(
        policy.starts_with("sandbox; default-src 'none';") && policy.contains("frame-ancestors 'self'"),
        "{policy}"
    );
    assert_eq!(frame.header("x-frame-options"), "SAMEORIGIN");
    assert!(frame.body.contains("un lien") && frame.body.contains("survol"));
    for trace in ["javascript:", "onmouseover", "<script"] {
        assert!(!frame.body.contains(trace), "{trace}");
    }
    for reply in [&shown, &frame] {
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(reply.header(name), value);
        }
    }
    let original = world.get(Some(&marie()), &format!("{page}/original")).await;
    assert!(original.body.contains("javascript:"), "the original is given back unchanged");
    assert!(original.header("content-disposition").starts_with("attachment; filename=\"document-"));
    assert!(original.header("content-security-policy").starts_with("sandbox"));
}

#[tokio::test]
async fn a_file_of_a_document_is_offered_and_given() {
    let world = World::with_marie().await;
    let document = world.publish("imagerie-pdf.xml", "18748-4", Visibility::VISIBLE, as_written).await;
    let page = format!("{}/document/{document}", world.home(&marie()).await);
    let shown = world.get(Some(&marie()), &page).await;
    assert!(shown.body.contains(&format!("{page}/fichier/1")), "{}", shown.body);
    let file = world.get(Some(&marie()), &format!("{page}/fichier/1")).await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/pdf"));
    assert!(file.header("content-disposition").contains(".pdf"));
    for odd in ["0", "2", "x", "-1", "99999999999999999999"] {
        assert_eq!(world.get(Some(&marie()), &format!("{page}/fichier/{odd}")).await.status, 404, "{odd}");
    }
    for odd in ["x", "1", "00000000-0000-0000-0000-00000000000g"] {
        let address = world.home(&marie()).await;
        assert_eq!(
            world.get(Some(&marie()), &format!("{address}/document/{odd}")).await.status,
            404,
            "{odd}"
        );
    }
}

#[tokio::test]
async fn the_patient_sees_who_opened_a_document_and_a_doctor_what_is_new() {
    let world = World::with_marie().await;
    let document = world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    let doctor = dr_martin();
    let address = world.address(&doctor, MARIE).await;
    world.get(Some(&doctor), &address).await;
    world.get(Some(&doctor), &format!("{address}/document/{document}")).await;
    world.get(Some(&doctor), &format!("{address}/document/{document}/lecture")).await;
    let page = format!("{}/document/{document}", world.home(&marie()).await);
    let shown = world.get(Some(&marie()), &page).await.text();
    assert!(
        shown.contains("Qui l'a ouvert ? Dr Paul MARTIN médecin généraliste · Cabinet du Port"),
        "{shown}"
    );

    world.wait_seconds(2 * 3600);
    world.publish("ordonnance.xml", "57833-6", Visibility::VISIBLE, as_written).await;
    let again = world.get(Some(&doctor), &address).await.text();
    assert!(again.contains("Nouveau depuis votre visite du 21 novembre 2026 : 1 ordonnance"), "{again}");
    assert!(again.contains("Ordonnance de médicaments ou de matériel Nouveau"), "{again}");
}

#[tokio::test]
async fn words_are_found_in_documents_and_the_question_stands_in_no_address() {
    let world = World::with_marie().await;
    world.publish("synthese.xml", "60591-5", Visibility::VISIBLE, as_written).await;
    let address = world.home(&marie()).await;
    let search = format!("{address}/recherche");
    let found = world.post(Some(&marie()), &search, &format!("csrf={CSRF}&mots=asthme")).await;
    assert_eq!(found.status, 200);
    assert!(found.text().contains("1 document trouvé pour « asthme »"), "{}", found.text());
    assert!(found.body.to_lowercase().contains("<mark>asthme</mark>"), "{}", found.body);
    let none = world.post(Some(&marie()), &search, &format!("csrf={CSRF}&mots=%3Cb%3Ezzz")).await;
    assert!(
        none.text().contains("aucun document trouvé") && !none.body.contains("<b>zzz"),
        "{}",
        none.text()
    );
    assert_eq!(world.post(Some(&marie()), &search, "csrf=non&mots=asthme").await.status, 403);
    assert_eq!(world.get(Some(&marie()), &search).await.status, 405);
}
