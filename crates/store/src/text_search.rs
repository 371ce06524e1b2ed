//! Search in the text of documents: every word asked must be there; case and the accents of French do not count.
//!
//! In memory, on the texts of one dossier, opened under a permit. Nothing is indexed: an index of words would tell who has
//! what to whoever reads the database.

use dmp_dossier::search::folded;

/// Longest sentence given back, in characters.
const SENTENCE_CHARS_MAX: usize = 240;

/// The words of a request, folded; empty when it has no letter or digit.
pub(crate) fn words(request: &str) -> Vec<String> {
    folded(request)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The sentence around the first match, when the text holds every word.
pub(crate) fn find(text: &str, words: &[String]) -> Option<String> {
    let whole = folded(text);
    if words.is_empty() || !words.iter().all(|word| whole.contains(word.as_str())) {
        return None;
    }
    let best =
        sentences(text).map(|sentence| (sentence, folded(sentence))).max_by_key(|(sentence, folded)| {
            let matching = words.iter().filter(|word| folded.contains(word.as_str())).count();
            // The first of the sentences that match best: its distance from the end of the text is the longest.
            (matching, text.len() - (sentence.as_ptr() as usize - text.as_ptr() as usize))
        });
    best.map(|(sentence, _)| around(sentence, words))
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '\n', ';']).map(str::trim).filter(|sentence| !sentence.is_empty())
}

/// The sentence, cut around its first match when it is long.
fn around(sentence: &str, words: &[String]) -> String {
    let characters: Vec<char> = sentence.chars().collect();
    if characters.len() <= SENTENCE_CHARS_MAX {
        return sentence.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let match_at = (0..characters.len())
        .find(|&at| {
            let from: String = characters[at..].iter().take(80).collect();
            words.iter().any(|word| folded(&from).starts_with(word.as_str()))
        })
        .unwrap_or(0);
    let start = match_at.saturating_sub(SENTENCE_CHARS_MAX / 3);
    let end = (start + SENTENCE_CHARS_MAX).min(characters.len());
    let cut: String = characters[start..end].iter().collect();
    let cut = cut.split_whitespace().collect::<Vec<_>>().join(" ");
    match (start > 0, end < characters.len()) {
        (true, true) => format!("… {cut} …"),
        (true, false) => format!("… {cut}"),
        (false, true) => format!("{cut} …"),
        (false, false) => cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Motif : douleur thoracique.\nAntécédents familiaux : père, infarctus à 50 ans. \
                        Allergie à la pénicilline ; œdème de Quincke en 2012.";

    #[test]
    fn words_are_found_whatever_their_case_and_accents() {
        for (request, sentence) in [
            ("penicilline", Some("Allergie à la pénicilline ;")),
            ("PÉNICILLINE allergie", Some("Allergie à la pénicilline ;")),
            ("oedeme", Some("œdème de Quincke en 2012.")),
            ("infarctus", Some("Antécédents familiaux : père, infarctus à 50 ans.")),
            ("infarctus quincke", Some("Antécédents familiaux : père, infarctus à 50 ans.")),
            ("douleur abdominale", None),
            ("%", None),
            ("", None),
        ] {
            assert_eq!(find(TEXT, &words(request)).as_deref(), sentence, "{request}");
        }
    }

    #[test]
    fn a_long_sentence_is_cut_around_the_match() {
        let text = format!("{} glycémie élevée {}", "mot ".repeat(200), "mot ".repeat(200));
        let sentence = find(&text, &words("glycemie")).unwrap();
        assert!(sentence.contains("glycémie élevée"), "{sentence}");
        assert!(sentence.starts_with('…') && sentence.ends_with('…'));
        assert!(sentence.chars().count() <= SENTENCE_CHARS_MAX + 4);
    }
}
