//! Replacements: who, of what, and what they may not change on the way.

use crate::table;

#[test]
fn a_document_in_force_is_replaced_by_its_author_or_his_structure() {
    table(
        "cpam open
         patient authorise petit
         patient authorise kone
         martin publish bio",
        "martin publish new replaces=bio                       -> done
         martin publish new replaces=absent                    -> refused ReplaceFailed PUB-10
         martin publish new replaces=bio ; martin statuses     -> refused NotAuthorised ACC-5
         martin publish new replaces=bio ; petit statuses      -> bio:Deprecated new:Approved<bio
         # once only, of the document in force, one each
         martin publish new replaces=bio ; martin publish two replaces=bio -> refused DeprecatedDocument PUB-10
         martin publish new replaces=bio ; kone publish two replaces=bio   -> refused DeprecatedDocument PUB-10
         # a former version of the metadata is no more in force; a mask since covers it
         patient mask bio ; martin publish new replaces=bio@1  -> refused DeprecatedDocument PUB-10
         patient mask bio ; patient unmask bio ; kone publish new replaces=bio@1 -> refused DeprecatedDocument PUB-10
         patient mask bio ; kone publish new replaces=bio@1    -> refused ReplaceFailed PUB-10
         # what replaced it is hidden: it is not told
         martin publish new replaces=bio masked ; kone publish two replaces=bio -> refused ReplaceFailed PUB-10
         martin publish new replaces=bio ; martin publish two replaces=new -> done
         martin publish new replaces=bio + two replaces=bio    -> refused ReplaceFailed PUB-10
         martin archive bio ; martin publish new replaces=bio  -> refused ReplaceFailed PUB-10
         martin delete bio ; martin publish new replaces=bio   -> refused ReplaceFailed PUB-10
         # his structure, when it may know of the document
         cert0  publish new by=martin replaces=bio             -> done
         cpe0   publish new by=petit replaces=bio              -> done
         petit  publish new replaces=bio                       -> done
         roux   publish new replaces=bio                       -> refused ReplaceFailed PUB-10
         patient mask bio ; petit publish new replaces=bio     -> refused ReplaceFailed PUB-10
         patient block petit ; petit/glace publish new replaces=bio -> refused ReplaceFailed PUB-10
         patient emergency no-samu ; roux/samu publish new replaces=bio -> refused ReplaceFailed PUB-10
         roux/samu publish new replaces=bio                    -> done
         # anybody else is told no more than he knows
         kone   publish new replaces=bio                       -> refused NotAuthor PUB-10
         duval  publish new replaces=bio                       -> refused ReplaceFailed PUB-10
         patient mask bio ; kone publish new replaces=bio      -> refused ReplaceFailed PUB-10
         patient publish new replaces=bio                      -> refused NotAuthor PUB-10
         insurer publish new replaces=bio                      -> refused ReplaceFailed PUB-10
         loader publish new by=martin replaces=bio             -> done
         loader publish new by=kone replaces=bio               -> refused ReplaceFailed PUB-10",
    );
}

#[test]
fn a_patients_document_is_replaced_by_him_or_a_medecin_traitant() {
    table(
        "cpam open born=20150301 reps=mere:parent
         patient authorise roux mt profession=10
         patient authorise kone
         patient publish mien
         insurer publish remb",
        "patient publish new replaces=mien                                -> done
         mere    publish new replaces=mien                                -> done
         roux    publish new by=patient sender=roux replaces=mien         -> done
         roux/glace publish new by=patient sender=roux replaces=mien      -> done
         roux/samu  publish new by=patient sender=roux replaces=mien      -> refused AccessDenied PUB-3
         roux    publish new type=DOCPAT02 replaces=mien                  -> refused AccessDenied PUB-3
         kone    publish new by=patient sender=kone replaces=mien         -> refused AccessDenied PUB-3
         kone    publish new replaces=mien                                -> refused NotAuthor PUB-10
         # a child's document hidden from the parents
         patient hide-reps mien ; mere publish new replaces=mien          -> refused ReplaceFailed PUB-10
         insurer publish new replaces=remb                                -> done
         insurer publish new replaces=mien                                -> refused ReplaceFailed PUB-10",
    );
}

/// A replacement is not a way round the rules of visibility.
#[test]
fn a_replacement_opens_only_what_its_depositor_could_open() {
    table(
        "cpam open born=20150301 reps=mere:parent
         patient authorise kone
         martin publish m masked
         martin publish h hidden
         martin publish r reps
         martin publish v",
        "# the author could unmask: his replacement is as he says
         martin       publish new replaces=m ; kone search             -> h r v new
         martin       publish new replaces=m masked ; kone search      -> h r v
         # his structure, and himself in an emergency, could not
         cert0        publish new by=martin replaces=m ; kone search   -> h r v
         martin/samu  publish new replaces=m ; kone search             -> h r v
         cert0        publish new by=martin replaces=r ; mere search   -> m v
         martin       publish new replaces=r ; mere search             -> m v new
         # an announcement ends by its own act or on its date
         martin       publish new replaces=h ; patient search          -> m r v
         martin       publish new replaces=h ; wait 7d ; patient search -> m h r v new
         martin       publish new replaces=h hidden days=10 ; wait 7d ; patient search -> m h r v
         martin       publish new replaces=h masked                    -> refused RegistryMetadata PUB-6
         cert0        publish new by=martin replaces=m hidden          -> refused RegistryMetadata PUB-6
         # a visible document is hidden by a replacement, even one that changes nothing else
         martin       publish new replaces=v hidden                    -> done
         martin       publish new replaces=v masked                    -> done",
    );
}

/// What replaces a document without being seen does not show in what it replaced.
#[test]
fn a_hidden_successor_does_not_show() {
    table(
        "cpam open born=20150301 reps=mere:parent
         patient authorise kone
         patient authorise roux mt profession=10
         martin publish bio",
        "# the patient's side sees the document as it was
         martin publish new replaces=bio hidden ; patient statuses      -> bio:Approved
         martin publish new replaces=bio hidden ; mere statuses         -> bio:Approved
         martin publish new replaces=bio hidden ; kone statuses         -> bio:Deprecated new:Approved<bio
         martin publish new replaces=bio hidden ; patient search status=Deprecated -> none
         martin publish new replaces=bio hidden ; patient related bio   -> bio
         patient mask bio ; martin publish new replaces=bio hidden ; patient search former status=Approved -> bio
         martin publish new replaces=bio hidden ; patient journal       -> Open Authorise NameMedecinTraitant Feed(bio)
         martin publish new replaces=bio hidden ; wait 7d ; patient statuses -> bio:Deprecated new:Approved<bio
         martin publish new replaces=bio hidden ; wait 7d ; patient related bio -> bio new
         martin publish new replaces=bio reps ; mere statuses           -> bio:Approved
         martin publish new replaces=bio reps ; patient statuses        -> bio:Deprecated new:Approved<bio
         # a professional sees what is obsolete only with what replaced it: a mask covers the versions before it
         martin publish new replaces=bio ; patient mask new ; kone statuses -> none
         martin publish new replaces=bio ; patient mask new ; kone read bio -> refused UnknownDocument VIS-10
         martin publish new replaces=bio ; patient mask new ; roux statuses -> bio:Deprecated new:Approved<bio
         martin publish new replaces=bio masked ; kone statuses         -> none
         martin publish new replaces=bio masked ; kone/glace statuses   -> none
         # and what it replaces does not show when that one is hidden
         patient mask bio ; martin publish new replaces=bio ; kone statuses -> new:Approved
         martin publish new replaces=bio ; patient mask bio ; kone statuses -> new:Approved
         martin publish new replaces=bio ; patient mask bio ; kone search replaces=bio -> none
         martin publish new replaces=bio ; patient mask bio ; kone related new -> new
         martin publish new replaces=bio ; patient mask bio ; kone associations new -> 1
         martin publish new replaces=bio ; kone associations new        -> 2",
    );
}
