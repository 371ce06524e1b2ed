//! Why somebody sees what he sees, and *voir comme*. A row of an explanation reads `document:yes:RULE`, the rule
//! being the last one, which decided.

use crate::table;

const SETUP: &str = "cpam open born=20150301 reps=mere:parent
     patient authorise kone
     patient authorise lenoir
     patient authorise roux mt profession=10
     martin publish bio
     martin publish rx type=57828-6
     martin publish m masked
     martin publish h hidden
     martin publish r reps";

#[test]
fn an_explanation_gives_the_decision_and_the_rule_that_made_it() {
    table(
        SETUP,
        "patient explain kone         -> bio:yes:VIS-1 rx:yes:VIS-1 m:no:VIS-3 r:yes:VIS-1
         patient explain lenoir       -> bio:no:VIS-1 rx:yes:VIS-1 m:no:VIS-1 r:no:VIS-1
         patient explain roux         -> bio:yes:VIS-1 rx:yes:VIS-1 m:yes:VIS-3 r:yes:VIS-1
         patient explain roux/glace   -> bio:yes:VIS-1 rx:yes:VIS-1 m:no:VIS-3 r:yes:VIS-1
         patient explain martin       -> bio:no:ACC-5 rx:no:ACC-5 m:no:ACC-5 r:no:ACC-5
         patient authorise martin ; patient explain martin -> bio:yes:VIS-2 rx:yes:VIS-2 m:yes:VIS-2 r:yes:VIS-2
         patient explain duval/samu   -> bio:yes:VIS-1 rx:yes:VIS-1 m:no:VIS-3 r:yes:VIS-1
         patient emergency no-samu ; patient explain duval/samu -> bio:no:ACC-3 rx:no:ACC-3 m:no:ACC-3 r:no:ACC-3
         patient block kone ; patient explain kone -> bio:no:ACC-2 rx:no:ACC-2 m:no:ACC-2 r:no:ACC-2
         patient explain travail      -> bio:no:FCT-5 rx:no:FCT-5 m:no:FCT-5 r:no:FCT-5
         patient explain cpe0         -> bio:no:FCT-1 rx:no:FCT-1 m:no:FCT-1 r:no:FCT-1
         patient explain insurer      -> bio:no:FCT-6 rx:no:FCT-6 m:no:FCT-6 r:no:FCT-6
         patient explain mere         -> bio:yes:VIS-6 rx:yes:VIS-6 m:yes:VIS-6 r:no:VIS-5
         patient explain patient      -> bio:yes:VIS-6 rx:yes:VIS-6 m:yes:VIS-6 r:yes:VIS-6
         mere    explain kone         -> bio:yes:VIS-1 rx:yes:VIS-1 m:no:VIS-3
         roux    explain kone         -> bio:yes:VIS-1 rx:yes:VIS-1 m:no:VIS-3 h:yes:VIS-1 r:yes:VIS-1
         roux    explain patient      -> bio:yes:VIS-6 rx:yes:VIS-6 m:yes:VIS-6 h:no:VIS-4 r:yes:VIS-6
         kone    explain roux         -> refused AccessDenied FCT-1
         cpam    explain roux         -> refused AccessDenied FCT-2",
    );
}

#[test]
fn voir_comme_is_what_the_other_sees_and_the_asker_may_know() {
    table(
        SETUP,
        "patient voir-comme kone      -> bio rx r
         patient voir-comme roux      -> bio rx m r
         patient voir-comme lenoir    -> rx
         patient voir-comme duval     -> none
         patient voir-comme mere      -> bio rx m
         roux    voir-comme kone      -> bio rx h r
         mere    voir-comme kone      -> bio rx
         kone    voir-comme roux      -> refused AccessDenied FCT-1
         # a successor hidden from the asker does not show in what the other sees
         martin publish new replaces=bio hidden ; patient voir-comme kone -> bio rx r
         martin publish new replaces=bio masked ; patient voir-comme kone -> rx r
         martin publish new replaces=bio masked reps ; mere voir-comme kone -> bio rx
         martin publish new replaces=bio masked reps ; mere explain kone -> bio:yes:VIS-1 rx:yes:VIS-1 m:no:VIS-3
         # nor a link to what the other may not see
         martin publish new replaces=m ; patient mask m ; patient voir-comme kone -> bio rx r new",
    );
}

#[test]
fn what_the_patient_deleted_is_not_explained_any_more() {
    table(
        "cpam open
         patient authorise kone
         patient publish mien",
        "patient explain kone                         -> mien:yes:VIS-1
         patient delete mien ; patient explain kone   -> none",
    );
}
