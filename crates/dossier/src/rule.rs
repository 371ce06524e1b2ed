//! What a rule is: a named value with its text and its source, cited where it is applied and where it is tested.

/// A rule of the record.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Short stable identifier, shown by `explain` and kept in the journal.
    pub id: &'static str,
    /// What it says, in French.
    pub says: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// Declares the rules of a module as constants, and the list of them for `cargo xtask rules`.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $says:literal, $source:literal;)*) => {
        $($(#[$doc])* pub const $name: crate::rule::Rule = crate::rule::Rule { id: $id, says: $says, source: $source };)*
        /// Every rule of this module.
        pub const ALL: &[&crate::rule::Rule] = &[$(&$name),*];
    };
}
pub(crate) use rules;
