//! Names and places of the invented population.
//!
//! Common French names, and communes of the nine departments of the 2017 pilot with their INSEE and postal codes
//! (*code officiel géographique*, INSEE).

/// Family names.
#[rustfmt::skip] // words, not rows
pub const FAMILY: [&str; 124] = [
    "ADAM", "ALLAIN", "ANDRIEU", "ARNAUD", "AUBERT", "AUBRY", "BAILLY", "BARBIER", "BARON", "BARRE",
    "BAUDRY", "BENOIT", "BERGER", "BERTIN", "BESNARD", "BESSON", "BLAISE", "BLONDEL", "BODIN", "BONNET",
    "BOUCHER", "BOUVIER", "BRETON", "BRIAND", "BRUNEL", "CARLIER", "CARON", "CARRE", "CHARPENTIER",
    "CHAUVIN", "CHEVALIER", "CLERC", "COLAS", "COLLET", "CORDIER", "COSTE", "COURTOIS", "COUSIN", "DANIEL",
    "DAVID", "DELMAS", "DEVAUX", "DIALLO", "DOUCET", "DUMONT", "DUPUY", "EL AMRANI", "ETCHEVERRY", "FABRE",
    "FAURE", "FERREIRA", "FISCHER", "FLEURY", "FOUCAULT", "GAILLARD", "GARREAU", "GAUDIN", "GERVAIS",
    "GILLET", "GRANGER", "GUERIN", "GUILLOU", "HAMON", "HARDY", "HOARAU", "HUBERT", "HUMBERT", "JACQUET",
    "JOLY", "JULIEN", "KLEIN", "LABORDE", "LACROIX", "LANGLOIS", "LE BIHAN", "LE CORRE", "LE GOFF",
    "LEBLANC", "LECLERE", "LEMOINE", "LEPAGE", "LEROUX", "LOPES", "MAILLARD", "MALLET", "MARCHAND",
    "MASSON", "MERCIER", "MEUNIER", "MICHEL", "MONNIER", "MORVAN", "MULLER", "NAVARRO", "NGUYEN",
    "NICOLAS", "OLIVIER", "PARENT", "PELLETIER", "PERRIN", "PICARD", "POIRIER", "POULAIN", "PREVOST",
    "QUERE", "RAYNAUD", "REMY", "RENAULT", "RIGAUD", "ROCHE", "ROLLAND", "ROUSSEL", "SALAUN", "SCHMITT",
    "SIMON", "TANGUY", "TESSIER", "THERY", "TRAORE", "VALLET", "VASSEUR", "VIDAL", "WAGNER", "WEBER",
];

/// Given names of women, by time of birth: before 1955, 1955 to 1989, since 1990.
#[rustfmt::skip] // words, not rows
pub const GIVEN_FEMALE: [&[&str]; 3] = [
    &[
        "ANDREE", "CLAUDETTE", "COLETTE", "DENISE", "GINETTE", "HUGUETTE", "JANINE", "JEANNE", "MADELEINE",
        "MARCELLE", "MICHELINE", "MONIQUE", "ODETTE", "RAYMONDE", "SIMONE", "YVONNE",
    ],
    &[
        "AGNES", "BRIGITTE", "CAROLE", "CHRISTINE", "CORINNE", "DELPHINE", "FABIENNE", "FATIMA",
        "FLORENCE", "ISABELLE", "KARINE", "LAURENCE", "MARTINE", "NATHALIE", "PATRICIA", "SANDRINE",
        "SEVERINE", "SOLENN", "STEPHANIE", "SYLVIE", "VALERIE", "VIRGINIE",
    ],
    &[
        "AGATHE", "ALICE", "AMBRE", "AMINATA", "ANAIS", "CAMILLE", "CHLOE", "CLARA", "ELISE", "EMMA",
        "INES", "JADE", "JULIETTE", "LEA", "LOUISE", "MAELYS", "MANON", "NINA", "ROMANE", "SARAH",
        "YASMINE", "ZOE",
    ],
];

/// Given names of men, by time of birth: before 1955, 1955 to 1989, since 1990.
#[rustfmt::skip] // words, not rows
pub const GIVEN_MALE: [&[&str]; 3] = [
    &[
        "ANDRE", "BERNARD", "CLAUDE", "FERNAND", "GASTON", "GEORGES", "GUY", "HENRI", "JACQUES", "LUCIEN",
        "MARCEL", "MAURICE", "RAYMOND", "RENE", "ROBERT", "ROGER",
    ],
    &[
        "ALAIN", "BRUNO", "CHRISTOPHE", "DIDIER", "DOMINIQUE", "ERIC", "FRANCK", "FREDERIC", "GILLES",
        "HERVE", "JEROME", "LAURENT", "MICKAEL", "MOHAMED", "OLIVIER", "PASCAL", "PATRICK", "PHILIPPE",
        "SEBASTIEN", "STEPHANE", "THIERRY", "YANN",
    ],
    &[
        "ADAM", "ALEXIS", "ANTOINE", "ARTHUR", "BAPTISTE", "CLEMENT", "ELIOTT", "ENZO", "ETHAN", "GABRIEL",
        "HUGO", "IBRAHIM", "JULES", "LOUIS", "LUCAS", "MAEL", "MATHIS", "NATHAN", "NOE", "RAYAN", "THOMAS",
        "TITOUAN",
    ],
];

/// Streets.
#[rustfmt::skip] // words, not rows
pub const STREETS: [&str; 16] = [
    "rue des Acacias", "rue de la Gare", "rue du Moulin", "allée des Tilleuls", "rue de l'Église",
    "impasse du Puits", "rue Victor-Hugo", "avenue de la République", "rue des Écoles",
    "chemin des Vignes", "rue Pasteur", "place du Marché", "rue de la Fontaine", "boulevard Jean-Jaurès",
    "rue des Jardins", "rue du Stade",
];

/// A commune: name, INSEE code, postal code.
pub type Commune = (&'static str, &'static str, &'static str);

/// A department of the pilot.
pub struct Department {
    /// Code.
    pub code: &'static str,
    /// Name of the insurer's office there.
    pub cpam: &'static str,
    /// Communes, the largest first.
    pub communes: &'static [Commune],
}

/// The nine departments of the 2017 pilot.
#[rustfmt::skip] // one commune, one place on the line
pub const DEPARTMENTS: [Department; 9] = [
    Department { code: "22", cpam: "CPAM des Côtes-d'Armor", communes: &[
        ("Saint-Brieuc", "22278", "22000"), ("Lannion", "22113", "22300"), ("Dinan", "22050", "22100"),
        ("Guingamp", "22070", "22200"), ("Lamballe-Armor", "22093", "22400"), ("Paimpol", "22162", "22500"),
        ("Loudéac", "22136", "22600"),
    ] },
    Department { code: "25", cpam: "CPAM du Doubs", communes: &[
        ("Besançon", "25056", "25000"), ("Montbéliard", "25388", "25200"), ("Pontarlier", "25462", "25300"),
        ("Audincourt", "25031", "25400"), ("Valentigney", "25580", "25700"), ("Morteau", "25411", "25500"),
    ] },
    Department { code: "31", cpam: "CPAM de la Haute-Garonne", communes: &[
        ("Toulouse", "31555", "31000"), ("Colomiers", "31149", "31770"), ("Tournefeuille", "31557", "31170"),
        ("Muret", "31395", "31600"), ("Blagnac", "31069", "31700"), ("Saint-Gaudens", "31483", "31800"),
        ("Revel", "31451", "31250"),
    ] },
    Department { code: "37", cpam: "CPAM d'Indre-et-Loire", communes: &[
        ("Tours", "37261", "37000"), ("Joué-lès-Tours", "37122", "37300"), ("Amboise", "37003", "37400"),
        ("Chinon", "37072", "37500"), ("Loches", "37132", "37600"), ("Saint-Pierre-des-Corps", "37233", "37700"),
    ] },
    Department { code: "63", cpam: "CPAM du Puy-de-Dôme", communes: &[
        ("Clermont-Ferrand", "63113", "63000"), ("Riom", "63300", "63200"), ("Issoire", "63178", "63500"),
        ("Thiers", "63430", "63300"), ("Cournon-d'Auvergne", "63124", "63800"), ("Ambert", "63003", "63600"),
    ] },
    Department { code: "64", cpam: "CPAM de Bayonne", communes: &[
        ("Bayonne", "64102", "64100"), ("Pau", "64445", "64000"), ("Biarritz", "64122", "64200"),
        ("Anglet", "64024", "64600"), ("Hendaye", "64260", "64700"), ("Oloron-Sainte-Marie", "64422", "64400"),
        ("Orthez", "64430", "64300"),
    ] },
    Department { code: "67", cpam: "CPAM du Bas-Rhin", communes: &[
        ("Strasbourg", "67482", "67000"), ("Haguenau", "67180", "67500"), ("Schiltigheim", "67447", "67300"),
        ("Sélestat", "67462", "67600"), ("Saverne", "67437", "67700"), ("Obernai", "67348", "67210"),
    ] },
    Department { code: "80", cpam: "CPAM de la Somme", communes: &[
        ("Amiens", "80021", "80000"), ("Abbeville", "80001", "80100"), ("Albert", "80016", "80300"),
        ("Péronne", "80620", "80200"), ("Doullens", "80253", "80600"), ("Corbie", "80212", "80800"),
    ] },
    Department { code: "94", cpam: "CPAM du Val-de-Marne", communes: &[
        ("Créteil", "94028", "94000"), ("Vitry-sur-Seine", "94081", "94400"), ("Champigny-sur-Marne", "94017", "94500"),
        ("Maisons-Alfort", "94046", "94700"), ("Villejuif", "94076", "94800"), ("Vincennes", "94080", "94300"),
        ("Nogent-sur-Marne", "94052", "94130"),
    ] },
];

/// `LE GOFF` as people write it in a sentence, `Le Goff`.
pub fn sentence_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut at_start = true;
    for c in name.chars() {
        if at_start {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        at_start = !c.is_alphabetic();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_many_and_each_is_there_once() {
        assert_eq!(FAMILY.iter().collect::<BTreeSet<_>>().len(), FAMILY.len());
        for list in GIVEN_FEMALE.iter().chain(&GIVEN_MALE) {
            assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), list.len());
        }
    }

    #[test]
    fn communes_have_their_official_codes() {
        let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let shared = std::env::var_os("DMP_SHARED")
            .map_or_else(|| workspace.join("../shared"), std::path::PathBuf::from);
        let path = shared.join("data/population/communes.csv");
        let Ok(csv) = std::fs::read_to_string(&path) else {
            println!("skipped: no list of communes at {}", path.display());
            return;
        };
        for department in &DEPARTMENTS {
            for (name, insee, postal) in department.communes {
                let row = csv
                    .lines()
                    .find(|line| line.starts_with(insee))
                    .unwrap_or_else(|| panic!("{name}: no commune {insee}"));
                let fields: Vec<_> = row.split(',').collect();
                assert_eq!((fields[1], fields[2]), (*name, department.code), "{insee}");
                assert!(fields[3].split(' ').any(|code| code == *postal), "{name}: {postal}");
            }
        }
    }

    #[test]
    fn names_are_written_in_a_sentence() {
        assert_eq!(sentence_case("LE GOFF"), "Le Goff");
        assert_eq!(sentence_case("CHLOE"), "Chloe");
    }
}
