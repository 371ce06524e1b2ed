//! Characters that make a text look like another one are shown, not applied.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// True for what has no shape of its own and changes how its neighbours are read: direction overrides and marks,
/// zero-width characters, invisible fillers, C1 controls.
pub fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{7f}'..='\u{9f}'
        | '\u{61c}'
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// The mark shown in place of such a character, `⟦U+202E⟧`.
pub fn mark(character: char) -> String {
    format!("⟦U+{:04X}⟧", u32::from(character))
}

/// The text with a mark in place of each deceptive character, and composed (NFC).
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_deceptive) {
        return composed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in composed(text).chars() {
        if is_deceptive(character) {
            shown.push_str(&mark(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// The text composed (NFC), so that `e` and an accent is the `é` that people search.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deceptive_characters_are_shown_and_others_kept() {
        for (text, shown) in [
            ("Doliprane 500 mg", "Doliprane 500 mg"),
            ("10\u{a0}mg\u{202f}; l'été", "10\u{a0}mg\u{202f}; l'été"),
            ("ne\u{301}e", "née"),
            ("dose \u{202e}gm 01\u{202c}", "dose ⟦U+202E⟧gm 01⟦U+202C⟧"),
            ("do\u{200b}se", "do⟦U+200B⟧se"),
            ("\u{feff}titre\u{e0041}", "⟦U+FEFF⟧titre⟦U+E0041⟧"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
