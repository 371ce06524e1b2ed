//! `/dossier/{reference}/document/{lid}`: one document, who may see it, who opened it; its reading frame and files.
//!
//! The body is shown in a sandboxed frame from an address of its own ([`answer::reading`]); the page and the frame are
//! two reads, and the journal shows both as one visit.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, RawQuery, State};
use axum::http::{Response, StatusCode};
use bytes::Bytes;
use dmp_cda::{Cda, RenderOptions};
use dmp_dossier::{
    ActorTrace, DocumentEntry, DocumentRef, JournalFilter, JournalScope, Lid, Query, Reason, Refusal, Rule,
    SeenDocument, Time, View,
};
use dmp_nomenclature::Matrix;
use dmp_nomenclature::profession::{Kind, Profession};
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::assets::ADDRESSES;
use crate::banner::Banner;
use crate::failure::Failure;
use crate::french::{self, Day};
use crate::open::{Open, Part, SignedIn};
use crate::patient::{self, After, OwnPart};
use crate::people;
use crate::record::may_read_content;
use crate::shell::Shell;
use crate::timeline::{self, Badge, Name};
use crate::visits;

/// How far back *Qui l'a ouvert ?* looks.
const OPENED_DAYS: i64 = 365;

#[derive(Template)]
#[template(path = "document.html")]
struct Document {
    shell: Shell,
    banner: Option<Banner>,
    is_own: bool,
    /// What a professional may do here.
    offered: Vec<crate::professional::Offered>,
    /// What the patient may do here.
    own: Option<OwnPart>,
    /// Address of the dossier, and of this document.
    dossier: String,
    address: String,
    name: Name,
    icon_name: &'static str,
    act_day: String,
    received: String,
    authors: Vec<Written>,
    facility: String,
    badges: Vec<Badge>,
    /// Bytes were read: there is something to show.
    content: Option<Shown>,
    audience: Audience,
    opened: Option<Vec<(String, String, String)>>,
    versions: Vec<Version>,
}

/// An author.
struct Written {
    name: String,
    detail: String,
}

/// What the bytes hold.
struct Shown {
    /// Height class of the frame, 1 to 12.
    height: usize,
    size: String,
    files: Vec<File>,
    is_readable: bool,
}

struct File {
    number: usize,
    label: String,
    size: String,
    may_act: bool,
}

/// Who may see the document, in words.
struct Audience {
    /// What the patient decided.
    rule: &'static str,
    /// Professions that the national matrix allows.
    professions: Vec<&'static str>,
}

struct Version {
    lid: String,
    day: String,
    current: bool,
}

/// `GET`
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid)): Path<(String, String)>,
    after: Result<Parameters<After>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let after = after.map(|Parameters(after)| after).unwrap_or_default();
    let page = async {
        let open = Open::new(&portal, signed_in, &reference)?;
        build(open, &lid, &after).await
    };
    match page.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// A word that is no identifier is a document that does not exist.
fn parse(lid: &str) -> Result<DocumentRef, Failure> {
    const NO_SUCH: Rule = Rule { id: "URL", says: "l'adresse ne désigne aucun document", source: "pages" };
    Lid::parse(lid).map(DocumentRef::Lid).ok_or(Failure::Refused {
        refusal: Refusal::new(Reason::UnknownDocument, &NO_SUCH),
        retry_after_seconds: None,
        emergency: None,
    })
}

async fn build(open: Open, lid: &str, after: &After) -> Result<Document, Failure> {
    let reference = parse(lid)?;
    let (seen, bytes) = read_one(&open, &reference).await?;
    let entry = Arc::clone(&seen.entry);
    let (administrative, opened, related) = tokio::join!(
        async { if open.is_own() { None } else { open.consult_part(Query::Administrative).await } },
        opened_by(&open, &entry),
        open.consult_part(Query::GetRelated(reference)),
    );
    let banner = administrative.and_then(|a| match a.view {
        View::Administrative(view) => Some(Banner::of(&view, None, &open.actor, open.now)),
        _ => None,
    });
    let name = timeline::name(&entry);
    let metadata = &entry.metadata;
    let written = |a| Written {
        name: people::author_name(a, open.reader),
        detail: people::joined(&[people::author_role(a), people::author_place(a)]),
    };
    Ok(Document {
        shell: open.shell(&name.plain, Part::Document),
        is_own: open.is_own(),
        offered: crate::professional::offered(&open, &entry),
        own: patient::own_part(&open, &entry, after.fait.as_deref()),
        address: format!("{}/document/{}", open.address, entry.lid),
        icon_name: timeline::icon(&entry),
        act_day: Day::of(timeline::act_date(&entry)).long(),
        received: french::day(entry.registered_at),
        authors: metadata.authors.iter().map(written).collect(),
        facility: people::facility(&metadata.facility_type.code)
            .unwrap_or(&metadata.facility_type.label)
            .to_owned(),
        badges: timeline::badges(&entry, open.reader, open.now),
        content: bytes.map(|bytes| shown(&bytes)),
        audience: audience(&entry, open.portal.store.matrix(), open.portal.store.parameters().social_sector),
        versions: versions(related.map(|a| a.view), &entry),
        dossier: open.address,
        banner,
        name,
        opened,
    })
}

/// The document with its bytes, or its metadata alone for whom no content is opened.
async fn read_one(open: &Open, reference: &DocumentRef) -> Result<(SeenDocument, Option<Bytes>), Failure> {
    let query = match may_read_content(&open.actor) {
        true => Query::Retrieve(vec![reference.clone()]),
        false => Query::GetDocuments(vec![reference.clone()]),
    };
    let mut answer = open.consult(query).await?;
    let bytes = answer.contents.pop();
    match answer.view {
        View::Contents(mut found) | View::Documents(mut found) => {
            let seen = found.pop().ok_or_else(|| parse("").err().unwrap_or(Failure::Ours))?;
            Ok((seen, bytes))
        }
        _ => Err(Failure::Ours),
    }
}

async fn opened_by(open: &Open, entry: &DocumentEntry) -> Option<Vec<(String, String, String)>> {
    if !open.is_normal() {
        return None;
    }
    let from = Time::from_millis(open.now.millis() - OPENED_DAYS * 86_400_000);
    let filter = JournalFilter { from: Some(from), to: None, agent: None, limit: None };
    let answer = open.consult_part(Query::Journal(filter)).await?;
    // Who reads only his own lines cannot tell that nobody else opened it.
    let View::Journal(JournalScope { own: None, .. }) = answer.view else { return None };
    let own = ActorTrace::of(&open.actor);
    Some(visits::readers_of(&answer.lines, entry, &own, open.reader))
}

fn shown(bytes: &Bytes) -> Shown {
    let size = french::size(bytes.len());
    let Ok(cda) = Cda::parse(bytes) else {
        return Shown { height: 1, size, files: Vec::new(), is_readable: false };
    };
    let html = cda.html(&RenderOptions::default()).html;
    let file = |f: dmp_cda::EmbeddedFile| File {
        number: f.number,
        label: match (&f.title, f.is_copy) {
            (_, true) => format!("Document complet ({})", f.media_type.french()),
            (Some(title), _) => format!("{title} ({})", f.media_type.french()),
            (None, _) => format!("Fichier joint n° {} ({})", f.number, f.media_type.french()),
        },
        size: french::size(f.bytes.len()),
        may_act: f.may_act(),
    };
    Shown {
        height: height(&html),
        size,
        files: cda.files().into_iter().map(file).collect(),
        is_readable: true,
    }
}

/// Heights of the frame in the style sheet, in rem: classes `h1`, `h2`…
const HEIGHTS: [usize; 12] = [12, 16, 22, 28, 34, 40, 47, 54, 62, 70, 80, 92];

/// A frame without script cannot tell its height: it is guessed from what it holds, and scrolls beyond. The class of
/// the first height that is enough.
fn height(html: &str) -> usize {
    // Quarters of a rem that an element takes, text wrapped at the width of a desktop.
    const TAKES: [(&str, usize); 10] = [
        ("<p", 8),
        ("<li", 7),
        ("<tr", 10),
        ("<br", 6),
        ("<h2", 13),
        ("<h3", 12),
        ("<h4", 11),
        ("<h5", 11),
        ("<h6", 11),
        ("<section", 3),
    ];
    // A picture takes a page, however many letters its address has.
    const PICTURE: usize = 120;
    let pictures: Vec<&str> = html.split("src=\"data:").collect();
    let addresses: usize = pictures.iter().skip(1).filter_map(|p| p.find('"')).sum();
    let elements: usize = TAKES.iter().map(|(tag, quarters)| html.matches(tag).count() * quarters).sum();
    let elements = elements + (pictures.len() - 1) * PICTURE;
    let text = (html.len() - addresses) / 100 * 6;
    let rem = 4 + elements.max(text) / 4;
    HEIGHTS.iter().position(|height| *height >= rem).unwrap_or(HEIGHTS.len() - 1) + 1
}

fn audience(entry: &DocumentEntry, matrix: &Matrix, social_sector: bool) -> Audience {
    let type_code = &entry.metadata.type_code.code;
    let mut professions: Vec<&'static str> = Profession::all()
        .iter()
        .filter(|p| {
            p.kind == Kind::HealthProfessional && matrix.allows(p.key, type_code, social_sector).allowed
        })
        .map(|p| p.plain)
        .collect();
    professions.sort_unstable();
    professions.dedup();
    let rule = match (entry.visibility.masked, entry.visibility.hidden_from_representatives) {
        (true, _) => {
            "Masqué : son auteur et le médecin traitant le voient, personne d'autre parmi les soignants."
        }
        (_, true) => "Les soignants autorisés le voient. Les représentants légaux ne le voient pas.",
        _ => "Les soignants autorisés le voient, selon leur profession.",
    };
    Audience { rule, professions }
}

/// The chain of replacements, latest first; empty for a document that stands alone.
fn versions(related: Option<View>, entry: &DocumentEntry) -> Vec<Version> {
    let Some(View::Documents(mut chain)) = related else { return Vec::new() };
    chain.sort_by_key(|s| std::cmp::Reverse(s.entry.registered_at));
    let mut versions: Vec<Version> = Vec::new();
    for seen in &chain {
        let lid = seen.entry.lid.to_string();
        if !versions.iter().any(|v| v.lid == lid) {
            versions.push(Version {
                day: french::day(seen.entry.registered_at),
                current: seen.entry.lid == entry.lid,
                lid,
            });
        }
    }
    if versions.len() > 1 { versions } else { Vec::new() }
}

#[derive(Template)]
#[template(path = "reading.html")]
struct Reading {
    title: String,
    day: String,
    /// Shown by itself, not in the frame of its page: it says what it is.
    is_alone: bool,
    css: &'static str,
    html: String,
    warnings: Vec<&'static str>,
}

/// `GET …/lecture`: the body of the document, for the frame of the page or a tab of its own.
pub(crate) async fn read(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let (seen, bytes) = match contents(&portal, signed_in, &reference, &lid).await {
        Ok(contents) => contents,
        Err(response) => return *response,
    };
    let (html, warnings) = match Cda::parse(&bytes) {
        Ok(cda) => {
            let rendered = cda.html(&RenderOptions::default());
            (rendered.html, rendered.warnings.into_iter().map(dmp_cda::Warning::french).collect())
        }
        Err(_) => (
            "<p>Ce document ne peut pas être affiché ici. Vous pouvez le télécharger.</p>".to_owned(),
            Vec::new(),
        ),
    };
    answer::reading(&Reading {
        title: timeline::name(&seen.entry).plain,
        day: Day::of(timeline::act_date(&seen.entry)).long(),
        is_alone: query.as_deref() == Some("seul"),
        css: ADDRESSES.reading_css,
        html,
        warnings,
    })
}

/// `GET …/original`: the bytes as they were deposited.
pub(crate) async fn original(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid)): Path<(String, String)>,
) -> Response<Body> {
    match contents(&portal, signed_in, &reference, &lid).await {
        Ok((seen, bytes)) => answer::file(bytes, "application/xml", &file_name(&seen.entry, "xml")),
        Err(response) => *response,
    }
}

/// `GET …/fichier/{number}`: a file that the document holds.
pub(crate) async fn embedded(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid, number)): Path<(String, String, String)>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let (seen, bytes) = match contents(&portal, signed_in, &reference, &lid).await {
        Ok(contents) => contents,
        Err(response) => return *response,
    };
    let files = Cda::parse(&bytes).map(|cda| cda.files()).unwrap_or_default();
    let wanted: Option<usize> = number.parse().ok();
    match files.into_iter().find(|f| Some(f.number) == wanted) {
        Some(file) => {
            let extension = extension(file.media_type);
            answer::file(file.bytes, file.media_type.as_str(), &file_name(&seen.entry, extension))
        }
        None => Failure::UnknownAddress.page(&portal, viewer.as_ref()),
    }
}

async fn contents(
    portal: &Arc<Portal>,
    signed_in: SignedIn,
    reference: &str,
    lid: &str,
) -> Result<(SeenDocument, Bytes), Box<Response<Body>>> {
    let viewer = signed_in.0.clone();
    let found = async {
        let open = Open::new(portal, signed_in, reference)?;
        let mut answer = open.consult(Query::Retrieve(vec![parse(lid)?])).await?;
        match (answer.view, answer.contents.pop()) {
            (View::Contents(mut seen), Some(bytes)) => seen.pop().map(|s| (s, bytes)).ok_or(Failure::Ours),
            _ => Err(Failure::Ours),
        }
    };
    found.await.map_err(|failure: Failure| Box::new(failure.page(portal, viewer.as_ref())))
}

fn extension(media_type: dmp_cda::MediaType) -> &'static str {
    use dmp_cda::MediaType as M;
    match media_type {
        M::Pdf => "pdf",
        M::Jpeg => "jpg",
        M::Png => "png",
        M::Gif => "gif",
        M::Tiff => "tif",
        M::Rtf => "rtf",
        M::Text => "txt",
    }
}

/// Nothing of the patient or of the document's title: a name on a disk is seen by others.
fn file_name(entry: &DocumentEntry, extension: &str) -> String {
    format!("document-{}.{extension}", Day::of(timeline::act_date(entry)).machine())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_frame_is_as_high_as_what_it_holds_within_bounds() {
        assert_eq!(height("<p>Un mot.</p>"), 1);
        assert_eq!(height(&"<p>ligne</p>".repeat(10)), 4);
        assert_eq!(height(&"<tr><td>x</td></tr>".repeat(500)), HEIGHTS.len());
        assert_eq!(height(&"x".repeat(1600)), 4);
        let picture = format!("<img src=\"data:image/jpeg;base64,{}\" alt=\"\">", "A".repeat(1_000_000));
        assert_eq!(height(&picture), 5);
        let css = include_str!("../assets/page.css");
        for (class, rem) in HEIGHTS.iter().enumerate() {
            assert!(css.contains(&format!(".h{} {{ height: {rem}rem; }}", class + 1)), "h{}", class + 1);
        }
    }

    #[test]
    fn the_audience_is_that_of_the_national_matrix() {
        let matrix = Matrix::builtin();
        let (seen, _) = samples::document("ordonnance.xml", "57833-6");
        let told = audience(&seen.entry, &matrix, false);
        assert!(told.professions.contains(&"Médecin") && told.professions.contains(&"Pharmacien"));
        let (mut seen, _) = samples::document("ordonnance.xml", "unknown-type");
        assert!(audience(&seen.entry, &matrix, false).professions.is_empty());
        Arc::make_mut(&mut seen.entry).visibility.masked = true;
        assert!(audience(&seen.entry, &matrix, false).rule.starts_with("Masqué"));
    }

    #[test]
    fn a_file_name_says_nothing_of_the_patient() {
        let (seen, _) = samples::document("biologie.xml", "11502-2");
        assert!(file_name(&seen.entry, "xml").starts_with("document-20"));
    }
}
