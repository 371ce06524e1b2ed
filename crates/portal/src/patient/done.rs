//! What was just done, said on the page that follows a form: a word of ours in the address, a fixed sentence on the page.

/// Words and their sentences.
const SENTENCES: [(&str, &str); 9] = [
    ("ajoute", "Votre document est dans votre dossier."),
    ("deja", "Ce fichier était déjà dans votre dossier. Rien n'a été ajouté."),
    (
        "masque",
        "Document masqué. Désormais, seuls son auteur et votre médecin traitant le voient parmi les soignants.",
    ),
    ("visible", "Document de nouveau visible par vos soignants autorisés, selon leur profession."),
    ("inchange", "Rien n'a changé : c'était déjà votre choix."),
    ("supprime", "Document supprimé. Vos soignants ne le voient plus."),
    ("regle", "Votre réglage est enregistré. Il vaut pour les documents à venir."),
    ("choix", "Vos choix sont enregistrés. En voici le reçu."),
    ("ouvert", "Votre dossier est ouvert."),
];

/// The sentence of that word; anything else says nothing.
pub(crate) fn sentence(word: Option<&str>) -> Option<&'static str> {
    SENTENCES.iter().find(|(known, _)| Some(*known) == word).map(|(_, says)| *says)
}

/// What an address may carry after a form.
#[derive(serde::Deserialize, Default)]
pub(crate) struct After {
    pub(crate) fait: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_words_say_something() {
        assert_eq!(sentence(Some("ouvert")), Some("Votre dossier est ouvert."));
        for odd in [None, Some(""), Some("<script>"), Some("Bravo")] {
            assert_eq!(sentence(odd), None);
        }
    }
}
