//! Letters of Marie's dossier: for each type of document that has no writer of its own, one that fits her story.
//!
//! Her story, over eleven months: asthma and a thyroid disease since long; archives of her birth, of her school years
//! and of Léo's birth, filed when the dossier opens; a dentist, a chest physician, an optician; a road accident, an
//! operation of the knee, three weeks in a residence, rehabilitation; a breast lesion, benign in the end.

use super::super::cast::Role::{self, *};
use Hand::{Admission, Of, Residence, Secretary};

/// Whose hand a letter is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// A caregiver's.
    Of(Role),
    /// The secretary's, `secretaire-blanc`.
    Secretary,
    /// The hospital's admission desk.
    Admission,
    /// The residence's secretary.
    Residence,
}

/// A letter.
pub struct Letter {
    /// Days before the end of the story at which it was filed.
    pub days: u32,
    /// typeCode.
    pub type_code: &'static str,
    /// Whose hand.
    pub by: Hand,
    /// Date of the act when it is long past, `YYYYMMDD`.
    pub act: Option<&'static str>,
    /// Title.
    pub title: &'static str,
    /// Text, a paragraph per line.
    pub text: &'static str,
}

/// A letter about an act of the same day.
const fn letter(
    days: u32,
    type_code: &'static str,
    by: Hand,
    title: &'static str,
    text: &'static str,
) -> Letter {
    Letter { days, type_code, by, act: None, title, text }
}

/// A letter about an act of long ago, filed with the archives.
const fn archive(
    days: u32,
    type_code: &'static str,
    by: Hand,
    act: &'static str,
    title: &'static str,
    text: &'static str,
) -> Letter {
    Letter { days, type_code, by, act: Some(act), title, text }
}

/// The letters, oldest first.
#[rustfmt::skip] // a letter, two or three lines
pub static LETTERS: [Letter; 87] = [
    // Archives
    letter(324, "SYNTH", Of(Doctor), "Synthèse reprise du précédent médecin",
        "Patiente suivie depuis 2009 par un confrère parti en retraite.\nAsthme allergique depuis l'enfance. Thyroïdite auto-immune découverte en 2015.\nDiabète gestationnel en 2018, équilibré par le régime.\nUrticaire généralisée après amoxicilline en 2006 : pénicillines contre-indiquées."),
    archive(323, "57075-4", Of(HospitalMidwife), "19840712", "Naissance du 12 juillet 1984 (reprise d'archives)",
        "Naissance à terme, voie basse, 3 240 g, 49 cm.\nApgar 9 à une minute, 10 à cinq minutes. Cri immédiat, aucun soin particulier."),
    archive(323, "78489-2", Of(HospitalMidwife), "19840717", "Séjour à la maternité, juillet 1984 (reprise d'archives)",
        "Cinq jours en maternité. Allaitement maternel, reprise du poids de naissance au quatrième jour.\nExamen de sortie normal, hanches stables."),
    archive(322, "59283-2", Of(Doctor), "19900905", "Examen des six ans (reprise du carnet de santé)",
        "Taille 115 cm, poids 20 kg. Vue et audition normales, langage normal.\nSifflements à l'effort : avis allergologique demandé."),
    archive(322, "68817-6", Of(Doctor), "19960320", "Bilan de santé scolaire de 1996 (reprise du carnet de santé)",
        "Vaccinations à jour. Asthme d'effort connu, bien équilibré par deux bouffées avant le sport.\nConseil : natation encouragée."),
    archive(322, "80771-9", Of(Doctor), "20000915", "Projet d'accueil individualisé, lycée (reprise d'archives)",
        "En cas de gêne respiratoire : deux bouffées de salbutamol, à renouveler dix minutes plus tard.\nAppeler le 15 si pas d'amélioration. Trousse d'urgence à l'infirmerie."),
    archive(321, "89233-1", Of(Obstetrician), "20171204", "Suivi de la grossesse 2017-2018 (reprise d'archives)",
        "Première grossesse, débutée en juin 2017. Diabète gestationnel découvert à 25 semaines, régime seul.\nÉchographies normales, croissance régulière."),
    archive(321, "57055-6", Of(HospitalMidwife), "20180301", "Résumé de la grossesse avant la naissance (reprise d'archives)",
        "Groupe O positif. Glycémies équilibrées par le régime. Présentation céphalique.\nProjet : analgésie péridurale souhaitée."),
    archive(321, "57057-2", Of(HospitalMidwife), "20180314", "Salle de naissance, mars 2018 (reprise d'archives)",
        "Travail spontané à 39 semaines et 4 jours, péridurale à 4 cm. Naissance de Léo à 16 h 42.\nPertes estimées à 250 mL, périnée intact."),
    archive(321, "15508-5", Of(Obstetrician), "20180314", "Compte rendu d'accouchement, mars 2018 (reprise d'archives)",
        "Accouchement par voie basse, non instrumental. Garçon de 3 410 g, Apgar 10.\nDélivrance dirigée complète."),
    archive(321, "89235-6", Of(HospitalMidwife), "20180318", "Suites de couches, mars 2018 (reprise d'archives)",
        "Suites simples, allaitement en place. Glycémies normalisées dès le lendemain.\nGlycémie à jeun à contrôler une fois par an."),
    letter(320, "ATTEST-DROITS-AM", Secretary, "Droits à l'Assurance maladie", "Droits ouverts auprès de la CPAM des Côtes-d'Armor, médecin traitant déclaré."),
    letter(320, "ATTEST-ASS-COMPL", Secretary, "Attestation de mutuelle", "Complémentaire santé d'entreprise, tiers payant pour la pharmacie, la biologie et l'hôpital."),
    letter(315, "96874-3", Of(Pharmacist), "Attestation de vaccination Covid-19", "Schéma complet en 2021, rappel reçu en novembre 2023.\nDélivrée à la demande de la patiente."),
    // Winter and spring: teeth, eyes, chest
    letter(280, "28617-9", Of(Dentist), "Bilan bucco-dentaire", "Hygiène satisfaisante, tartre léger. Deux caries débutantes sur 26 et 46.\nPas de maladie parodontale. Radiographies rétro-alvéolaires faites au fauteuil."),
    letter(280, "83836-7", Of(Dentist), "Schéma dentaire", "Dents absentes : 18, 28, 38, 48 (extraites en 2003).\nObturations : 16, 36. Caries à soigner : 26, 46. Couronne : aucune."),
    letter(272, "75482-0", Of(Dentist), "Détartrage et fluoration", "Détartrage complet, polissage, vernis fluoré. Soins des caries 26 et 46 en deux séances.\nAnesthésie locale sans incident. Contrôle dans un an."),
    letter(265, "PRESC-BIO", Of(Doctor), "Ordonnance pour une analyse", "TSH, glycémie à jeun, HbA1c, bilan lipidique, numération.\nÀ jeun depuis la veille au soir, dans deux mois."),
    letter(255, "96349-6", Of(Doctor), "Lettre au pneumologue", "Cher confrère, merci de recevoir Mme Durand, 41 ans, asthmatique depuis l'enfance, dont les crises sont plus fréquentes depuis l'automne.\nExposition à la farine au travail (boulangerie industrielle). Quel palier de traitement proposez-vous ?"),
    letter(250, "75492-9", Of(Midwife), "Dépistage du col de l'utérus", "Prélèvement cervico-utérin, test HPV : négatif.\nProchain test dans cinq ans."),
    letter(240, "61357-0", Of(Pharmacist), "Avis du pharmacien sur l'ordonnance", "Ordonnance d'un dentiste de garde : amoxicilline chez une patiente allergique aux pénicillines.\nPrescripteur appelé : remplacée par pristinamycine. Patiente informée."),
    letter(235, "70004-7", Of(Pulmonologist), "Épreuves fonctionnelles respiratoires", "VEMS 78 % de la valeur prédite, réversible de 14 % après salbutamol.\nRapport de Tiffeneau 0,69. Trouble obstructif réversible."),
    letter(235, "11488-4", Of(Pulmonologist), "Consultation de pneumologie", "Asthme allergique à composante professionnelle (farine de blé).\nTraitement de fond : budésonide-formotérol matin et soir, technique revue.\nUn aménagement du poste est souhaitable : avis du médecin du travail."),
    letter(234, "PROT_ALD", Of(Doctor), "Protocole de soins : asthme persistant sévère", "Demande de prise en charge au titre de l'affection de longue durée n° 14.\nSuivi : médecin traitant trimestriel, pneumologue semestriel, EFR annuelles."),
    letter(230, "56445-0", Of(Pharmacist), "Bilan partagé de médication", "Cinq médicaments, observance bonne. Prise de la lévothyroxine à distance du café expliquée.\nInhalateur : la patiente agite trop peu, démonstration refaite."),
    letter(228, "78601-2", Of(Pharmacist), "Entretien asthme", "Deuxième entretien de l'année. Score de contrôle 17 sur 25.\nDifférence entre traitement de fond et traitement de crise comprise."),
    letter(220, "PRESC-ORTHOPHO", Of(Doctor), "Bilan orthophonique de la voix", "Dysphonie depuis deux mois sous corticoïde inhalé.\nBilan orthophonique de la voix et rééducation si nécessaire."),
    letter(215, "78513-9", Of(Ophthalmologist), "Consultation d'ophtalmologie", "Acuité 10/10 de loin avec correction, fatigue en vision de près.\nPression intraoculaire 14 mmHg aux deux yeux, fond d'œil normal."),
    letter(215, "57828-6", Of(Ophthalmologist), "Ordonnance de lunettes", "Œil droit : -1,75 (-0,50 à 90°). Œil gauche : -2,00.\nAddition de près 0,75. Verres antireflet."),
    letter(215, "PRESC-ORTHOPTIE", Of(Ophthalmologist), "Ordonnance pour l'orthoptiste", "Bilan orthoptique pour insuffisance de convergence, douze séances si confirmée."),
    letter(210, "CERT_DECL", Of(OccupationalDoctor), "Aménagement du poste de travail", "Apte avec aménagement : éloignement du poste de pesée des farines, masque FFP2 fourni.\nÀ revoir dans six mois."),
    letter(200, "47420-5", Of(Orthoptist), "Bilan orthoptique", "Insuffisance de convergence confirmée, punctum proximum à 14 cm.\nDouze séances programmées, bon pronostic."),
    letter(195, "DISP_AUT", Of(Optician), "Lunettes délivrées", "Monture et verres conformes à l'ordonnance. Adaptation contrôlée au bout de huit jours : confort satisfaisant."),
    // The accident
    letter(180, "15507-7", Of(EmergencyDoctor), "Passage aux urgences après un accident de la route", "Conductrice, choc frontal à faible vitesse. Perte de connaissance initiale de quelques minutes, Glasgow 14 à l'arrivée.\nScanner cérébral normal. Douleur du genou gauche : fracture du plateau tibial.\nAllergie aux pénicillines retrouvée dans le dossier partagé."),
    letter(179, "18761-7", Of(EmergencyDoctor), "Transfert en orthopédie", "Traumatisme crânien léger surveillé douze heures, réveil complet.\nFracture fermée du plateau tibial gauche : transfert en orthopédie pour ostéosynthèse."),
    letter(179, "67851-6", Of(Surgeon), "Entrée en orthopédie", "Genou gauche tuméfié, pouls présents, pas de déficit.\nTraitements habituels poursuivis. Intervention prévue ce jour."),
    letter(179, "34749-2", Of(Anaesthetist), "Consultation avant l'anesthésie", "Asthme contrôlé, allergie aux pénicillines. Classe ASA 2.\nRachianesthésie proposée, antibioprophylaxie par clindamycine."),
    letter(179, "59284-0", Of(Surgeon), "Accord pour l'opération", "Information donnée sur l'intervention, ses risques et les suites. Accord signé par la patiente."),
    letter(179, "34874-8", Of(Surgeon), "Compte rendu opératoire", "Ostéosynthèse du plateau tibial gauche par plaque vissée, sous contrôle radiologique.\nRéduction anatomique, garrot 62 minutes. Pas d'incident."),
    letter(179, "77436-4", Of(Anaesthetist), "Compte rendu d'anesthésie", "Rachianesthésie en L3-L4, sédation légère. Stable tout au long du geste.\nClindamycine 600 mg. Réveil calme, douleur 2 sur 10."),
    letter(179, "101881-1", Of(Surgeon), "Carte d'implant : plaque de genou", "Plaque vissée proximale tibiale, titane, gauche, 5 trous.\nImplant compatible avec l'IRM sous conditions (3 teslas)."),
    letter(178, "80820-4", Of(HospitalPharmacist), "Conciliation des médicaments à l'entrée", "Traitements du domicile retrouvés : lévothyroxine 75, budésonide-formotérol, salbutamol.\nAucun oubli, aucune erreur dans la prescription d'entrée."),
    letter(178, "80565-5", Of(HospitalNurse), "Médicaments donnés pendant les soins", "Paracétamol 1 g toutes les six heures, énoxaparine 6 000 UI le soir.\nTraitements habituels donnés comme au domicile."),
    letter(178, "IMG-KOS", Of(Radiologist), "Images du scanner du genou", "Référence des images : une étude, trois séries, 214 images.\nConsultables par le lien du centre d'imagerie."),
    letter(174, "34112-3", Of(Surgeon), "Compte rendu d'hospitalisation", "Six jours en orthopédie pour fracture du plateau tibial gauche opérée.\nSuites simples, appui interdit six semaines. Sortie vers une résidence d'accueil temporaire."),
    letter(174, "86531-1", Admission, "Attestation de sortie", "Hospitalisée en orthopédie du jour de l'accident à ce jour."),
    letter(174, "PRESC-KINE", Of(Surgeon), "Ordonnance pour le kinésithérapeute", "Rééducation du genou gauche opéré, trente séances : mobilité de 0 à 90°, renforcement, marche sans appui avec cannes."),
    letter(174, "PRESC-INF", Of(Surgeon), "Ordonnance pour l'infirmière", "Pansement un jour sur deux jusqu'à l'ablation des fils au quinzième jour.\nInjection quotidienne d'énoxaparine, surveillance des plaquettes."),
    letter(174, "PRESC-AAT", Of(Surgeon), "Arrêt de travail", "Arrêt de travail initial de quarante-cinq jours, sorties autorisées."),
    letter(173, "34133-9", Of(Surgeon), "Synthèse de l'épisode de soins", "Accident de la route, traumatisme crânien léger, fracture du plateau tibial gauche opérée.\nRésidence trois semaines, puis domicile avec kinésithérapie et soins infirmiers."),
    // The residence
    letter(173, "88348-8", Of(ResidenceDoctor), "Entrée à la résidence", "Accueil pour trois semaines, logement de plain-pied nécessaire, conjoint absent en semaine.\nAide à la toilette et aux transferts."),
    letter(172, "AUTORIS-SOINS", Residence, "Autorisation de soins", "La résidente autorise les soins courants et l'appel du médecin de garde.\nPersonne à prévenir : sa sœur."),
    letter(171, "ATTEST-HEBGT", Residence, "Attestation d'hébergement", "Hébergée à la résidence du Parc pour un séjour temporaire de trois semaines."),
    letter(171, "ATTEST-RESID", Residence, "Attestation de résidence", "Réside à la résidence du Parc pendant son séjour temporaire."),
    letter(168, "80788-3", Of(ResidenceDoctor), "Projet personnalisé d'accompagnement", "Objectif : retour à domicile autonome avec deux cannes.\nKinésithérapie cinq fois par semaine, ateliers l'après-midi, visites de Léo le mercredi."),
    letter(166, "BIL_AUTO", Of(ResidenceDoctor), "Bilan d'autonomie", "Toilette : aide partielle. Habillage : aide pour le bas. Transferts : surveillance.\nAlimentation et repères : autonome."),
    letter(165, "34842-5", Of(ResidenceDoctor), "Évaluation des besoins d'aide", "Besoin temporaire d'aide : une heure par jour pendant six semaines au retour au domicile."),
    letter(161, "78341-5", Of(ResidenceDoctor), "Transfert vers les urgences", "Gêne respiratoire depuis une heure malgré salbutamol, saturation 91 %.\nAsthme connu, allergie aux pénicillines, genou opéré il y a dix-huit jours sous énoxaparine."),
    letter(161, "74207-2", Of(ResidenceDoctor), "Fiche pour les urgences", "Asthme, hypothyroïdie, ostéosynthèse récente. Allergie aux pénicillines.\nTraitements : lévothyroxine, budésonide-formotérol, énoxaparine. Sœur prévenue."),
    letter(161, "60280-5", Of(EmergencyDoctor), "Retour des urgences", "Crise d'asthme modérée, aérosols et corticoïdes, saturation 97 % à la sortie.\nPas d'embolie pulmonaire. Prednisolone cinq jours, revoir le médecin traitant."),
    letter(160, "52040-3", Of(ResidenceDoctor), "Photo de la cicatrice", "Cicatrice du genou gauche au dix-neuvième jour : propre, sèche, fils ôtés.\nPhotographie conservée dans le dossier de la résidence."),
    letter(155, "28653-4", Residence, "Compte rendu de l'assistante sociale", "Demande d'aide ménagère de six semaines acceptée par la mutuelle.\nCarte de stationnement temporaire demandée."),
    letter(152, "83981-1", Of(ResidenceDoctor), "Sortie de la résidence", "Retour à domicile, marche avec deux cannes sans appui, autonome pour la toilette.\nKinésithérapie au cabinet, soins infirmiers terminés."),
    letter(150, "34875-5", Of(Surgeon), "Consultation à un mois de l'opération", "Cicatrice souple, genou sec, mobilité 0-95°. Radiographie : pas de déplacement.\nAppui progressif à partir de la sixième semaine."),
    letter(150, "93024-8", Of(HospitalPharmacist), "Consultation pharmaceutique", "Fin de l'énoxaparine expliquée, signes d'alerte rappelés.\nPas d'interaction avec les traitements habituels."),
    // Back home
    letter(147, "34120-6", Of(Physiotherapist), "Bilan de kinésithérapie", "Mobilité 0-95°, quadriceps coté 3 sur 5, marche avec deux cannes.\nObjectifs : appui complet à huit semaines, vélo sans résistance."),
    letter(145, "29274-8", Of(Nurse), "Mesures de la semaine", "Tension 124/78 mmHg, pouls 72, température 36,8 °C, poids 63,5 kg, saturation 98 %."),
    letter(145, "57832-8", Of(Doctor), "Ordonnance de soins", "Bas de contention classe 2, cannes anglaises (location un mois), siège de douche."),
    letter(140, "83901-9", Of(Psychologist), "Bilan avec la psychologue", "Reviviscences de l'accident, évitement de la voiture, sommeil haché.\nScore élevé de stress post-traumatique. Huit séances proposées, avis psychiatrique."),
    letter(140, "75468-9", Of(Pharmacist), "Renouvellement par le pharmacien correspondant", "Traitement de fond de l'asthme et lévothyroxine renouvelés pour un mois, accord du médecin traitant."),
    letter(130, "PRESC-PEDI", Of(Doctor), "Ordonnance pour la podologue", "Semelles de compensation : différence de longueur de 8 mm après fracture du plateau tibial gauche."),
    letter(125, "68599-0", Of(Psychiatrist), "Synthèse de psychiatrie", "État de stress post-traumatique après accident de la route, sans idée suicidaire.\nThérapie centrée sur le trauma, pas de traitement médicamenteux. Revue dans deux mois."),
    letter(118, "55115-0", Of(Doctor), "Demande de mammographie", "Nodule palpé du sein gauche, quadrant supéro-externe. Mère opérée d'un cancer du sein à 52 ans.\nMammographie et échographie."),
    letter(110, "11506-3", Of(Physiotherapist), "Suivi de kinésithérapie", "Vingtième séance : mobilité 0-120°, appui complet, une canne à l'extérieur.\nReprise de la conduite automobile préparée avec la psychologue."),
    letter(101, "34794-8", Of(Oncologist), "Avis de la réunion pluridisciplinaire", "Lésion sclérosante sans atypie du sein gauche, 8 mm, concordante avec l'imagerie.\nProposition : surveillance par échographie à six mois, consultation d'oncogénétique."),
    letter(98, "18776-5", Of(Oncologist), "Programme personnalisé de soins", "Échographie à six et douze mois, mammographie annuelle. Contact : infirmière de coordination.\nPas de traitement nécessaire."),
    letter(97, "77604-7", Of(Oncologist), "Calendrier de surveillance", "Février : échographie mammaire. Août : mammographie et échographie.\nEntre les deux : consulter pour tout changement perçu."),
    letter(95, "11369-6", Of(Nurse), "Liste des vaccins", "Diphtérie, tétanos, polio, coqueluche : à jour. Pneumocoque : reçu cet été.\nGrippe : chaque automne. Hépatite B : schéma complet en 1998."),
    letter(90, "89601-9", Of(Doctor), "Certificat médical", "Apte à la natation et au vélo sans résistance, course à pied contre-indiquée jusqu'à nouvel avis."),
    letter(85, "75496-0", Of(Doctor), "Demande de téléexpertise en dermatologie", "Plaque érythémateuse du poignet gauche sous le bracelet de montre, photographies jointes.\nEczéma de contact ?"),
    letter(84, "85208-7", Of(Dermatologist), "Réponse de téléexpertise", "Aspect d'eczéma de contact, allergie au nickel probable.\nDermocorticoïde cinq jours, éviter le bracelet métallique, tests si récidive."),
    letter(80, "51969-4", Of(Geneticist), "Résultat de test génétique", "Recherche de variants des gènes BRCA1, BRCA2 et PALB2 : aucun variant pathogène.\nSurveillance habituelle. Résultat remis en consultation."),
    letter(75, "83869-8", Of(Doctor), "Plan personnalisé de prévention", "Bilan 40-45 ans : activité physique à reprendre, alimentation équilibrée, sommeil en amélioration.\nPriorité choisie : natation deux fois par semaine."),
    letter(60, "11505-5", Of(Surgeon), "Infiltration du genou", "Infiltration du genou gauche pour douleur résiduelle, sous asepsie.\nGeste bien toléré, repos deux jours."),
    letter(55, "60593-1", Of(Pharmacist), "Médicaments remis par la pharmacie", "Lévothyroxine 75 : trois boîtes. Budésonide-formotérol : un inhalateur. Salbutamol : un flacon."),
    letter(45, "96173-0", Of(Pharmacist), "Test rapide d'angine", "Mal de gorge depuis deux jours. Test rapide du streptocoque A : négatif.\nTraitement symptomatique, revoir si fièvre au-delà de trois jours."),
    letter(33, "11488-4", Of(Doctor), "Consultation de suivi", "Six mois après l'accident : marche sans canne, conduite reprise, sommeil normal.\nAsthme contrôlé (score 22 sur 25). TSH dans la cible."),
];

/// Her own words: days before the end, type, title, text.
#[rustfmt::skip] // a text, two lines
pub static WORDS: [(u32, &str, &str, &str); 13] = [
    (318, "EXPPAT_1", "Ma personne de confiance",
        "Ma personne de confiance est ma sœur Anne Le Gall. Elle connaît mes souhaits.\nDon d'organes : je suis d'accord."),
    (317, "EXPPAT_3", "Mes directives anticipées",
        "Si je ne peux plus m'exprimer et qu'il n'y a pas d'espoir de retour à une vie consciente, je ne veux pas être maintenue en vie par des machines.\nJe veux que ma douleur soit soulagée, même si cela abrège ma vie.\nJ'ai parlé de ces choix avec ma sœur."),
    (316, "DOCPAT08", "Mon profil médical", "Asthme, thyroïde. Allergique aux pénicillines. Je ne fume pas.\nJe nage une fois par semaine quand je peux."),
    (290, "DOCPAT01", "Résumé écrit par mon ancien médecin", "Copie de la lettre de mon ancien médecin avant sa retraite : asthme, thyroïdite, allergie aux pénicillines."),
    (268, "DOCPAT02", "Ordonnance de l'étranger", "Ordonnance reçue en vacances en Irlande : salbutamol, un flacon, en cas de crise."),
    (247, "DOCPAT07", "Certificat de natation", "Certificat de mon club : natation loisir, saison en cours."),
    (205, "DOCPAT03", "Compte rendu de l'ostéopathe", "Séance pour douleurs des épaules liées au port de charges. Conseils d'étirements."),
    (190, "74465-6", "Questionnaire avant le rendez-vous", "Depuis quand : l'automne. La nuit : deux réveils par semaine. Au travail : plus de gêne près des farines.\nMédicaments : comme sur l'ordonnance."),
    (163, "DOCPAT09", "Carte de stationnement", "Récépissé de ma demande de carte de stationnement temporaire."),
    (143, "EXPPAT_2", "Mon récit de l'accident", "Ce dont je me souviens : la pluie, le camion, puis l'ambulance. Je préfère l'écrire une fois pour toutes."),
    (138, "DOCPAT04", "Radio faite en vacances", "Radiographie du genou faite à Rennes un week-end de douleur. Le médecin de garde l'a trouvée rassurante."),
    (108, "DOCPAT05", "Analyse de la pharmacie", "Bandelette urinaire faite à la pharmacie : normale."),
    (70, "DOCPAT06", "Ma séance de prévention au travail", "Atelier sur les gestes et postures, une demi-journée, avec le kinésithérapeute de l'entreprise."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_in_order_of_time() {
        assert!(LETTERS.windows(2).all(|pair| pair[0].days >= pair[1].days));
        assert!(WORDS.windows(2).all(|pair| pair[0].0 >= pair[1].0));
    }
}
