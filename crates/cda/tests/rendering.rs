//! How documents show: the CDA rows of the catalogue of bad inputs that concern the viewer, by their identifier.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod common;

use common::{FIXTURES, edited, fixture};
use dmp_cda::{Cda, MediaType, RenderOptions, Rendered, Warning};

const NARRATIVE: &str = "<list><item ID=\"pb-3\">Pyélonéphrite, avril 2018</item></list>";

fn render(document: &str) -> Rendered {
    let rendered = Cda::parse(document.as_bytes()).unwrap().html(&RenderOptions::default());
    if let Err(problem) = common::html::check(&rendered.html) {
        panic!("{problem} in {}", rendered.html);
    }
    rendered
}

/// HTML of a narrative put in the history section.
fn narrative(inside: &str) -> (String, Rendered) {
    let rendered = render(&edited("synthese", NARRATIVE, inside));
    let start = rendered.html.find("<h2>Antécédents</h2>").unwrap() + "<h2>Antécédents</h2>".len();
    let end = start + rendered.html[start..].find("</section>").unwrap();
    let block = rendered.html[start..end].strip_prefix("<div>").unwrap().strip_suffix("</div>").unwrap();
    (block.trim().to_owned(), rendered)
}

#[test]
fn narrative_is_shown_by_the_allow_list() {
    let rows = [
        ("bold", r#"<content styleCode="Bold">a</content>"#, "<strong>a</strong>"),
        ("both", r#"<content styleCode="BoldItalics">a</content>"#, "<strong><em>a</em></strong>"),
        (
            "emphasis in a cell",
            r#"<list><item styleCode="Emphasis">a</item></list>"#,
            "<ul><li><em>a</em></li></ul>",
        ),
        ("underline", r#"<content styleCode="Underline xLabel">a</content>"#, "<u>a</u>"),
        ("paragraph", r#"<paragraph ID="p1">a<br/>b</paragraph>"#, r#"<p id="cda-p1">a<br>b</p>"#),
        ("formula", "H<sub>2</sub>O, 10<sup>9</sup>", "H<sub>2</sub>O, 10<sup>9</sup>"),
        ("deleted text stays deleted", r#"<content revised="delete">a</content>"#, "<del>a</del>"),
        ("ordered list", r#"<list listType="ordered"><item>a</item></list>"#, "<ol><li>a</li></ol>"),
        ("list caption", "<list><caption>c</caption><item>a</item></list>", "<p>c</p><ul><li>a</li></ul>"),
        (
            "headings of columns and rows",
            "<table><caption>c</caption><thead><tr><th>a</th></tr></thead><tbody><tr><th>b</th><td>d</td></tr></tbody></table>",
            "<table><caption>c</caption><thead><tr><th scope=\"col\">a</th></tr></thead>\
             <tbody><tr><th scope=\"row\">b</th><td>d</td></tr></tbody></table>",
        ),
        (
            "headings without thead",
            "<table><tbody><tr><th>a</th><th>b</th></tr></tbody></table>",
            "<table><tbody><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></tbody></table>",
        ),
        (
            "cells out of place keep their text",
            "<table>stray<tbody><td>a</td><tr><paragraph>b</paragraph></tr></tbody></table>",
            "<table><tbody><tr><td>a</td></tr><tr><td><p>b</p></td></tr></tbody></table>",
        ),
        (
            "paragraph around a table",
            "<paragraph><table><tbody><tr><td>a</td></tr></tbody></table></paragraph>",
            "<div><table><tbody><tr><td>a</td></tr></tbody></table></div>",
        ),
        ("white space of the source", "<paragraph>\n\t a \n\t  b\u{a0}c</paragraph>", "<p> a b\u{a0}c</p>"),
        ("unknown element", "<paragraph><blink>a</blink></paragraph>", "<p><span>a</span></p>"),
        ("element of elsewhere", "<paragraph><x xmlns='urn:x'>a <y>b</y></x></paragraph>", "<p>a b</p>"),
        (
            "footnote",
            r##"a<footnoteRef IDREF="f1"/><footnote ID="f1">n</footnote>"##,
            r##"a<a href="#cda-f1">note</a><small id="cda-f1">n</small>"##,
        ),
        ("link inside", r##"<linkHtml href="#pb-1">a</linkHtml>"##, r##"<a href="#cda-pb-1">a</a>"##),
        ("CDA-24", r#"<linkHtml href="javascript:alert(1)">texte</linkHtml>"#, "<span>texte</span>"),
        ("CDA-25", r#"<linkHtml href="JaVa&#9;ScRiPt:alert(1)">texte</linkHtml>"#, "<span>texte</span>"),
        (
            "CDA-26",
            r#"<linkHtml href="data:text/html;base64,PHNjcmlwdD4=">texte</linkHtml>"#,
            "<span>texte</span>",
        ),
        ("CDA-27", r#"<linkHtml href="vbscript:x">texte</linkHtml>"#, "<span>texte</span>"),
        ("CDA-28", r#"<linkHtml href="//attacker/x">texte</linkHtml>"#, "<span>texte</span>"),
        ("CDA-29", r#"<linkHtml href="https://attacker/?q=">texte</linkHtml>"#, "<span>texte</span>"),
        ("CDA-29", r#"<linkHtml href="documentsAnnexes/AVK.pdf">texte</linkHtml>"#, "<span>texte</span>"),
        (
            "CDA-30",
            r#"<table onmouseover="alert(1)"><tbody><tr><td>a</td></tr></tbody></table>"#,
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
        ),
        ("CDA-31", r#"<paragraph style="background:url(http://a)">a</paragraph>"#, "<p>a</p>"),
        ("CDA-32", r#"<content styleCode="x;expression(alert(1))">a</content>"#, "a"),
        ("CDA-33", "<script>alert(1)</script>", "<span>alert(1)</span>"),
        (
            "CDA-34",
            "<iframe src='http://a/'/><object/><embed/><form/>",
            "<span></span><span></span><span></span><span></span>",
        ),
        (
            "CDA-35",
            "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><set to='javascript:x'/></svg>a",
            "a",
        ),
        (
            "CDA-36",
            "<math xmlns='http://www.w3.org/1998/Math/MathML'><annotation-xml>&lt;img src=x onerror=alert(1)&gt;</annotation-xml></math>",
            "&lt;img src=x onerror=alert(1)&gt;",
        ),
        (
            "CDA-54",
            r#"<table><tbody><tr><td colspan="99999999" rowspan="0">a</td><td colspan="-1">b</td></tr></tbody></table>"#,
            "<table><tbody><tr><td colspan=\"100\">a</td><td>b</td></tr></tbody></table>",
        ),
        (
            "CDA-55",
            r##"<content ID="x">a</content><content ID="x">b</content><linkHtml href="#x">c</linkHtml>"##,
            r##"<span id="cda-x">a</span><span>b</span><a href="#cda-x">c</a>"##,
        ),
        (
            "CDA-56",
            r#"<content ID="__proto__">a</content><content ID="constructor">b</content>"#,
            r#"<span id="cda-__proto__">a</span><span id="cda-constructor">b</span>"#,
        ),
        ("CDA-56 identifier that is none", r#"<content ID="a&quot; onx=&quot;1">b</content>"#, "b"),
        ("CDA-57", r#"a<footnoteRef IDREF="absent">voir</footnoteRef>"#, "a<span>voir</span>"),
        ("CDA-58", r##"<linkHtml href="#../../x">a</linkHtml>"##, "<span>a</span>"),
    ];
    for (row, source, expected) in rows {
        let (html, rendered) = narrative(source);
        // What is outside the narrative's own elements is text, wrapped or not.
        assert_eq!(html.replace("<strong></strong>", ""), expected, "{row}");
        match row {
            "CDA-24" | "CDA-28" | "CDA-29" => {
                assert!(rendered.warnings.contains(&Warning::LinkAsText), "{row}")
            }
            "CDA-55" => assert!(rendered.warnings.contains(&Warning::DuplicateId), "{row}"),
            _ => {}
        }
    }
}

#[test]
fn deceptive_characters_are_seen_and_not_applied() {
    let (html, _) = narrative("<paragraph>dose \u{202e}gm 001\u{202c}</paragraph>");
    assert_eq!(html, "<p>dose <mark>⟦U+202E⟧</mark>gm 001<mark>⟦U+202C⟧</mark></p>", "CDA-52");
    let title =
        edited("synthese", "<title>Antécédents</title>", "<title>Anté\u{200b}cédents ne\u{301}e</title>");
    assert!(render(&title).html.contains("<h2>Anté<mark>⟦U+200B⟧</mark>cédents"), "CDA-53");
    let text = Cda::parse(title.as_bytes()).unwrap().text();
    assert!(text.contains("Antécédents née"), "CDA-53: search finds the word as typed: {text}");
}

const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[test]
fn only_real_images_of_the_document_are_shown() {
    let shown = render(&fixture("ordonnance"));
    assert!(
        shown.html.contains(&format!("<img src=\"data:image/png;base64,{PNG}\" alt=\"Code 2D\">")),
        "{}",
        shown.html
    );
    assert!(shown.warnings.is_empty());
    let svg = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0iYWxlcnQoMSkiLz4=";
    let value = format!(r#"<value mediaType="image/jpeg" representation="B64">{PNG}</value>"#);
    for (row, replacement) in [
        (
            "CDA-37",
            r#"<value mediaType="image/png"><reference value="http://attacker/x.png"/></value>"#.to_owned(),
        ),
        ("CDA-38", format!(r#"<value mediaType="image/png" representation="B64">{svg}</value>"#)),
        ("not base64", r#"<value mediaType="image/png" representation="B64">****</value>"#.to_owned()),
        ("no value", String::new()),
    ] {
        let refused = render(&edited("ordonnance", &value, &replacement));
        assert!(
            refused.html.contains("<em>[Image refusée : elle n'est pas affichée]</em>"),
            "{row}: {}",
            refused.html
        );
        assert!(refused.warnings.contains(&Warning::ImageRefused), "{row}");
        assert!(!refused.html.contains("<img"), "{row}");
    }
}

#[test]
fn files_are_offered_apart_from_the_page() {
    let biology = fixture("biologie");
    let cda = Cda::parse(biology.as_bytes()).unwrap();
    let [copy] = <[_; 1]>::try_from(cda.files()).unwrap();
    assert_eq!((copy.number, copy.media_type, copy.is_copy), (1, MediaType::Pdf, true));
    assert_eq!(copy.title.as_deref(), Some("Copie du document"));
    assert!(copy.bytes.starts_with(b"%PDF-1.4\n") && !copy.may_act());
    assert!(render(&biology).html.contains("<em>[Fichier joint n° 1]</em>"));

    let imaging = fixture("imagerie-pdf");
    let files = Cda::parse(imaging.as_bytes()).unwrap().files();
    assert_eq!((files.len(), files[0].media_type, files[0].is_copy), (1, MediaType::Pdf, false));
    assert_eq!(render(&imaging).html, "<p>Ce document est un fichier (PDF) à ouvrir à part.</p>");

    let text = fixture("expression-patient");
    assert_eq!(
        render(&text).html,
        "<pre>Je souhaite que ma sœur soit prévenue.\nPas d'acharnement &lt;thérapeutique&gt;.</pre>"
    );
    assert_eq!(Cda::parse(text.as_bytes()).unwrap().files()[0].media_type, MediaType::Text);
}

#[test]
fn a_pdf_that_could_act_is_told_apart() {
    use base64::Engine;
    let pdf = b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj";
    let encoded = base64::engine::general_purpose::STANDARD.encode(pdf);
    let text = fixture("imagerie-pdf");
    let start = text.find("representation=\"B64\">").unwrap() + "representation=\"B64\">".len();
    let end = start + text[start..].find('<').unwrap();
    let acting = format!("{}{encoded}{}", &text[..start], &text[end..]);
    let cda = Cda::parse(acting.as_bytes()).unwrap();
    let files = cda.files();
    assert!(files[0].may_act(), "CDA-45");
    assert_eq!(files[0].bytes, pdf, "CDA-45: byte for byte");
    // CDA-46, CDA-47, CDA-48: nothing here opens a PDF.
    assert_eq!(cda.text(), "Radio de hanche");
}

#[test]
fn what_is_too_long_is_cut_with_a_sentence() {
    let cell = "<td>résultat attendu entre 0,10 et 0,20 mmol/L</td>";
    let row = "<tr>".to_owned() + &cell.repeat(100) + "</tr>";
    let table = format!("<table><tbody>{}</tbody></table>", row.repeat(2_200));
    let document = edited("synthese", NARRATIVE, &table);
    let rendered = render(&document);
    assert!(rendered.html.len() < 10 * 1024 * 1024 + 1024, "CDA-51: {}", rendered.html.len());
    assert!(rendered.warnings.contains(&Warning::Truncated), "CDA-51");
    assert!(rendered.html.ends_with("Téléchargez-le pour le lire en entier.</p>"), "CDA-51");
}

/// Small inputs that would ask for hours or gigabytes if each mention were read anew.
#[test]
fn many_mentions_of_one_thing_cost_one_reading() {
    let clock = std::time::Instant::now();
    // An image that only its last character betrays, mentioned 300,000 times.
    let value = format!(r#"<value mediaType="image/jpeg" representation="B64">{PNG}</value>"#);
    let bad = format!(r#"<value mediaType="image/png" representation="B64">{}*</value>"#, PNG.repeat(20_000));
    let mentions =
        format!(r#"<renderMultiMedia referencedObject="{}"/>"#, "code-2d ".repeat(8_000)).repeat(40);
    let document = edited("ordonnance", &value, &bad).replace(
        r#"<renderMultiMedia referencedObject="code-2d">"#,
        &format!("{mentions}<renderMultiMedia>"),
    );
    assert!(render(&document).warnings.contains(&Warning::ImageRefused));
    // 10,000 entries that point to the same 500 kB of narrative.
    let narrative = format!(r#"<paragraph ID="pb-3">{}</paragraph>"#, "mot ".repeat(125_000));
    let document = edited("synthese", NARRATIVE, &narrative);
    let entry = r##"<entry><observation classCode="OBS" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/>
        <code code="1"/><text><reference value="#pb-3"/></text></observation></entry>"##;
    let section = "<title>Antécédents</title>";
    let document = document.replace(section, &format!("{section}{}", entry.repeat(10_000)));
    let problems = Cda::parse(document.as_bytes()).unwrap().entries().problems;
    assert_eq!(problems.len(), 10_003);
    assert!(problems.iter().all(|problem| problem.what.text.len() <= 1_010));
    assert!(clock.elapsed().as_secs() < 30, "{:?}", clock.elapsed());
}

#[test]
fn every_fixture_shows_as_safe_html() {
    for name in FIXTURES {
        let rendered = render(&fixture(name));
        assert!(!rendered.html.is_empty(), "{name}");
    }
}

#[test]
fn headings_follow_the_nesting_of_sections_from_the_level_asked() {
    let inner = "<list/></text><component><section><title>Sous-partie</title><text>a</text></section></component><text>";
    let document = edited("synthese", NARRATIVE, inner);
    let cda = Cda::parse(document.as_bytes()).unwrap();
    for (level, outer, inner) in
        [(2, "h2", "h3"), (5, "h5", "h6"), (6, "h6", "h6"), (0, "h2", "h3"), (9, "h6", "h6")]
    {
        let html = cda.html(&RenderOptions { heading_level: level, id_prefix: "cda-" }).html;
        assert!(html.contains(&format!("<{outer}>Antécédents</{outer}>")), "{level}");
        assert!(html.contains(&format!("<{inner}>Sous-partie</{inner}>")), "{level}");
    }
}

#[test]
fn a_section_with_entries_and_no_narrative_shows_them() {
    let text = fixture("biologie");
    let start = text.find("          <text>\n            <table ID=\"bio\">").unwrap();
    let end = start + text[start..].find("</text>").unwrap() + "</text>".len();
    let rendered = render(&(text[..start].to_owned() + &text[end..]));
    for line in [
        "<li>Biochimie</li>",
        "<li>Glucose [Masse/Volume] Sérum/Plasma : 1,05 g/L (04/01/2024)</li>",
        "<li>Protéine C réactive : ≤ 1,0 mg/L (04/01/2024)</li>",
    ] {
        assert!(rendered.html.contains(line), "{line} not in {}", rendered.html);
    }
}
