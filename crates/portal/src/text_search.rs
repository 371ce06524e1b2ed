//! `POST /dossier/{reference}/recherche`: words found in the text of documents; a form, so that the words asked stand
//! in no address, history or log.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use serde::Deserialize;
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french::{self, Day};
use crate::home::is_token;
use crate::open::{Open, Part, SignedIn};
use crate::people;
use crate::shell::Shell;
use crate::timeline;

/// Longest question, in characters.
const WORDS_CHARS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    shell: Shell,
    is_own: bool,
    dossier: String,
    csrf: String,
    words: String,
    count: String,
    hits: Vec<Found>,
}

struct Found {
    lid: String,
    icon: &'static str,
    name: String,
    day: String,
    by: String,
    /// The sentence, cut where a word asked for begins and ends.
    sentence: Vec<(bool, String)>,
}

/// The question.
#[derive(Deserialize)]
pub(crate) struct Asked {
    csrf: String,
    #[serde(default)]
    mots: String,
}

/// `POST`
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    asked: Result<Form<Asked>, FormRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let page = async {
        let open = Open::new(&portal, signed_in, &reference)?;
        let Form(asked) = asked.map_err(|_| Failure::Form)?;
        if !is_token(&asked.csrf, &open.viewer) {
            return Err(Failure::Form);
        }
        build(open, asked.mots).await
    };
    match page.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

async fn build(open: Open, words: String) -> Result<Search, Failure> {
    let words: String = words.trim().chars().take(WORDS_CHARS_MAX).collect();
    let hits = if words.is_empty() { Vec::new() } else { open.search(&words).await? };
    let hits: Vec<Found> = hits
        .into_iter()
        .map(|hit| Found {
            lid: hit.document.lid.to_string(),
            icon: timeline::icon(&hit.document),
            name: timeline::name(&hit.document).plain,
            day: Day::of(timeline::act_date(&hit.document)).long(),
            by: hit
                .document
                .metadata
                .authors
                .first()
                .map_or(String::new(), |a| people::author_line(a, open.reader)),
            sentence: marked(&hit.sentence, &words),
        })
        .collect();
    Ok(Search {
        shell: open.shell("Recherche", Part::Document),
        is_own: open.is_own(),
        csrf: open.viewer.csrf.clone(),
        count: french::count(hits.len(), "document trouvé", "documents trouvés"),
        dossier: open.address,
        words,
        hits,
    })
}

/// A letter without its accent, small: what two spellings of a word have in common.
fn folded(c: char) -> char {
    match c.to_lowercase().next().unwrap_or(c) {
        'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        c => c,
    }
}

/// The sentence with the words asked for marked, accents and case ignored.
fn marked(sentence: &str, words: &str) -> Vec<(bool, String)> {
    let fold = |text: &str| text.chars().map(folded).collect::<Vec<char>>();
    let wanted: Vec<Vec<char>> = words.split_whitespace().map(fold).filter(|w| !w.is_empty()).collect();
    let text = fold(sentence);
    let mut pieces: Vec<(bool, String)> = Vec::new();
    let mut hot_until = 0;
    for (index, letter) in sentence.chars().enumerate() {
        let starts_word = index == 0 || !text[index - 1].is_alphanumeric();
        if starts_word && index >= hot_until {
            let found = wanted.iter().filter(|w| text[index..].starts_with(w)).map(Vec::len).max();
            hot_until = found.map_or(hot_until, |length| index + length);
        }
        let hot = index < hot_until;
        match pieces.last_mut() {
            Some((same, piece)) if *same == hot => piece.push(letter),
            _ => pieces.push((hot, letter.to_string())),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_marked_whatever_their_accents() {
        for (sentence, words, shown) in [
            ("La créatinine est à 98", "creat", "La [créat]inine est à 98"),
            ("Fièvre, fievre", "FIÈVRE", "[Fièvre], [fievre]"),
            ("paracétamol", "amol", "paracétamol"),
            ("deux mots ici", "ici deux", "[deux] mots [ici]"),
            ("rien", "", "rien"),
            ("", "mot", ""),
        ] {
            let written: String = marked(sentence, words)
                .into_iter()
                .map(|(hot, t)| if hot { format!("[{t}]") } else { t })
                .collect();
            assert_eq!(written, shown, "{words}");
        }
    }
}
