//! The demo's invented population and its history, seeded into an empty store through the same two doors as
//! everything else.
//!
//! [`personas`] are the people one may be; [`seed`] plays, for each dossier, a history made beforehand
//! ([`tale`]): openings through the channels of the time, deposits by many professions, reads, refusals, masks,
//! emergencies. All of it follows from a seed: people and identifiers from the seed alone, dates from the seed and
//! the week in which it is told.

pub mod authority;
mod cards;
mod cast;
mod clinical;
mod clock;
mod everyday;
mod imaging;
mod incidents;
mod leo;
mod marie;
mod names;
pub(crate) mod openid;
mod pdf;
mod people;
mod personas;
mod population;
mod random;
mod scribe;
mod seed;
mod tale;

pub use cards::cards;
pub use clock::StoryClock;
pub use people::DemoPeople;
pub use personas::{Persona, Who, personas};
pub use seed::{SeedOptions, Summary, seed};

/// The cast of a department, with the personas in theirs.
fn cast_of(department: usize, seed: u64) -> cast::Cast {
    let mut cast = cast::Cast::of(department, seed);
    if department == personas::DEPARTMENT {
        personas::take_parts(&mut cast);
    }
    cast
}
