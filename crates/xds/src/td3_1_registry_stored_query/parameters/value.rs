//! The values of parameters (ITI TF-2 3.18.4.1.2.3.5): a number, a string between apostrophes (an apostrophe inside is
//! doubled), or a list of these between parentheses.
//!
//! A value is only ever compared: whatever it holds, it is no instruction.

use dmp_dossier::TokenTest;

/// `code^^system`, or the code alone for any system.
pub(super) fn token(text: &str) -> Option<TokenTest> {
    let parts: Vec<&str> = text.split('^').collect();
    let (code, system) = match parts.as_slice() {
        [code] | [code, ""] | [code, _, ""] => (*code, None),
        [code, _, system] => (*code, Some(system.strip_prefix("urn:oid:").unwrap_or(system).to_owned())),
        _ => return None,
    };
    (!code.is_empty()).then(|| TokenTest { system, code: code.to_owned() })
}

/// The literals of a `rim:Value`; `None` when it is none of the forms.
pub(super) fn literals(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim_ascii();
    let Some(inside) = rest.strip_prefix('(') else {
        let (value, after) = literal(rest)?;
        return after.is_empty().then(|| vec![value]);
    };
    rest = inside.strip_suffix(')')?;
    let mut values = Vec::new();
    loop {
        let (value, after) = literal(rest.trim_ascii_start())?;
        values.push(value);
        rest = after.trim_ascii_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None => return rest.is_empty().then_some(values),
        }
    }
}

/// A literal, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('\'') else {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(next) => {
                value.push('\'');
                rest = next;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_or_it_is_malformed() {
        for (text, expected) in [
            ("'a'", Some(vec!["a"])),
            (" ( 'a' , 'b' ) ", Some(vec!["a", "b"])),
            ("('a')", Some(vec!["a"])),
            ("('a','b','c')", Some(vec!["a", "b", "c"])),
            ("20221016161616", Some(vec!["20221016161616"])),
            ("(1,2)", Some(vec!["1", "2"])),
            ("'it''s'", Some(vec!["it's"])),
            ("''''", Some(vec!["'"])),
            ("''", Some(vec![""])),
            ("('a'' OR ''1''=''1')", Some(vec!["a' OR '1'='1"])),
            ("('a)','(b')", Some(vec!["a)", "(b"])),
            ("'a,b'", Some(vec!["a,b"])),
            ("", None),
            ("a", None),
            ("'a", None),
            ("a'", None),
            ("'a'b'", None),
            ("'a' 'b'", None),
            ("('a'", None),
            ("'a')", None),
            ("()", None),
            ("('a',)", None),
            ("(,'a')", None),
            ("('a''b)", None),
            ("('a' OR '1'='1')", None),
            ("(('a'))", None),
            ("12a", None),
            ("'593603^^^&1.2&ISO''%20and%20611%3d611--%20", None),
        ] {
            let values = literals(text);
            let values = values.as_ref().map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(values, expected, "{text}");
        }
    }

    #[test]
    fn codes_have_a_system_or_any() {
        for (text, code, system) in [
            ("10^^1.2.250.1.213.1.1.4.1", "10", Some("1.2.250.1.213.1.1.4.1")),
            ("10^Compte rendu^urn:oid:1.2", "10", Some("1.2")),
            ("urn:ihe:iti:xds-sd:text:2008^^1.3", "urn:ihe:iti:xds-sd:text:2008", Some("1.3")),
            ("10", "10", None),
            ("10^^", "10", None),
        ] {
            let test = token(text).unwrap();
            assert_eq!((test.code.as_str(), test.system.as_deref()), (code, system), "{text}");
        }
        for text in ["", "^^1.2", "10^a^1.2^b"] {
            assert_eq!(token(text), None, "{text}");
        }
    }
}
