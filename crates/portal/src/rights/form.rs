//! Forms of these pages: fields by name, repeated ones included, the token of the session checked first.

use axum::Form;
use axum::extract::rejection::FormRejection;

use crate::failure::Failure;
use crate::home::is_token;
use crate::open::Open;

/// What was posted, as the extractor gives it.
pub(crate) type Posted = Result<Form<Vec<(String, String)>>, FormRejection>;

/// The fields of a form.
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields, when the form is of this session.
    ///
    /// # Errors
    /// [`Failure::Form`].
    pub(crate) fn read(posted: Posted, open: &Open) -> Result<Fields, Failure> {
        let Ok(Form(fields)) = posted else { return Err(Failure::Form) };
        let fields = Fields(fields);
        if is_token(fields.get("csrf"), &open.viewer) { Ok(fields) } else { Err(Failure::Form) }
    }

    /// Those of nothing posted yet.
    pub(crate) fn none() -> Fields {
        Fields(Vec::new())
    }

    /// A field; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The same with a field given.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Fields {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What a form that waits for a proof of identity carries, and what a confirmation repeats.
    pub(crate) fn repeated(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| name != "csrf").cloned().collect()
    }
}

/// A field with what is wrong in it.
pub(crate) type Wrong = (&'static str, &'static str);

/// One line as typed: spaces made one. `None` when it is too long or holds control characters.
pub(crate) fn one_line(text: &str, chars_max: usize) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = line.chars().count() <= chars_max && !line.chars().any(char::is_control);
    fits.then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_short_and_plain() {
        for (text, max, line) in [
            ("  Dr\tAnne   ROY ", 20, Some("Dr Anne ROY")),
            ("", 20, Some("")),
            ("a\u{7}b", 20, None),
            ("12345", 4, None),
            ("éàç", 3, Some("éàç")),
        ] {
            assert_eq!(one_line(text, max).as_deref(), line, "{text:?}");
        }
    }
}
