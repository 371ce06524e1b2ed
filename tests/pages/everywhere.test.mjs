// Every page that links lead to, for each kind of person, then those that only a form leads to: accessible in light and
// dark, readable at 320 px, calm in the console, with the headers of health data; nothing of it is kept by the browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { crawl } from "./crawl.mjs";
import { Demo, finish, LEO, MARIE } from "./demo.mjs";
import { faults } from "./looks.mjs";

const PDF = { name: "compte rendu.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF") };

let demo;
before(async () => (demo = await Demo.start()));
after(() => demo?.stop());

/** Help and notices are the same for everybody: only who has not signed in walks them all. */
const NOTICES = /^\/(aide\/|mentions-legales|donnees|accessibilite|etat)/;

/** Who walks, from where, how many kinds of page they reach at least, and where links do not lead. */
const WALKS = [
  ["a patient", () => demo.as("marie"), 25, ["/ouvrir/enfant", "/compte/securite", "/compte/creer"]],
  ["a person without dossier", () => demo.as("camille"), 3, ["/ouvrir"]],
  ["a doctor", () => demo.onDossier("dr-martin", MARIE), 12, ["/", "/patients", "/quotas"]],
  ["an optician", () => demo.onDossier("opticien-lenoir", MARIE), 6, []],
  ["a secretary", () => demo.as("secretaire-blanc"), 2, []],
  ["a reception agent", () => demo.as("agent-cpam"), 3, ["/guichet", "/guichet/releve"]],
  ["a référente", () => demo.as("referente-hopital"), 2, []],
  ["the pilot team", () => demo.as("pilote"), 2, []],
  ["nobody", () => at("/aide"), 15, ["/connexion", "/compte/connexion", "/compte/activation", "/compte/oubli", "/etat", "/hors-ligne"]],
];

async function at(path, options) {
  const page = await demo.page(options);
  await page.goto(demo.url + path);
  return page;
}

for (const [who, open, least, also] of WALKS) {
  test(`every page ${who} reaches is accessible, narrow and calm`, async () => {
    const page = await open();
    const found = [];
    const visit = async (page, kind, response) => {
      const status = response?.status() ?? 200;
      if (status >= 400) found.push(`${kind}: ${status}`);
      const headers = response?.headers() ?? {};
      if (headers["cache-control"] !== "no-store") found.push(`${kind}: kept, ${headers["cache-control"]}`);
      found.push(...(await faults(page)).map((fault) => `${kind}: ${fault}`));
    };
    const seen = await crawl(page, demo.url, visit, { also, except: who === "nobody" ? undefined : NOTICES });
    found.push(...page.faults);
    await page.close_();
    assert.deepEqual(found, []);
    assert.ok(seen.size >= least, `${seen.size} kinds of page: ${[...seen.keys()].join(", ")}`);
  });
}

/** Steps of a task: each page that `look` is given is looked at. */
const TASKS = [
  ["finding a patient", async (look) => {
    // An emergency doctor of the hospital: the référente answers below.
    const page = await demo.as("dr-simon");
    page.expected = 4;
    await page.fill("#ins", "284073523811417");
    await page.click("text=Ouvrir le dossier");
    await look(page, "a wrong number");
    await page.fill("#ins", LEO);
    await page.click("text=Ouvrir le dossier");
    await look(page, "an agreement to declare");
    await page.getByRole("button", { name: "Déclarer l'accord et ouvrir" }).click();
    await look(page, "the same, with errors");
    await page.getByRole("link", { name: /Accès d'urgence/ }).click();
    await look(page, "an emergency to declare");
    await page.getByRole("button", { name: "Ouvrir en urgence" }).click();
    await look(page, "the same, with errors");
    await page.check("input[name=motif][value=inconscient]");
    await page.fill("#raison", "essai, enfant inconscient");
    await page.getByRole("button", { name: "Ouvrir en urgence" }).click();
    await look(page, "a record in emergency");
    return page;
  }],
  ["pages that do not exist", async (look) => {
    const page = await demo.as("dr-martin");
    for (const path of ["/nulle-part", "/dossier/rien", "/AccesDirect/DossierPatient/123", "/aide/rien"]) {
      page.expected = 1;
      await page.goto(demo.url + path);
      await look(page, path);
    }
    return page;
  }],
  ["depositing", async (look) => {
    const page = await demo.onDossier("dr-martin", MARIE);
    const record = page.url();
    page.expected = 1;
    await page.goto(`${record}/depot`);
    await page.getByRole("button", { name: "Déposer le document" }).click();
    await look(page, "a deposit with errors");
    await page.locator("#fichier").setInputFiles(PDF);
    await page.selectOption("#type", "18748-4");
    await page.check("input[name=visible][value=annonce]");
    await page.getByRole("button", { name: "Déposer le document" }).click();
    await page.waitForURL(/\/depot\/[\w-]+$/);
    await look(page, "a deposit, done");
    await page.goto(record);
    await look(page, "a record with something to announce");
    await page.getByRole("link", { name: /^Rendre visible maintenant/ }).click();
    await look(page, "an announcement to confirm");
    await page.goto(demo.url);
    await page.fill("#ins", LEO);
    await page.check("input[name=acces][value=secrete]");
    await page.getByRole("button", { name: "Ouvrir le dossier" }).click();
    await page.getByText("Quitter la session secrète").waitFor();
    await look(page, "a secret record");
    await page.getByRole("link", { name: "Déposer" }).first().click();
    await look(page, "a secret deposit");
    return page;
  }],
  ["the desk", async (look) => {
    const page = await demo.as("agent-hopital");
    page.expected = 2;
    await page.getByRole("button", { name: "Carte de THERY Julie" }).click();
    await look(page, "choosing who");
    await page.getByRole("button", { name: "Passeport vue pour THERY Julie" }).click();
    await look(page, "choices");
    await page.getByRole("button", { name: "Continuer" }).click();
    await look(page, "choices with errors");
    await page.check("#information");
    await page.check("input[name=accord][value=oui]");
    await page.check("input[name=urgence_choix][value=tous]");
    await page.fill("#joindre", "06 39 98 45 61");
    await page.getByRole("button", { name: "Continuer" }).click();
    await page.waitForURL(/#code$/);
    await look(page, "the code of the patient");
    await page.fill("#code", "000000");
    await page.getByRole("button", { name: "Ouvrir le dossier" }).click();
    await look(page, "a wrong code");
    await page.fill("#code", await demo.codeFor("06 39 98 45 61"));
    await page.getByRole("button", { name: "Ouvrir le dossier" }).click();
    await page.waitForURL(/\/fait$/);
    await look(page, "done");
    return page;
  }],
  ["opening alone", async (look) => {
    const page = await demo.as("camille");
    page.expected = 4;
    await page.getByRole("button", { name: "Continuer" }).click();
    await look(page, "identity with errors");
    await page.check("input[name=identite]");
    await page.getByRole("button", { name: "Continuer" }).click();
    await look(page, "information");
    await page.check("input[name=information]");
    await page.getByRole("button", { name: "Continuer" }).click();
    await look(page, "choices");
    await page.getByRole("button", { name: "Continuer" }).click();
    await look(page, "choices with errors");
    const choices = { ouvrir: "oui", samu: "oui", urgence: "oui", masques: "non", medecin: "tard", remboursements: "non", avis: "mail" };
    for (const [name, value] of Object.entries(choices)) await page.check(`input[name=${name}][value=${value}]`);
    await page.getByRole("button", { name: "Continuer" }).click();
    await look(page, "contact");
    await page.check("input[name=canal][value=mail]");
    await page.fill("#mail", "camille.renault@exemple.fr");
    await page.getByRole("button", { name: "Continuer" }).click();
    await look(page, "the code");
    await page.fill("#code", await demo.codeFor("camille.renault@exemple.fr"));
    await page.getByRole("button", { name: "Ouvrir le dossier" }).click();
    await page.waitForURL(/\/ouvrir\/fait\//);
    await look(page, "done");
    await page.getByRole("link", { name: "Aller à mon dossier" }).click();
    await look(page, "an empty record");
    await page.getByRole("link", { name: "Documents", exact: true }).click();
    await look(page, "no document");
    return page;
  }],
  ["an account", async (look) => {
    const page = await demo.as("marie");
    page.expected = 3;
    await page.goto(`${demo.url}/compte/creer`);
    await page.check("input[value=mail]");
    await page.fill("#adresse", "marie.durand@example.org");
    await page.click("button.main");
    await look(page, "a code to type");
    await page.fill("#code", await demo.codeFor("marie.durand@example.org"));
    await page.click("button.main");
    await look(page, "a password to choose");
    await page.fill("#mot-de-passe", "trois mots sans rapport");
    await page.fill("#encore", "pas le même");
    await page.click("button.main");
    await look(page, "a password with errors");
    await page.fill("#mot-de-passe", "trois mots sans rapport");
    await page.fill("#encore", "trois mots sans rapport");
    await page.click("button.main");
    await page.waitForURL(/\/dossier\//);
    await page.goto(`${demo.url}/compte/securite`);
    await look(page, "security");
    await page.getByRole("button", { name: "Quitter" }).click();
    await page.waitForLoadState();
    await look(page, "left");
    await page.goto(`${demo.url}/compte/connexion`);
    await page.fill("#identifiant", "marie.durand@example.org");
    await page.fill("#mot-de-passe", "un autre mot de passe");
    await page.click("button.main");
    await look(page, "a wrong password");
    await page.goto(`${demo.url}/compte/activation`);
    await page.fill("#identifiant", "2222222222");
    await page.fill("#secret", "2222222222222222");
    await page.click("button.main");
    await look(page, "a wrong sheet");
    return page;
  }],
  ["rights", async (look) => {
    const page = await demo.as("marie");
    const home = page.url();
    await page.goto(`${home}/droits/bloquer`);
    page.expected = 2;
    await page.getByRole("button", { name: "Continuer" }).click();
    await look(page, "nobody chosen");
    await page.locator("label.choice", { hasText: "Roux" }).locator("input").check();
    await page.getByRole("button", { name: "Continuer" }).click();
    await look(page, "a block to confirm");
    await page.getByRole("button", { name: "Bloquer" }).click();
    await look(page, "a receipt");
    await page.goto(`${home}/ajouter`);
    await page.getByRole("button", { name: "Ajouter à mon dossier" }).click();
    await look(page, "nothing added");
    await page.goto(`${home}/documents`);
    await page.fill("#mots", "traitement");
    await page.press("#mots", "Enter");
    await page.waitForURL(/recherche/);
    await look(page, "a search");
    return page;
  }],
  ["a review", async (look) => {
    const page = await demo.as("referente-hopital");
    page.expected = 1;
    await page.getByRole("link", { name: /^Examiner/ }).first().click();
    await page.getByRole("button", { name: "Répondre au patient" }).click();
    await look(page, "an answer with errors");
    await page.check("input[name=conclusion][value=justifie]");
    await page.fill("#reponse", "Ce médecin soignait le patient ce jour-là.");
    await page.getByRole("button", { name: "Répondre au patient" }).click();
    await page.waitForURL(/\/referent/);
    await look(page, "answered");
    return page;
  }],
  ["the demonstration", async (look) => {
    const page = await at("/demo");
    await look(page, "the picker");
    await page.goto(`${demo.url}/demo/courrier`);
    await look(page, "the mailbox");
    await page.goto(`${demo.url}/connexion`);
    await page.locator("a[href*='/depart/']").first().click();
    await look(page, "the provider");
    page.expected = 1;
    await page.getByRole("link", { name: "Annuler" }).click();
    await look(page, "given up");
    return page;
  }],
  // Last: the dossier stays closed.
  ["a closing", async (look) => {
    const page = await demo.as("marie");
    const home = page.url();
    await page.goto(`${home}/fermer`);
    await page.getByRole("button", { name: "Fermer le dossier" }).click();
    await page.waitForURL(/\/rouvrir/);
    await look(page, "closed");
    page.expected = 1;
    await page.getByRole("button", { name: "Rouvrir le dossier" }).click();
    await look(page, "reopening with errors");
    for (const place of ["copie", "destruction"]) {
      await page.goto(`${home}/${place}`);
      await look(page, place);
    }
    const doctor = await demo.onDossier("dr-martin", MARIE, {}, 1);
    await look(doctor, "closed, to a professional");
    await finish(doctor);
    return page;
  }],
];

for (const [task, walk] of TASKS) {
  test(`every step is accessible and narrow: ${task}`, async () => {
    const found = [];
    const look = async (page, name) => {
      await page.waitForLoadState();
      found.push(...(await faults(page)).map((fault) => `${name}: ${fault}`));
    };
    const page = await walk(look);
    found.push(...page.faults);
    await page.close_();
    assert.deepEqual(found, []);
  });
}
