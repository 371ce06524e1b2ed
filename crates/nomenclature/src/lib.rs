//! Code systems and value sets of the CI-SIS that the DMP uses, and the matrix of who may read what.
//!
//! Pure tables and their lookups: no I/O, no clock, and no allocation outside the reading of a matrix file. Every
//! table restates facts of a published value set, named with its edition in the module that holds it:
//!
//! | module | value set | edition |
//! |---|---|---|
//! | [`type_code`] | JDV_J66-TypeCode-DMP; ASS_X16, ASS_X04 (classes) | 2024-09-27; 2024-02-23, 2024-04-26 |
//! | [`class_code`] | JDV_J57-ClassCode-DMP, TRE_A03 | 2023-09-22 |
//! | [`format_code`] | JDV_J10-XdsFormatCode-CISIS; ASS_A11, ASS_A12 | 2024-07-26; 2026-06-29 |
//! | [`facility`] | JDV_J61-HealthcareFacilityTypeCode-DMP | 2024-09-27 |
//! | [`practice_setting`] | JDV_J62-PracticeSettingCode-DMP | 2023-09-22 |
//! | [`confidentiality`] | JDV_J08-XdsConfidentialityCode-CISIS | TestContenuCDA 3.0, 2025-02 |
//! | [`profession`], [`speciality`] | JDV_J65-SubjectRole-DMP, JDV_J01, JDV_J48 | 2020-04-24; TestContenuCDA 3.0 |
//! | [`author_role`] | JDV_J47-FunctionCode-CISIS | TestContenuCDA 3.0 |
//! | [`content_type`] | JDV_J59-ContentTypeCode-DMP, JDV_J142 | 2026-09-28; TestContenuCDA 3.0 |
//! | [`access_mode`] | JDV_J38-ModeAcces-CISIS, TRE_R248 | 2024-12-13 |
//! | [`closure`] | sample message TD1.4, PDSM4DMP | 2021; 2026-07-02 |
//! | [`matrix`] | *matrice d'habilitations*, arrêté of 26 October 2023 | JO 29/10/2023, in part |
//!
//! `tests/official_tables.rs` compares them with the published files where those are at hand. What is ours for
//! want of a source is marked `provisional` in the data itself.

pub mod access_mode;
pub mod author_role;
pub mod class_code;
pub mod closure;
mod concept;
pub mod confidentiality;
pub mod content_type;
pub mod facility;
pub mod format_code;
pub mod matrix;
pub mod oid;
pub mod practice_setting;
pub mod profession;
pub mod speciality;
pub mod type_code;

pub use class_code::ClassCode;
pub use closure::ClosureReason;
pub use concept::{Concept, ValueSet};
pub use format_code::FormatCode;
pub use matrix::{Cell, Matrix, MatrixError};
pub use oid::CodeSystem;
pub use profession::{AuthorSpecialty, Profession};
pub use type_code::TypeCode;
