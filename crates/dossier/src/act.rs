//! Every act on a dossier, under the names of the DMP's transactions where there is one.

use serde::{Deserialize, Serialize};

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $label:literal;)*) => {
        /// Something an actor asks of a dossier.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Act { $($(#[$doc])* $name),* }

        impl Act {
            /// Every act, in the order of the transactions.
            pub const ALL: &[Act] = &[$(Act::$name),*];

            /// Stable name, for the journal, the policy file and the command line.
            pub fn as_str(self) -> &'static str {
                match self { $(Act::$name => stringify!($name)),* }
            }

            /// What it is, for people.
            pub fn label(self) -> &'static str {
                match self { $(Act::$name => $label),* }
            }
        }
    };
}

acts! {
    /// TD0.2: existence, authorisation, médecin traitant.
    Status = "a demandé si le dossier existe";
    /// TD0.3 AJOUT: a professional declares himself authorised, or médecin traitant.
    DeclareSelf = "a déclaré être autorisé";
    /// TD0.3 SUPPRESSION: gives his own authorisation back.
    WithdrawSelf = "a retiré son autorisation";
    /// TD0.3: stops being médecin traitant.
    StopMedecinTraitant = "a cessé d'être médecin traitant";
    /// TD0.5: found as a candidate of a search by traits.
    SearchByTraits = "a cherché un patient par son identité";
    /// TD1.1: opens.
    Open = "a ouvert le dossier";
    /// TD1.2: reactivates.
    Reactivate = "a rouvert le dossier";
    /// TD1.3a: reads administrative data.
    ReadAdministrative = "a lu les données administratives";
    /// TD1.3b: updates administrative data, representatives, INS.
    UpdateIdentity = "a mis à jour les données administratives";
    /// TD1.4: closes.
    Close = "a fermé le dossier";
    /// Asks for a copy.
    RequestCopy = "a demandé une copie du dossier";
    /// Asks for destruction.
    RequestDestruction = "a demandé la destruction du dossier";
    /// TD1.6: reads who is authorised or blocked.
    ReadRights = "a lu la liste des autorisations";
    /// Authorises somebody, or ends an authorisation.
    Authorise = "a changé une autorisation";
    /// Blocks or unblocks somebody.
    Block = "a bloqué ou débloqué un accès";
    /// Names or ends a médecin traitant.
    NameMedecinTraitant = "a changé le médecin traitant";
    /// Records or withdraws the initial consent to a care team.
    InitialConsent = "a changé le consentement à une équipe de soins";
    /// Sets the emergency switches.
    SetEmergency = "a changé les réglages d'urgence";
    /// Sets the default confidentiality.
    SetDefaultConfidentiality = "a changé la confidentialité par défaut";
    /// TD2.1, TD2.2: deposits.
    Feed = "a déposé un document";
    /// TD2.1b: deposits a replacement.
    Replace = "a remplacé un document";
    /// TD3.1a: searches.
    Search = "a cherché des documents";
    /// TD3.1b: finds the reference of a document.
    FindReference = "a cherché la référence d'un document";
    /// TD3.2: reads a document.
    Read = "a lu un document";
    /// TD3.3a: masks.
    Mask = "a masqué un document aux professionnels";
    /// TD3.3a: unmasks.
    Unmask = "a démasqué un document";
    /// TD3.3b: makes visible to the patient or the representatives.
    MakeVisible = "a rendu un document visible";
    /// Hides a visible document (parameter).
    Hide = "a rendu un document invisible";
    /// TD3.3d: archives or unarchives.
    Archive = "a archivé ou désarchivé un document";
    /// TD3.3c: deletes, logically.
    Delete = "a supprimé un document";
    /// An announcement fell due.
    ReleaseAnnouncement = "a rendu visible un document à la date prévue";
    /// Reads the journal.
    ReadJournal = "a lu l'historique des accès";
    /// Asks why.
    Explain = "a demandé qui voit quoi";
    /// Takes the whole record away.
    Export = "a exporté le dossier";
    /// TD0.4: lists the dossiers one is authorised on. The journal keeps the place of an act in this list: new ones
    /// come at its end.
    ListAuthorised = "a listé ses patients";
    /// TD1.5: opens or changes the patient's own access by internet.
    WebAccess = "a changé l'accès internet du patient";
    /// Reports an access as not normal.
    ReportAccess = "a signalé un accès";
    /// Looks at the cases of a structure, or answers one.
    ReviewAccess = "a examiné un accès";
    /// Records choices, or what one is told of.
    RecordChoices = "a enregistré des choix";
    /// Reads the choices.
    ReadChoices = "a lu les choix";
    /// Keeps a refusal of opening.
    RefuseOpening = "a noté un refus d'ouverture";
}
