//! Quotas.

/// How much a person or a structure may do (security.md 2.4). `None` is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas {
    /// Distinct patients per hour, for a professional.
    pub patients_per_hour: Option<u32>,
    /// Distinct patients per day, for a professional.
    pub patients_per_day: Option<u32>,
    /// Distinct patients per hour, for all the professionals of a structure.
    pub structure_patients_per_hour: Option<u32>,
    /// Distinct patients per day, for all the professionals of a structure.
    pub structure_patients_per_day: Option<u32>,
    /// Uses of the bris de glace per day, for a professional.
    pub bris_de_glace_per_day: Option<u32>,
    /// Requests about a patient or a document that is not there, per hour and per person.
    pub failed_look_ups_per_hour: Option<u32>,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas {
            patients_per_hour: Some(20),
            patients_per_day: Some(80),
            structure_patients_per_hour: Some(200),
            structure_patients_per_day: Some(2_000),
            bris_de_glace_per_day: Some(3),
            failed_look_ups_per_hour: Some(10),
        }
    }
}

impl Quotas {
    /// No limit at all: for the loader and for tests.
    pub fn unlimited() -> Self {
        Quotas {
            patients_per_hour: None,
            patients_per_day: None,
            structure_patients_per_hour: None,
            structure_patients_per_day: None,
            bris_de_glace_per_day: None,
            failed_look_ups_per_hour: None,
        }
    }
}
