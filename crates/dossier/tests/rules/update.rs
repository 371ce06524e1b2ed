//! Masking, showing, archiving, deleting.

use crate::table;

const SETUP: &str = "cpam open born=20150301 reps=mere:parent
     patient authorise kone
     patient authorise petit
     patient authorise roux mt profession=10
     martin publish bio
     martin publish m masked
     martin publish h hidden
     martin publish r reps
     patient publish mien";

#[test]
fn any_professional_masks_and_the_author_the_medecin_traitant_and_the_patient_unmask() {
    table(
        SETUP,
        "kone         mask bio                 -> done
         kone         mask bio ; kone mask bio -> refused UnknownDocument VIS-10
         patient      mask bio ; patient mask bio -> nothing_to_do
         martin       mask bio                 -> done
         lenoir       mask bio                 -> refused NotAuthorised ACC-5
         lenoir       mask absent              -> refused NotAuthorised ACC-5
         kone         mask absent              -> refused UnknownDocument VIS-10
         kone/glace   mask bio                 -> refused AccessDenied FCT-1
         cert0        mask bio                 -> refused AccessDenied FCT-1
         insurer      mask bio                 -> refused AccessDenied FCT-6
         mere         mask bio                 -> done
         kone         unmask m                 -> refused UnknownDocument VIS-10
         petit        unmask m                 -> refused UnknownDocument VIS-10
         martin       unmask m                 -> done
         martin/air   unmask m                 -> done
         roux         unmask m                 -> done
         patient      unmask m                 -> done
         mere         unmask m                 -> done
         patient      mask mien                -> done
         kone         mask mien                -> done
         patient      mask mien ; roux unmask mien -> done
         # both at once only by the parameter
         kone         mask h                   -> refused UpdateOperation PUB-6
         # nobody learns of what he may not see
         patient      mask h                   -> refused UnknownDocument VIS-10
         mere         mask r                   -> refused UnknownDocument VIS-10
         mere         mask h                   -> refused UnknownDocument VIS-10",
    );
    table(&format!("param cumul\n{SETUP}"), "kone mask h -> done");
}

#[test]
fn a_professional_announces_and_shows_and_only_a_replacement_hides() {
    table(
        SETUP,
        "kone    announce h ; patient search    -> bio m r mien h
         kone    announce h                     -> done
         martin  announce h                     -> done
         lenoir  announce h                     -> refused NotAuthorised ACC-5
         patient announce h                     -> refused UnknownDocument VIS-10
         kone    announce h ; mere search       -> bio m mien h
         kone    show-reps r ; mere search      -> bio m mien r
         patient show-reps r                    -> done
         mere    show-reps r                    -> refused UnknownDocument VIS-10
         kone    hide bio                       -> refused UpdateOperation MAJ-2
         martin  hide bio                       -> refused UpdateOperation MAJ-2
         patient hide bio                       -> refused UpdateOperation MAJ-2
         # hiding from the parents may be the child's choice, not a professional's afterwards, nor a parent's
         patient hide-reps bio ; mere search    -> m mien
         martin  hide-reps bio                  -> refused UpdateOperation MAJ-2
         mere    hide-reps bio                  -> refused UpdateOperation MAJ-2
         # the date counts, whether or not the system came by
         wait 7d ; patient mask h               -> done
         wait 7d ; martin set-visibility h hidden -> refused UpdateOperation MAJ-2",
    );
    table(
        &format!("param hide_visible\n{SETUP}"),
        "martin  hide bio ; patient search -> m r mien
         martin  hide-reps bio             -> done
         kone    hide bio                  -> done
         patient hide bio                  -> refused UpdateOperation MAJ-2
         roux    hide mien                 -> refused UpdateOperation MAJ-2",
    );
}

#[test]
fn one_archives_and_deletes_ones_own() {
    table(
        SETUP,
        "martin       archive bio                    -> done
         martin       archive bio ; martin archive bio -> nothing_to_do
         martin       archive bio ; martin unarchive bio -> done
         kone         archive bio                    -> refused NotAuthor MAJ-3
         petit        archive bio                    -> refused NotAuthor MAJ-3
         cert0        archive bio                    -> refused AccessDenied FCT-1
         roux         archive bio                    -> done
         kone/air     archive bio                    -> done
         kone/samu    archive bio                    -> done
         petit/samu   archive bio                    -> refused AccessDenied FCT-1
         patient      archive bio                    -> refused NotAuthor MAJ-3
         martin       delete bio                     -> done
         martin/glace delete bio                     -> done
         martin       delete bio ; martin delete bio -> nothing_to_do
         martin       archive bio ; martin delete bio -> done
         kone         delete bio                     -> refused NotAuthor MAJ-3
         roux         delete bio                     -> refused NotAuthor MAJ-3
         patient      delete bio                     -> refused NotAuthor MAJ-3
         # the structure, its documents, without authorisation
         cert0        delete bio                     -> done
         cpe0         delete bio                     -> done
         pe0          delete bio                     -> done
         martin/indirect delete bio                  -> done
         cert1        delete bio                     -> refused NotAuthorised ACC-5
         cert1        delete absent                  -> refused NotAuthorised ACC-5
         patient authorise s1 ; cert1 delete bio     -> refused UnknownDocument VIS-10
         patient authorise s1 ; cert1 delete absent  -> refused UnknownDocument VIS-10
         # of the patient: the patient, or a médecin traitant
         patient      delete mien                    -> done
         mere         delete mien                    -> done
         roux         delete mien                    -> done
         roux/glace   delete mien                    -> done
         roux         archive mien                   -> done
         kone         delete mien                    -> refused NotAuthor MAJ-3
         kone/samu    archive mien                   -> refused NotAuthor MAJ-3
         patient hide-reps mien ; mere delete mien   -> refused UnknownDocument VIS-10
         # nobody learns of what he may not see
         kone         delete m                       -> refused UnknownDocument VIS-10
         kone         delete absent                  -> refused UnknownDocument VIS-10
         patient      delete h                       -> refused UnknownDocument VIS-10",
    );
}

#[test]
fn what_is_replaced_keeps_its_status_and_what_is_deleted_changes_no_more() {
    table(
        &format!("{SETUP}\nmartin publish new replaces=bio\nmartin publish d\nmartin delete d"),
        "martin  archive bio      -> refused UpdateOperation MAJ-4
         martin  delete bio       -> refused UpdateOperation MAJ-4
         martin  unarchive bio    -> refused UpdateOperation MAJ-4
         martin  unarchive d      -> refused UpdateOperation MAJ-4
         martin  archive d        -> refused UpdateOperation MAJ-4
         martin  mask d           -> refused UpdateOperation MAJ-4
         # what is replaced is still read: the patient may mask it
         patient mask bio         -> done
         patient mask bio ; kone statuses    -> h:Approved r:Approved mien:Approved new:Approved
         patient mask bio ; patient statuses -> m:Approved r:Approved mien:Approved new:Approved<bio bio:Deprecated
         patient mask bio ; martin publish two replaces=bio -> refused DeprecatedDocument PUB-10",
    );
}

#[test]
fn a_change_starts_from_the_latest_version() {
    table(
        &format!("{SETUP}\npatient mask bio"),
        "patient unmask bio from=2      -> done
         patient unmask bio from=1      -> refused VersionConflict MAJ-5
         patient mask bio from=1        -> nothing_to_do
         patient mask bio@1 from=1      -> nothing_to_do
         patient unmask bio@1 from=1    -> refused VersionConflict MAJ-5
         martin  archive bio@1          -> refused VersionConflict MAJ-5
         martin  archive bio@2          -> done
         martin  archive lid:bio        -> done
         martin  archive bio from=1     -> refused VersionConflict MAJ-5
         # a former version is read as its document is today
         kone    read bio@1             -> refused UnknownDocument VIS-10
         martin  ref bio@1              -> bio
         patient read bio@1             -> bio
         kone    archive bio@1          -> refused UnknownDocument VIS-10
         patient search former status=Deprecated -> bio
         kone    search former status=Deprecated -> none",
    );
}

#[test]
fn announcements_that_fell_due_are_released_by_the_system_and_traced() {
    table(
        SETUP,
        "system  release                              -> nothing_to_do
         wait 7d ; system release                     -> done
         wait 7d ; system release ; system release    -> nothing_to_do
         patient release                              -> refused AccessDenied FCT-2
         martin  release                              -> refused AccessDenied FCT-1
         wait 7d ; system release ; patient read h    -> h
         # what is to come was to be masked: the announcement alone kept it from being so
         patient authorise kone ; patient default masked ; kone search -> bio h r mien
         patient authorise kone ; patient default masked ; wait 7d ; system release ; kone search -> bio r mien
         patient authorise kone ; patient default masked ; wait 7d ; system release ; martin ref h -> h
         patient authorise kone ; patient default masked ; wait 7d ; system release ; patient search -> bio m r mien h
         martin delete h ; wait 7d ; system release   -> nothing_to_do",
    );
}
