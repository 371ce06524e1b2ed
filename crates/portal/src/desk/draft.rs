//! An opening that has begun: who is at the desk, what was answered, when it began. It travels sealed in the address of
//! its pages, for thirty minutes.

use dmp_dossier::{Ins, OtpChannel, Time, Traits, age_years};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Desk;
use crate::Portal;
use crate::failure::Failure;
use crate::patient::questions::Fields;

/// A draft serves this long.
const LIFE_MS: i64 = 30 * 60 * 1000;

/// The document that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Piece {
    IdentityCard,
    Passport,
    ResidencePermit,
    /// For a child.
    FamilyBook,
}

impl Piece {
    pub(super) const ALL: [Piece; 4] =
        [Piece::IdentityCard, Piece::Passport, Piece::ResidencePermit, Piece::FamilyBook];

    /// The word in the form.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Piece::IdentityCard => "cni",
            Piece::Passport => "passeport",
            Piece::ResidencePermit => "titre",
            Piece::FamilyBook => "livret",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Piece> {
        Piece::ALL.into_iter().find(|piece| piece.as_str() == word)
    }

    /// Short, on a button.
    pub(super) fn label(self) -> &'static str {
        match self {
            Piece::IdentityCard => "Carte d'identité",
            Piece::Passport => "Passeport",
            Piece::ResidencePermit => "Titre de séjour",
            Piece::FamilyBook => "Acte ou livret de famille",
        }
    }
}

/// Somebody who may be the patient.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) ins: Ins,
    pub(super) traits: Traits,
}

impl Person {
    /// `MOREAU Alice`.
    pub(super) fn name(&self) -> String {
        let used = self.traits.used_name.as_ref().unwrap_or(&self.traits.birth_name);
        let given = self.traits.used_given.as_deref().unwrap_or_else(|| self.traits.first_given());
        format!("{used} {}", capitals(given))
    }

    pub(super) fn is_minor(&self, portal: &Portal) -> bool {
        let majority = i32::from(portal.store.parameters().majority_age_years);
        age_years(&self.traits.birth_date, portal.store.now()).is_some_and(|age| age < majority)
    }
}

/// `Jean-Marc` of `JEAN-MARC`.
pub(super) fn capitals(text: &str) -> String {
    let mut out = String::new();
    let mut first = true;
    for c in text.chars() {
        if first {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        first = !c.is_alphabetic();
    }
    out
}

/// What became of an opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Outcome {
    Opened,
    Reopened,
    Refused,
    /// A dossier was there.
    Exists,
}

/// What the patient gave to be reached, and how it was proved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Reach {
    Sms(String),
    Mail(String),
}

impl Reach {
    pub(super) fn channel(&self) -> OtpChannel {
        match self {
            Reach::Sms(number) => OtpChannel::Sms(number.clone()),
            Reach::Mail(address) => OtpChannel::Email(address.clone()),
        }
    }
}

/// An opening that has begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Draft {
    /// Of this opening: a repeated request counts once.
    pub(super) id: Uuid,
    /// When the first step was posted.
    started_ms: i64,
    /// The people of the card, or the one whose number was typed.
    pub(super) people: Vec<Person>,
    pub(super) from_card: bool,
    /// Who of them, and the document seen.
    pub(super) chosen: Option<(usize, Piece)>,
    /// A closed dossier is there: this reopens it.
    pub(super) closed: bool,
    /// Answers so far.
    answers: Vec<(String, String)>,
    /// The code that was sent, and where.
    pub(super) ticket: Option<(String, Reach)>,
    pub(super) outcome: Option<Outcome>,
    /// Proved by a code.
    pub(super) proved: Option<Reach>,
    /// Seconds it took, once done.
    pub(super) seconds: u32,
}

impl Draft {
    pub(super) fn new(people: Vec<Person>, from_card: bool, now: Time) -> Draft {
        Draft {
            id: Uuid::new_v4(),
            started_ms: now.millis(),
            people,
            from_card,
            chosen: None,
            closed: false,
            answers: Vec::new(),
            ticket: None,
            outcome: None,
            proved: None,
            seconds: 0,
        }
    }

    /// The draft of an address.
    ///
    /// # Errors
    /// Not made here, or for somebody else, or more than thirty minutes ago.
    pub(super) fn open(portal: &Portal, desk: &Desk, text: &str) -> Result<Draft, Failure> {
        let bytes = portal.references.open_form(&desk.viewer, text).ok_or(Failure::UnknownAddress)?;
        let draft: Draft = serde_json::from_slice(&bytes).map_err(|_| Failure::UnknownAddress)?;
        let age_ms = portal.store.now().millis() - draft.started_ms;
        if (0..LIFE_MS).contains(&age_ms) { Ok(draft) } else { Err(Failure::UnknownAddress) }
    }

    /// Its address.
    pub(super) fn address(&self, portal: &Portal, desk: &Desk) -> String {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        format!("/guichet/ouvrir/{}", portal.references.seal_form(&desk.viewer, bytes))
    }

    /// Chooses who it is: what was answered or proved for somebody else of the card is not theirs.
    pub(super) fn choose(&mut self, chosen: (usize, Piece)) {
        let begun = Time::from_millis(self.started_ms);
        *self = Draft {
            chosen: Some(chosen),
            ..Draft::new(std::mem::take(&mut self.people), self.from_card, begun)
        };
    }

    /// The patient, once chosen, and the document seen.
    pub(super) fn patient(&self) -> Option<(&Person, Piece)> {
        let (index, piece) = self.chosen?;
        Some((self.people.get(index)?, piece))
    }

    pub(super) fn fields(&self) -> Fields {
        Fields(self.answers.clone())
    }

    pub(super) fn answered(&mut self, fields: &Fields, names: &[&str]) {
        let kept = names.iter().map(|name| ((*name).to_owned(), fields.get(name).to_owned()));
        self.answers = kept.filter(|(_, value)| !value.is_empty()).collect();
    }

    /// When it was done.
    pub(super) fn done_at(&self) -> Time {
        Time::from_millis(self.started_ms + i64::from(self.seconds) * 1000)
    }

    /// Seconds since it began.
    pub(super) fn elapsed(&self, now: Time) -> u32 {
        u32::try_from((now.millis() - self.started_ms).max(0) / 1000).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_people_write_them() {
        for (given, shown) in
            [("JEAN-MARC", "Jean-Marc"), ("ALICE", "Alice"), ("D'ARTAGNAN", "D'Artagnan"), ("", "")]
        {
            assert_eq!(capitals(given), shown);
        }
    }
}
