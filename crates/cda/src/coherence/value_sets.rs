//! The value sets that the codes of a document are taken from.
//!
//! Sources: JDV_J57, J60, J61, J62, J66 of the DMP, with what the CI-SIS adds to J61 and J62.

use super::{Sent, code_and_system, cut};
use dmp_dossier::code::Code;
use dmp_nomenclature::{ClassCode, FormatCode, TypeCode, facility, practice_setting, type_code};
use std::fmt;

/// A code that is not of its value set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Attribute of the DocumentEntry.
    pub attribute: &'static str,
    /// As sent, cut: code and system.
    pub value: String,
    /// Name of the value set.
    pub list: &'static str,
    /// It was in the value set once.
    pub retired: bool,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outside { attribute, value, list, retired } = self;
        match retired {
            true => write!(f, "{attribute} `{value}` was retired from {list}"),
            false => write!(f, "{attribute} `{value}` is not in {list}"),
        }
    }
}

/// A coded attribute: its name, its value set, and whether a code is a member of it.
struct Coded(&'static str, &'static str, fn(&Code) -> bool);

const TYPE: Coded = Coded("typeCode", "JDV_J66-TypeCode-DMP", |code| known_type(code).is_some());
const CLASS: Coded = Coded("classCode", "JDV_J57-ClassCode-DMP", |code| {
    let known = ClassCode::find(&code.code).filter(|known| known.system.oid == code.system);
    known.is_some_and(|known| known.in_dmp && known.code != type_code::SIGNATURE.class)
});
const FORMAT: Coded = Coded("formatCode", "JDV_J60-FormatCode-DMP", |code| {
    FormatCode::find(&code.code).is_some_and(|known| known.system.oid == code.system)
});
const FACILITY: Coded = Coded("healthcareFacilityTypeCode", facility::DMP.name, |code| {
    [&facility::DMP, &facility::CISIS_ONLY].iter().any(|set| set.find_in(&code.system, &code.code).is_some())
});
const SETTING: Coded = Coded("practiceSettingCode", practice_setting::DMP.name, |code| {
    let sets = [&practice_setting::DMP, &practice_setting::CISIS_ONLY];
    sets.iter().any(|set| set.find_in(&code.system, &code.code).is_some())
});

fn known_type(code: &Code) -> Option<&'static TypeCode> {
    TypeCode::find(&code.code).filter(|known| known.system.oid == code.system)
}

impl Sent {
    /// The codes that are not of their value sets; retired types are of theirs where `historic`.
    pub fn outside(&self, historic: bool) -> Vec<Outside> {
        let is_retired = |code: &Code| !historic && known_type(code).is_some_and(|known| !known.is_current());
        let mut outside = Vec::new();
        for (Coded(attribute, list, is_member), code) in [
            (TYPE, &self.type_code),
            (CLASS, &self.class_code),
            (FORMAT, &self.format_code),
            (FACILITY, &self.facility_type),
            (SETTING, &self.practice_setting),
        ] {
            let Some(code) = code else { continue };
            let retired = attribute == TYPE.0 && is_retired(code);
            if retired || !is_member(code) {
                outside.push(Outside { attribute, value: cut(&code_and_system(code)), list, retired });
            }
        }
        outside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_outside_its_value_set_is_named_with_the_list() {
        let code = |code: &str, system: &str| Some(Code::new(code, system, ""));
        let loinc = "2.16.840.1.113883.6.1";
        for (sent, historic, said) in [
            (Sent { type_code: code("11490-0", loinc), ..Sent::default() }, false, ""),
            (
                Sent { type_code: code("11490-0", "1.2.3"), ..Sent::default() },
                false,
                "typeCode `11490-0^1.2.3` is not in JDV_J66-TypeCode-DMP",
            ),
            (
                Sent { type_code: code("27899-4", loinc), ..Sent::default() },
                false,
                "typeCode `27899-4^2.16.840.1.113883.6.1` was retired from JDV_J66-TypeCode-DMP",
            ),
            (Sent { type_code: code("27899-4", loinc), ..Sent::default() }, true, ""),
            (
                Sent { type_code: code("E1762", "ASTM"), ..Sent::default() },
                true,
                "typeCode `E1762^ASTM` is not in JDV_J66-TypeCode-DMP",
            ),
            (
                Sent { class_code: code("99", "1.2.250.1.213.1.1.4.1"), ..Sent::default() },
                true,
                "classCode `99^1.2.250.1.213.1.1.4.1` is not in JDV_J57-ClassCode-DMP",
            ),
            (
                Sent { format_code: code("CDAR2/IHE 1.0", "x"), ..Sent::default() },
                true,
                "formatCode `CDAR2/IHE 1.0^x` is not in JDV_J60-FormatCode-DMP",
            ),
            (Sent { facility_type: code("SA66", "1.2.250.1.71.4.2.4"), ..Sent::default() }, false, ""),
            (
                Sent { facility_type: code("SA01", "1.2.3"), ..Sent::default() },
                false,
                "healthcareFacilityTypeCode `SA01^1.2.3` is not in JDV_J61-HealthcareFacilityTypeCode-DMP",
            ),
            (
                Sent { practice_setting: code("General Medicine", "x"), ..Sent::default() },
                false,
                "practiceSettingCode `General Medicine^x` is not in JDV_J62-PracticeSettingCode-DMP",
            ),
        ] {
            let found: Vec<_> = sent.outside(historic).iter().map(ToString::to_string).collect();
            assert_eq!(found.join("; "), said);
        }
    }
}
