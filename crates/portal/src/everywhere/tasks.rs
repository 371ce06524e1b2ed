//! What the help says of each task: a sentence on what it does, the steps, what happens next.
//!
//! Sentences of at most fifteen words, everyday words, one word for one thing (ux.md 3.13).

/// The tasks of one kind of reader.
pub(super) struct Group {
    /// Heading.
    pub(super) heading: &'static str,
    /// Its anchor.
    pub(super) id: &'static str,
    /// The tasks.
    pub(super) tasks: &'static [Task],
}

/// One task, one page.
pub(super) struct Task {
    /// Its address, `/aide/masquer`.
    pub(super) slug: &'static str,
    /// What somebody wants to do, in their words.
    pub(super) title: &'static str,
    /// What it does.
    pub(super) what: &'static str,
    /// How, in order.
    pub(super) steps: &'static [&'static str],
    /// Good to know.
    pub(super) know: &'static [&'static str],
}

/// A task and its group.
pub(super) fn find(slug: &str) -> Option<(&'static Group, &'static Task)> {
    GROUPS.iter().find_map(|group| {
        let task = group.tasks.iter().find(|task| task.slug == slug)?;
        Some((group, task))
    })
}

/// Every task.
pub(super) const GROUPS: &[Group] = &[
    Group {
        heading: "Patients et proches",
        id: "patients",
        tasks: &[
            Task {
                slug: "ouvrir",
                title: "Ouvrir mon dossier",
                what: "Vous ouvrez votre dossier seul, en cinq écrans. C'est gratuit.",
                steps: &[
                    "Connectez-vous avec FranceConnect.",
                    "Vérifiez votre identité, puis lisez l'information.",
                    "Répondez à chaque question. Rien n'est coché d'avance.",
                    "Donnez un mobile ou une adresse mail. Tapez le code reçu.",
                    "Gardez le reçu de vos choix.",
                ],
                know: &[
                    "Vous pouvez aussi l'ouvrir à un guichet : Assurance maladie, pharmacie ou hôpital.",
                    "Refuser ne change rien à vos remboursements.",
                ],
            },
            Task {
                slug: "activer",
                title: "Activer mon compte",
                what: "Le guichet vous a remis une feuille fermée. Elle contient votre identifiant et un code secret.",
                steps: &[
                    "Choisissez « Activer mon compte ».",
                    "Tapez l'identifiant et le code secret de la feuille.",
                    "Un code à six chiffres arrive sur votre mobile ou votre mail. Tapez-le.",
                    "Choisissez un mot de passe, ou une clé d'accès de votre téléphone.",
                ],
                know: &[
                    "Le code à six chiffres vaut dix minutes. Vous pouvez le coller.",
                    "L'agent du guichet ne connaît pas votre code secret.",
                ],
            },
            Task {
                slug: "lire",
                title: "Retrouver et lire un document",
                what: "Vos documents sont rangés par date de l'acte, du plus récent au plus ancien.",
                steps: &[
                    "Ouvrez « Documents ».",
                    "Choisissez un genre : résultats, ordonnances, hôpital, radios.",
                    "Ou tapez un mot. La recherche lit le texte des documents.",
                    "Ouvrez le document. Le fichier d'origine se télécharge aussi.",
                ],
                know: &[
                    "« Non renseigné » veut dire : aucun document lu n'en parle.",
                    "« Aucune connue » veut dire : un soignant l'a écrit.",
                    "« Indisponible » veut dire : le service n'a pas pu lire.",
                ],
            },
            Task {
                slug: "ajouter",
                title: "Ajouter un document",
                what: "Vous ajoutez une photo ou un PDF. Vos soignants autorisés le voient.",
                steps: &[
                    "Choisissez « Ajouter un document ».",
                    "Prenez une photo, ou choisissez un fichier de 10 Mo au plus.",
                    "Dites de quoi il s'agit, et la date de l'acte.",
                    "Choisissez qui peut le voir, puis validez.",
                ],
                know: &["Vous pouvez le supprimer ensuite. Les autres ne le voient plus aussitôt."],
            },
            Task {
                slug: "masquer",
                title: "Masquer un document",
                what: "Un document masqué reste dans votre dossier. Vos soignants ne savent pas qu'il existe.",
                steps: &[
                    "Ouvrez le document.",
                    "Dans « Qui peut le voir », choisissez « Masquer ce document ».",
                    "Relisez ce qui change, puis confirmez.",
                ],
                know: &[
                    "Son auteur et votre médecin traitant le voient encore.",
                    "Vous pouvez le démasquer à tout moment.",
                ],
            },
            Task {
                slug: "autoriser",
                title: "Autoriser, arrêter ou bloquer quelqu'un",
                what: "Vous décidez qui ouvre votre dossier. Personne n'est prévenu d'un blocage.",
                steps: &[
                    "Ouvrez « Qui peut voir ».",
                    "Choisissez la personne, ou « Autoriser quelqu'un ».",
                    "Relisez ce qui change, pour qui, et jusqu'à quand.",
                    "Confirmez. Nous vérifions que c'est bien vous.",
                ],
                know: &[
                    "Une personne bloquée n'ouvre plus rien, même en urgence.",
                    "« Voir comme » montre votre dossier avec les yeux de quelqu'un d'autre.",
                ],
            },
            Task {
                slug: "acces",
                title: "Savoir qui a ouvert mon dossier",
                what: "Chaque accès est noté : la personne, l'heure, et ce qu'elle a ouvert.",
                steps: &[
                    "Ouvrez « Accès ».",
                    "Filtrez si besoin : urgence, refusés, vos proches, vous.",
                    "Un accès vous étonne ? Choisissez « Ce n'est pas normal ».",
                    "Le référent de l'établissement vous répond sur cette page.",
                ],
                know: &["Vous êtes toujours prévenu d'un accès en urgence."],
            },
            Task {
                slug: "urgence",
                title: "Régler les accès d'urgence",
                what: "En urgence, un soignant peut ouvrir le dossier s'il écrit pourquoi. Vous pouvez refuser.",
                steps: &[
                    "Ouvrez « Qui peut voir », puis « En urgence ».",
                    "Répondez pour le Samu, pour les autres soignants, pour les documents masqués.",
                    "Imprimez votre carte d'urgence si vous le souhaitez.",
                ],
                know: &["Chaque accès d'urgence est examiné sous 72 heures."],
            },
            Task {
                slug: "enfant",
                title: "M'occuper du dossier d'un enfant ou d'un proche",
                what: "Vous gérez son dossier avec votre propre compte. La couleur de la page change.",
                steps: &[
                    "Sur l'accueil, choisissez le nom de l'enfant ou du proche.",
                    "Vérifiez le nom en haut de la page avant d'agir.",
                    "Revenez à votre dossier par « Voir aussi ».",
                ],
                know: &[
                    "Le jour de ses 18 ans, votre accès s'arrête.",
                    "L'enfant devenu majeur refait alors ses choix.",
                ],
            },
            Task {
                slug: "volontes",
                title: "Écrire mes volontés",
                what: "Vous notez vos directives anticipées et votre personne de confiance.",
                steps: &[
                    "Ouvrez « Ma santé », puis « Mes volontés ».",
                    "Écrivez, ou ajoutez la photo d'une feuille signée.",
                    "Relisez-les une fois par an.",
                ],
                know: &["La dernière version remplace la précédente. Les anciennes restent lisibles."],
            },
            Task {
                slug: "exporter",
                title: "Emporter tout mon dossier",
                what: "Vous recevez un fichier avec tous vos documents et l'historique des accès.",
                steps: &[
                    "Ouvrez « Ma santé », puis « Emporter mon dossier ».",
                    "Confirmez que c'est vous.",
                    "Gardez le fichier en lieu sûr. Il n'est pas protégé par un mot de passe.",
                ],
                know: &["Vous pouvez aussi demander une copie par courrier."],
            },
            Task {
                slug: "fermer",
                title: "Fermer ou rouvrir mon dossier",
                what: "Un dossier fermé n'est plus lu par personne. Il est gardé dix ans, puis effacé.",
                steps: &[
                    "Ouvrez « Ma santé », puis « Fermer mon dossier ».",
                    "Lisez ce qui change, puis confirmez que c'est vous.",
                    "Votre compte sert encore à rouvrir, ou à demander copie ou destruction.",
                ],
                know: &["Rouvrir rend le dossier tel qu'il était."],
            },
        ],
    },
    Group {
        heading: "Professionnels de santé",
        id: "professionnels",
        tasks: &[
            Task {
                slug: "trouver",
                title: "Ouvrir le dossier d'un patient",
                what: "L'INS mène au dossier : carte lue, numéro tapé, ou lien de votre logiciel.",
                steps: &[
                    "Lisez la carte, tapez l'INS, ou choisissez dans « Mes patients ».",
                    "Comparez l'identité affichée avec celle de votre patient.",
                    "Sans autorisation en cours, déclarez l'accord du patient et comment il l'a donné.",
                ],
                know: &[
                    "Depuis votre logiciel : /AccesDirect/DossierPatient/ suivi de l'INS.",
                    "Au clavier : / cherche, j et k se déplacent, Entrée prévisualise, Échap revient.",
                ],
            },
            Task {
                slug: "deposer",
                title: "Déposer, remplacer, supprimer un document",
                what: "Vous déposez un PDF ou un CDA. Aucune autorisation n'est nécessaire pour alimenter.",
                steps: &[
                    "Ouvrez « Déposer » dans le dossier.",
                    "Choisissez le fichier, le type et la date de l'acte.",
                    "Dites si le patient le voit maintenant ou après l'annonce.",
                    "Pour un mineur, dites s'il est caché aux représentants légaux.",
                ],
                know: &[
                    "Un document à annoncer devient visible à la date choisie, quatorze jours au plus.",
                    "Vous remplacez et supprimez vos propres documents.",
                ],
            },
            Task {
                slug: "bris-de-glace",
                title: "Accéder en urgence (bris de glace)",
                what: "Vous ouvrez le dossier sans l'accord du patient, parce que son état l'exige.",
                steps: &[
                    "Choisissez « Accès d'urgence », puis le motif.",
                    "Écrivez la raison : dix caractères au moins.",
                    "L'accès se ferme seul au bout de 60 minutes.",
                ],
                know: &[
                    "Le patient est prévenu. Le référent examine l'accès sous 72 heures.",
                    "Si le patient s'y est opposé, le dossier reste fermé.",
                ],
            },
            Task {
                slug: "session-secrete",
                title: "Ouvrir une session secrète pour un mineur",
                what: "Le mineur peut demander que ses parents ne sachent rien de cette visite.",
                steps: &[
                    "Dans le dossier du mineur, choisissez « Session secrète ».",
                    "Déposez : chaque document y est caché aux représentants légaux.",
                    "Fermez la session secrète quand la visite est finie.",
                ],
                know: &["Les traces de cette session ne sont pas montrées aux représentants légaux."],
            },
        ],
    },
    Group {
        heading: "Accueil et établissements",
        id: "accueil",
        tasks: &[
            Task {
                slug: "guichet",
                title: "Ouvrir un dossier au guichet",
                what: "Vous ouvrez le dossier avec la personne, en sept gestes au plus.",
                steps: &[
                    "Lisez la carte Vitale, ou tapez le numéro et voyez une pièce d'identité.",
                    "Choisissez la bonne personne. Aucune n'est choisie d'avance.",
                    "Remettez le dépliant et expliquez.",
                    "Notez ses réponses, une à une.",
                    "Faites taper le code reçu, puis ouvrez le dossier.",
                    "Imprimez le dépliant, l'accusé de création et la feuille fermée.",
                ],
                know: &[
                    "Vous ne voyez jamais un document ni le code secret.",
                    "Un refus se note aussi, sans motif obligatoire.",
                ],
            },
            Task {
                slug: "referent",
                title: "Examiner un accès (référent)",
                what: "Chaque accès d'urgence et chaque signalement attend votre réponse.",
                steps: &[
                    "Ouvrez la liste : le plus pressé est en haut.",
                    "Interrogez la personne qui a ouvert le dossier.",
                    "Dites si l'accès était justifié, et écrivez votre réponse au patient.",
                ],
                know: &["Vous ne voyez aucun document. Le patient lit votre réponse."],
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// ux.md 3.13: plain sentences, no exclamation, words of our lexicon.
    #[test]
    fn sentences_are_short_and_plain() {
        let mut slugs = BTreeSet::new();
        for task in GROUPS.iter().flat_map(|group| group.tasks) {
            assert!(slugs.insert(task.slug), "{} is there twice", task.slug);
            let texts = [task.what].into_iter().chain(task.steps.iter().copied());
            for text in texts.chain(task.know.iter().copied()) {
                assert!(!text.contains('!'), "{text}");
                for word in ["habilit", "révoqu", "occult", "alimentation"] {
                    assert!(!text.to_lowercase().contains(word), "{word}: {text}");
                }
                for sentence in text.split_inclusive(['.', '?']) {
                    let words = sentence.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric));
                    assert!(words.count() <= 16, "{sentence}");
                }
            }
        }
        assert!(find("masquer").is_some() && find("autre").is_none());
    }
}
