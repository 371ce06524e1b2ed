//! Claims of a person who signs in to the pages → who they may be today.
//!
//! A token of a software says in which exercise its bearer acts; a person who signs in chooses (UserInfo of Pro Santé
//! Connect: `SubjectRefPro.exercices[].activities[]`).

use super::TokenError;
use super::claims::actor_of;
use super::issuer::{Issuer, Kind};
use super::pro_sante_connect::professional;
use super::token::Claims;
use dmp_dossier::{Actor, Auth, RealmPolicy};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most situations that are proposed.
const SITUATIONS_MAX: usize = 50;

/// The professional that claims of Pro Santé Connect name, once for each activity of each exercise; at least one.
///
/// # Errors
/// A claim missing or wrong.
pub(crate) fn situations(claims: &Claims) -> Result<Vec<Actor>, TokenError> {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let exercises = list(claims.get("SubjectRefPro").and_then(|reference| reference.get("exercices")));
    let activities: usize =
        exercises.iter().map(|exercise| list(exercise.get("activities")).len().max(1)).sum();
    if activities <= 1 {
        return professional(claims, Auth::Oidc).map(|actor| vec![actor]);
    }
    let mut found: Vec<Actor> = Vec::new();
    for exercise in exercises {
        let mut activities = list(exercise.get("activities"));
        if activities.is_empty() {
            activities.push(json!({}));
        }
        for activity in activities {
            let mut exercise = exercise.clone();
            exercise["activities"] = json!([activity]);
            let mut narrowed = claims.clone();
            // These name one situation, and the person has several: they are read from the activity instead.
            for name in ["SubjectRole", "SubjectOrganizationID", "SubjectOrganization", "Secteur_Activite"] {
                narrowed.remove(name);
            }
            narrowed.insert("SubjectRefPro".to_owned(), json!({ "exercices": [exercise] }));
            let actor = professional(&narrowed, Auth::Oidc)?;
            if !found.contains(&actor) && found.len() < SITUATIONS_MAX {
                found.push(actor);
            }
        }
    }
    Ok(found)
}

/// The actor that claims of a provider name, among the kinds it may speak for.
///
/// # Errors
/// A claim missing or wrong; an actor that this provider may not speak for.
pub(crate) fn asserted(claims: &Claims, kinds: &[Kind], realm: RealmPolicy) -> Result<Actor, TokenError> {
    let provider = Issuer::new("", "", Vec::new(), BTreeMap::new(), kinds);
    actor_of(claims, &provider, realm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(exercises: Value) -> Claims {
        let claims = json!({
            "SubjectNameID": "899900900012", "family_name": "Martin", "given_name": "Paul",
            "SubjectOrganizationID": "1229900014", "SubjectRefPro": { "exercices": exercises },
        });
        claims.as_object().unwrap().clone()
    }

    fn structures(exercises: Value) -> Vec<String> {
        let found = situations(&claims(exercises)).unwrap();
        let structure = |actor: &Actor| match actor {
            Actor::Professional(p) => {
                p.structure.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default()
            }
            other => panic!("{other:?}"),
        };
        found.iter().map(structure).collect()
    }

    #[test]
    fn each_activity_is_a_situation_and_one_is_chosen_already() {
        let activity = |finess: &str| json!({ "numeroFinessSite": finess, "raisonSocialeSite": "X" });
        let exercise = |activities: Value| json!({ "codeProfession": "10", "activities": activities });
        assert_eq!(structures(json!([exercise(json!([activity("220000002")]))])), ["1229900014"]);
        let two = json!([exercise(json!([activity("220000002"), activity("220000003")]))]);
        assert_eq!(structures(two), ["1220000002", "1220000003"]);
        let twice = json!([exercise(json!([activity("220000002"), activity("220000002")]))]);
        assert_eq!(structures(twice), ["1220000002"]);
        let exercises =
            json!([exercise(json!([])), { "codeProfession": "21", "activities": [activity("220000004")] }]);
        assert_eq!(structures(exercises), ["", "1220000004"]);
    }
}
