//! Rows CDA-24 to CDA-58 that are about the page of a document: what it shows of a hostile one that a deposit takes.
//!
//! Each document is deposited in Marie's dossier and opened as Marie, in the page that shows it to a reader.

use crate::case::{Case, Check, World, case, never_says, never_says_attacker, says, status, xds};
use crate::common::lot::REFERENCE;
use crate::common::{Answer, Document, Lot};
use serde_json::json;

/// Deposits a synthesis for Marie and opens its page.
fn shown(edit: impl Fn(Document) -> Document + 'static) -> impl Fn(&World) -> Answer {
    move |w| w.marie_reads(&edit(w.marie.synthese(w.number())))
}

/// The same with that in a narrative block.
fn narrative(inside: &'static str) -> impl Fn(&World) -> Answer {
    shown(move |document| document.narrative(inside))
}

/// A link that leads out: its text stays, its address is nowhere.
fn link(row: &'static str, href: &'static str, address: &'static str) -> Case {
    let inside = format!(r#"<linkHtml href="{href}">texte du renvoi</linkHtml>"#);
    case(row, shown(move |document| document.narrative(&inside)), says("<span>texte du renvoi</span>"))
        .and(never_says(address))
}

/// A piece of narrative, and the HTML it becomes.
fn becomes(row: &'static str, inside: &'static str, html: &'static str) -> Case {
    case(row, narrative(inside), says(html))
}

pub fn cases() -> Vec<Case> {
    [links(), attributes(), images(), files(), texts()].into_iter().flatten().collect()
}

fn links() -> Vec<Case> {
    vec![
        link("CDA-24", "javascript:alert(1)", "javascript:"),
        link("CDA-25", "JaVa&#9;ScRiPt:alert(1)", "ScRiPt:"),
        link("CDA-26", "data:text/html;base64,PHNjcmlwdD4=", "data:text/html"),
        link("CDA-27", "vbscript:x", "vbscript:"),
        link("CDA-28", "//attacker.example/x", "//attacker.example").and(never_says_attacker()),
        link("CDA-29", "https://attacker.example/?q=", "/?q=").and(never_says_attacker()).variant("https"),
        link("CDA-29", "documentsAnnexes/AVK.pdf", "AVK.pdf").variant("relative"),
        becomes(
            "CDA-57",
            r#"a<footnoteRef IDREF="absent">voir la note</footnoteRef>"#,
            "<span>voir la note</span>",
        ),
        becomes(
            "CDA-58",
            r##"<linkHtml href="#../../x">texte du renvoi</linkHtml>"##,
            "<span>texte du renvoi</span>",
        ),
    ]
}

fn attributes() -> Vec<Case> {
    vec![
        becomes(
            "CDA-30",
            r#"<table onmouseover="alert(1)"><tbody><tr><td>case sûre</td></tr></tbody></table>"#,
            "<tr><td>case sûre</td></tr>",
        )
        .and(never_says("onmouseover")),
        becomes(
            "CDA-31",
            r#"<paragraph style="background:url(http://a.example)">texte sûr</paragraph>"#,
            "texte sûr</p>",
        )
        .and(never_says("a.example")),
        becomes("CDA-32", r#"<content styleCode="x;expression(alert(1))">texte sûr</content>"#, "texte sûr")
            .and(never_says("expression(")),
        becomes(
            "CDA-54",
            r#"<table><tbody><tr><td colspan="99999999">large</td></tr></tbody></table>"#,
            r#"colspan="100">large"#,
        )
        .and(never_says("99999999")),
        becomes(
            "CDA-55",
            r##"<content ID="x">un</content><content ID="x">deux</content>"##,
            r#"id="cda-x">un</span><span>deux</span>"#,
        ),
        becomes(
            "CDA-56",
            r#"<content ID="__proto__">un</content><content ID="constructor">deux</content>"#,
            r#"id="cda-__proto__">un</span>"#,
        )
        .and(says(r#"id="cda-constructor">deux</span>"#))
        .and(never_says(r#"id="constructor""#)),
    ]
}

/// The synthesis with an image of that value.
fn image(value: &'static str) -> impl Fn(&World) -> Answer {
    shown(move |document| {
        let observation = format!(
            r#"<observationMedia classCode="OBS" moodCode="EVN" ID="im-1">{value}</observationMedia>"#
        );
        document.edit(
            r#"<list><item ID="pb-3">Pyélonéphrite, avril 2018</item></list></text>"#,
            &format!(r#"<renderMultiMedia referencedObject="im-1"/></text><entry>{observation}</entry>"#),
        )
    })
}

fn images() -> Vec<Case> {
    // <svg onload="alert(1)"/>
    let svg = r#"<value mediaType="image/png" representation="B64">PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+</value>"#;
    let elsewhere =
        r#"<value mediaType="image/png"><reference value="http://attacker.example/x.png"/></value>"#;
    vec![
        case("CDA-37", image(elsewhere), says("[Image refusée")).and(never_says_attacker()),
        case("CDA-38", image(svg), says("[Image refusée")).and(never_says("PHN2ZyBvbmxvYWQ9")),
    ]
}

/// An imaging report around those bytes, opened by Marie.
fn pdf(bytes: &'static str) -> impl Fn(&World) -> Answer {
    move |w| w.marie_reads(&w.marie.pdf(w.number()).binary_body("application/pdf", bytes.as_bytes()))
}

/// Offered as a file to keep: the page embeds nothing, and every address of a file answers an attachment.
pub fn is_a_file_to_keep() -> Check {
    Box::new(|w, answer| {
        let page = answer.text();
        if let Some(tag) =
            ["<embed", "<object", "data:application/pdf"].iter().find(|tag| page.contains(**tag))
        {
            return Err(format!("the page has `{tag}`"));
        }
        let files: Vec<&str> = page
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .filter(|href| href.contains("/fichier/"))
            .collect();
        if files.is_empty() {
            return Err("the page offers no file".to_owned());
        }
        for href in files {
            let file = w.as_marie(href);
            let disposition = file.header("content-disposition").unwrap_or_default();
            let policy = file.header("content-security-policy").unwrap_or_default();
            if file.status != 200 || !disposition.starts_with("attachment") || !policy.contains("sandbox") {
                return Err(format!("{href}: {} {disposition} {policy}", file.status));
            }
        }
        Ok(())
    })
}

fn files() -> Vec<Case> {
    vec![
        case(
            "CDA-45",
            pdf("%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"),
            status(200),
        )
        .and(is_a_file_to_keep())
        .and(says("Ce fichier contient des actions automatiques")),
        case(
            "CDA-48",
            pdf("%PDF-1.4\n1 0 obj<</A<</S/GoToR/F(http://attacker.example/)>>>>endobj\n%%EOF"),
            status(200),
        )
        .and(is_a_file_to_keep())
        .and(never_says_attacker()),
    ]
}

fn texts() -> Vec<Case> {
    let cells = |rows: usize| {
        let row = format!("<tr>{}</tr>", "<td/>".repeat(100));
        format!("<table><tbody>{}</tbody></table>", row.repeat(rows))
    };
    vec![
        // A million cells and their rows are more elements than a document may have: refused, so never shown.
        case(
            "CDA-51",
            move |w| w.publish(&w.synthese().narrative(&cells(10_000))),
            xds("InvalidDocumentContent"),
        )
        // The catalogue allows 256 MiB here: 15 MB of XML, base64 and JSON at once.
        .memory_mib(256),
        becomes(
            "CDA-52",
            "<paragraph>dose \u{202e}gm 001\u{202c}</paragraph>",
            "dose <mark>⟦U+202E⟧</mark>gm 001<mark>⟦U+202C⟧</mark>",
        ),
        case(
            "CDA-53",
            |w| {
                let lot = Lot::of(&[w.marie.synthese(w.number())]);
                let title = json!("Synthe\u{300}se mé\u{200b}dicale d'hier");
                w.marie_reads_lot(&lot.set(REFERENCE, "/content/0/attachment/title", title))
            },
            says("Synthèse mé⟦U+200B⟧dicale d"),
        )
        .variant("of the document"),
        case(
            "CDA-53",
            shown(|d| d.edit("<title>Antécédents</title>", "<title>Anté\u{200b}cédents</title>")),
            says("Anté<mark>⟦U+200B⟧</mark>cédents"),
        )
        .variant("of a section"),
    ]
}
