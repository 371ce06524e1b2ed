//! What is wrong with metadata: the attribute, the rule, the value.

use std::fmt;

/// Longest part of a value that is repeated to its sender, in characters.
const VALUE_CHARS_MAX: usize = 80;

/// Something wrong with the metadata of a message. Its text names the object, the attribute, the rule and the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `id` of the object, as the message names it; empty for the message as a whole.
    pub object: String,
    /// Attribute of the metadata model, or name of a slot.
    pub attribute: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Absent, or empty.
    Missing,
    /// More than the model allows.
    TooMany {
        /// How many are allowed.
        max: usize,
    },
    /// Not written as its type is.
    Form {
        /// As sent, cut.
        value: String,
        /// How it is written.
        expected: &'static str,
    },
    /// Not a member of its value set.
    Outside {
        /// As sent, cut.
        value: String,
        /// Name of the value set.
        list: &'static str,
    },
    /// Another rule; the text is the rule.
    Rule {
        /// As sent, cut.
        value: String,
        /// What is asked.
        rule: String,
    },
}

impl Problem {
    /// Something wrong with an attribute of an object.
    pub fn new(object: impl Into<String>, attribute: impl Into<String>, wrong: Wrong) -> Self {
        Problem { object: cut(&object.into()), attribute: cut(&attribute.into()), wrong }
    }
}

impl Wrong {
    /// Not written as its type is.
    pub fn form(value: &str, expected: &'static str) -> Self {
        Wrong::Form { value: cut(value), expected }
    }

    /// Not a member of its value set.
    pub fn outside(value: &str, list: &'static str) -> Self {
        Wrong::Outside { value: cut(value), list }
    }

    /// Another rule.
    pub fn rule(value: &str, rule: impl Into<String>) -> Self {
        Wrong::Rule { value: cut(value), rule: rule.into() }
    }
}

/// A value short enough to be repeated.
pub fn cut(value: &str) -> String {
    value.chars().take(VALUE_CHARS_MAX).collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.attribute)?;
        if !self.object.is_empty() {
            write!(f, " of `{}`", self.object)?;
        }
        write!(f, ": {}", self.wrong)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Missing => f.write_str("missing"),
            Wrong::TooMany { max } => write!(f, "at most {max} is taken"),
            Wrong::Form { value, expected } => write!(f, "`{value}` is not {expected}"),
            Wrong::Outside { value, list } => write!(f, "`{value}` is not in {list}"),
            Wrong::Rule { value, rule } if value.is_empty() => f.write_str(rule),
            Wrong::Rule { value, rule } => write!(f, "`{value}`: {rule}"),
        }
    }
}
