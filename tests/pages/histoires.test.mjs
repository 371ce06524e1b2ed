// The stories of the people of the demo, from one end to the other: who opens, activates, masks, looks as somebody else does,
// announces, enters in emergency, keeps a secret, takes everything away, closes and comes back.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Demo, finish, LEO, MARIE } from "./demo.mjs";

const run = promisify(execFile);
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 860 } };
const PDF = { name: "compte rendu.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF") };

let demo;
before(async () => (demo = await Demo.start()));
after(() => demo?.stop());

/** What is read on a page. */
const text = (page) => page.locator("main").innerText();

/** The text that the page at this address shows. */
async function read(page, address) {
  await page.goto(address);
  return text(page);
}

/** The file that a click gives, once saved. */
async function download(page, control, name) {
  const [file] = await Promise.all([page.waitForEvent("download"), control.click()]);
  const path = join(demo.data, name);
  await file.saveAs(path);
  return path;
}

/** Every text file of an export, and the names of the others. */
async function unzip(path) {
  await run("unzip", ["-t", "-q", path]);
  const { stdout } = await run("unzip", ["-Z1", path], { maxBuffer: 1 << 24 });
  const whole = await run("unzip", ["-p", path], { maxBuffer: 1 << 28, encoding: "latin1" });
  return { names: stdout.trim().split("\n"), bytes: whole.stdout };
}


/** Sees that a message says nothing of health, of a person or of a place. */
function saysNothing(letter) {
  assert.doesNotMatch(`${letter.subject} ${letter.text}`, /Simon|DURAND|Marie|hôpital|hospitalier|Saint-Brieuc|urgentiste|médecin|cabinet/i);
}

/** The visits that others made, as the journal shows them to its reader, and the lines of its table. */
async function visitsOfOthers(page, home) {
  await page.goto(`${home}/acces?tout=1`);
  const visits = await page.locator(".visit").allInnerTexts();
  const file = await download(page, page.getByRole("link", { name: /^Télécharger/ }), "acces.csv");
  const lines = (await readFile(file, "utf8")).split("\r\n");
  return [...visits.filter((visit) => !/^Vous$/m.test(visit)), ...lines.filter((line) => !line.includes('"Vous"'))];
}

test("the sealed sheet of a desk opens the patient's own record, and her password opens it again", async () => {
  const mobile = "06 39 98 45 60";
  const agent = await demo.as("agent-cpam", desktop);
  await agent.getByRole("button", { name: "Carte de TRAORE Aminata" }).click();
  await agent.getByRole("button", { name: "Carte d'identité vue pour TRAORE Aminata" }).click();
  await agent.check("#information");
  await agent.check("input[name=accord][value=oui]");
  await agent.check("input[name=urgence_choix][value=tous]");
  await agent.fill("#joindre", mobile);
  await agent.keyboard.press("Enter");
  await agent.waitForURL(/#code$/);
  await agent.fill("#code", await demo.codeFor(mobile));
  await agent.getByRole("button", { name: "Ouvrir le dossier" }).click();
  await agent.waitForURL(/\/fait$/);
  const sheet = await download(agent, agent.getByRole("button", { name: "Imprimer la feuille fermée" }), "codes.pdf");
  const words = (await run("pdftotext", ["-layout", sheet, "-"])).stdout;
  const login = words.match(/^\s*([2-9A-HJ-NP-Z]{10})\s*$/m)?.[1];
  const secret = words.match(/\b([2-9A-HJ-NP-Z]{4}(?:-[2-9A-HJ-NP-Z]{4}){3})\b/)?.[1];
  assert.ok(login && secret, words);
  const seen = await agent.content();
  assert.ok(!seen.includes(login) && !seen.includes(secret), "the agent's screen has no code");
  await finish(agent);

  const aminata = await demo.page(phone);
  await aminata.goto(`${demo.url}/compte/activation`);
  await aminata.fill("#identifiant", login.toLowerCase());
  await aminata.fill("#secret", secret.replaceAll("-", " "));
  await aminata.getByRole("button", { name: "Continuer" }).click();
  await aminata.fill("#code", await demo.codeFor(mobile));
  await aminata.getByRole("button", { name: "Valider" }).click();
  const password = "trois mots sans rapport";
  await aminata.fill("#mot-de-passe", password);
  await aminata.fill("#encore", password);
  await aminata.getByRole("button", { name: "Terminer" }).click();
  await aminata.waitForURL(/\/dossier\/[\w-]+$/);
  assert.match(await aminata.locator("h1").textContent(), /^Bonjour Aminata/);
  const told = await read(aminata, `${aminata.url()}/acces`);
  assert.match(told, /CPAM/, "the opening is in her journal");

  await aminata.getByRole("button", { name: "Quitter" }).click();
  await aminata.waitForLoadState();
  const spent = (await demo.letters()).length;
  await aminata.goto(`${demo.url}/compte/connexion`);
  await aminata.fill("#identifiant", login);
  await aminata.fill("#mot-de-passe", password);
  await aminata.getByRole("button", { name: "Continuer" }).click();
  await aminata.locator("#code").waitFor();
  assert.equal((await demo.letters()).length, spent + 1, "a fresh code left");
  await aminata.fill("#code", await demo.codeFor(mobile));
  await aminata.getByRole("button", { name: "Valider" }).click();
  await aminata.waitForURL(/\/dossier\/[\w-]+$/);
  assert.match(await aminata.locator("h1").textContent(), /^Bonjour Aminata/);

  // The sheet served once.
  const late = await demo.page(phone);
  late.expected = 1;
  await late.goto(`${demo.url}/compte/activation`);
  await late.fill("#identifiant", login);
  await late.fill("#secret", secret);
  await late.getByRole("button", { name: "Continuer" }).click();
  await late.locator(".errors").waitFor();
  await finish(late);
  await finish(aminata);
});

test("marie masks a report and blocks a dentist, and sees as others see", async () => {
  const page = await demo.as("marie", phone);
  const home = page.url();
  let lid;
  const seenAs = async (who) => {
    const found = await read(page, `${home}/droits/voir-comme?qui=${who}`);
    const visible = Number(found.match(/(\d+) documents? visibles?/)?.[1] ?? 0);
    const named = await page.locator(`section[aria-labelledby=visibles] .row a[href$="${lid}"]`).count();
    return { visible, named };
  };
  // A report that a pharmacy reads, of a laboratory: its author and the médecin traitant would go on seeing their own.
  await seenAs("pharmacie");
  const reports = page.locator("section[aria-labelledby=visibles] .row", { hasText: "Laboratoire" });
  const address = await reports.locator(".row-name a").first().getAttribute("href");
  lid = address.split("/").at(-1);
  const before = { pharmacy: await seenAs("pharmacie"), doctor: await seenAs("traitant") };
  assert.equal(before.pharmacy.named, 1);
  assert.equal(before.doctor.named, 1);

  await page.goto(demo.url + address);
  await page.check("input[name=qui][value=masque]");
  await page.getByRole("button", { name: "Enregistrer ce choix" }).click();
  await page.locator(".badge.masked").waitFor();
  assert.deepEqual(await seenAs("pharmacie"), { visible: before.pharmacy.visible - 1, named: 0 });
  assert.deepEqual(await seenAs("traitant"), before.doctor, "the médecin traitant reads what is masked");

  // A pharmacist sees neither the document nor a gap.
  const pharmacist = await demo.onDossier("pharma-duval", MARIE, desktop);
  assert.ok(!(await pharmacist.content()).includes(lid));
  const refusal = await pharmacist.goto(`${pharmacist.url()}/document/${lid}`);
  assert.equal(refusal.status(), 404);
  await pharmacist.close_();

  await page.goto(`${home}/droits`);
  await page.getByRole("link", { name: "Bloquer quelqu'un" }).click();
  await page.locator("label.choice", { hasText: "Roux" }).locator("input").check();
  await page.getByRole("button", { name: "Continuer" }).click();
  await page.getByRole("button", { name: "Bloquer" }).click();
  assert.match(await text(page), /Blocage enregistré/);
  const dentist = await demo.onDossier("dr-roux", MARIE, desktop, 1);
  assert.equal(await dentist.locator("h1").textContent(), "Accès refusé");
  assert.doesNotMatch(await text(dentist), /bloqu|mien/i, "he is not told why");
  await dentist.close_();
  assert.match(await read(page, `${home}/droits`), /Personnes bloquées[\s\S]*Roux/);
  assert.equal((await seenAs("traitant")).visible, before.doctor.visible);
  await finish(page);
});

/** Words that no page holds but where the announced result is. */
const WORDS = "Zygomatique";

test("an announced result stays unseen by marie until her doctor shows it", async () => {
  // From the software to the record: the door is on the way once.
  const doctor = await demo.page(desktop);
  await doctor.goto(`${demo.url}/AccesDirect/DossierPatient/${MARIE}`);
  assert.ok(!doctor.url().includes(MARIE));
  await doctor.locator("form:has(input[name=persona][value='dr-martin']) button").click();
  await doctor.waitForURL(/\/dossier\/[\w-]+$/);
  await doctor.goto(`${demo.url}/`);
  await doctor.goto(`${demo.url}/AccesDirect/DossierPatient/${MARIE}`);
  await doctor.waitForURL(/\/dossier\/[\w-]+$/);
  const record = doctor.url();
  assert.ok(!(await doctor.content()).includes("annonces"), "nothing to announce yet");
  for (const heading of ["Allergies", "Traitements en cours"]) {
    await doctor.getByRole("heading", { name: heading }).first().waitFor();
  }

  const marie = await demo.as("marie", phone);
  const home = marie.url();
  await marie.goto(`${home}/droits`);
  const martin = await marie.getByRole("link", { name: /^Voir comme .*Martin/ }).getAttribute("href");
  // What tells a document: the home, the lists and their numbers, what others see, the journal.
  const places = ["", "/documents", "/documents?tri=recu", "/droits", "/droits/voir-comme?qui=traitant"];
  const shown = async () => {
    const pages = {};
    for (const place of places) pages[place] = await read(marie, home + place);
    pages.martin = await read(marie, demo.url + martin);
    return pages;
  };
  await shown();
  const before = await shown();
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris" }).format(new Date());

  await doctor.goto(`${record}/depot`);
  await doctor.locator("#fichier").setInputFiles(PDF);
  await doctor.selectOption("#type", "18748-4");
  await doctor.fill("#titre", WORDS);
  await doctor.check("input[name=visible][value=annonce]");
  await doctor.getByRole("button", { name: "Déposer le document" }).click();
  await doctor.waitForURL(/\/depot\/[\w-]+$/);
  const lid = doctor.url().split("/").at(-1);
  await doctor.goto(record);
  assert.match(await text(doctor), /À annoncer au patient/);

  assert.deepEqual(await shown(), before);
  const untold = (what, where) => assert.ok(!what.includes(WORDS) && !what.includes(lid), `told by ${where}`);
  await marie.goto(`${home}/acces?tout=1`);
  untold(await marie.content(), "the journal");
  const table = await download(marie, marie.getByRole("link", { name: /^Télécharger/ }), "acces.csv");
  const csv = await readFile(table, "utf8");
  untold(csv, "the table");
  const mine = csv.split("\r\n").filter((line) => line.includes("MARTIN") && line.includes("déposé"));
  assert.deepEqual(mine.filter((line) => line.startsWith(`"${today}"`)), [], "no deposit of today");
  await marie.goto(`${home}/documents`);
  await marie.fill("#mots", WORDS);
  await marie.press("#mots", "Enter");
  await marie.waitForURL(/recherche/);
  assert.match(await text(marie), /aucun document trouvé/);
  marie.expected = 1;
  assert.equal((await marie.goto(`${home}/document/${lid}`)).status(), 404);
  await marie.goto(`${home}/export`);
  const hidden = await unzip(await download(marie, marie.getByRole("button", { name: /Télécharger/ }), "avant.zip"));
  untold(hidden.bytes, "the export");
  untold(hidden.names.join(), "the export's names");

  await doctor.getByRole("link", { name: /^Rendre visible maintenant/ }).click();
  await doctor.getByRole("button", { name: "Rendre visible maintenant" }).click();
  await doctor.waitForURL(/\/document\//);
  const after = await shown();
  assert.match(after["/documents"], new RegExp(WORDS));
  const seen = (page) => Number(page.match(/(\d+) documents visibles/)[1]);
  assert.equal(seen(after.martin), seen(before.martin) + 1);
  await marie.goto(home);
  assert.equal(await marie.locator(`.news-list a[href$="${lid}"]`).count(), 1, "new on her home");
  await marie.goto(`${home}/export`);
  const told = await unzip(await download(marie, marie.getByRole("button", { name: /Télécharger/ }), "apres.zip"));
  assert.equal(told.names.length, hidden.names.length + 1);
  await finish(doctor);
  await finish(marie);
});

const WHY = "patiente inconsciente, chute dans un escalier";

test("an emergency is told to marie with its reason, examined, and answered", async () => {
  const letters = (await demo.letters()).length;
  const simon = await demo.as("dr-simon", desktop);
  await simon.fill("#ins", MARIE);
  await simon.check("input[name=acces][value=urgence]");
  await simon.getByRole("button", { name: "Ouvrir le dossier" }).click();
  await simon.waitForURL(/\/urgence$/);
  await simon.check("input[name=motif][value=inconscient]");
  await simon.fill("#raison", WHY);
  await simon.getByRole("button", { name: "Ouvrir en urgence" }).click();
  await simon.locator(".under-way").waitFor();
  assert.ok(!decodeURIComponent(simon.url()).includes("inconscient"));
  await finish(simon);

  const marie = await demo.as("marie", phone);
  const home = marie.url();
  assert.match(await marie.locator(".own-emergency").first().innerText(), /Simon[\s\S]*Urgence/i);
  await marie.goto(`${home}/acces`);
  const visit = marie.locator(".visit.emergency", { hasText: WHY });
  assert.equal(await visit.count(), 1);
  assert.match(await visit.innerText(), /Simon/i);

  const all = await demo.letters();
  const told = all.slice(0, all.length - letters).filter((letter) => letter.purpose === "notice");
  assert.equal(told.length, 1, JSON.stringify(told));
  assert.match(told[0].subject, /urgence/);
  saysNothing(told[0]);

  const referente = await demo.as("referente-hopital", desktop);
  assert.equal(new URL(referente.url()).pathname, "/referent");
  const card = referente.locator(".case", { hasText: WHY });
  await card.getByRole("link", { name: /^Examiner/ }).click();
  assert.match(await text(referente), /Bris de glace[\s\S]*Réponse attendue/);
  await referente.check("input[name=conclusion][value=justifie]");
  const answer = "Ce médecin vous a soignée ce jour-là. Nous l'avons vérifié avec le service.";
  await referente.fill("#reponse", answer);
  await referente.getByRole("button", { name: "Répondre au patient" }).click();
  await referente.waitForURL(/\/referent/);
  assert.equal(await referente.locator(".case", { hasText: WHY }).count(), 0);
  await finish(referente);

  await marie.goto(`${home}/acces`);
  assert.match(await visit.locator(".followed").innerText(), new RegExp(`justifié[\\s\\S]*${answer}`, "i"));
  await finish(marie);
});

test("a secret visit leaves nothing on the screens of léo's mother", async () => {
  const mother = await demo.as("marie", phone);
  await mother.getByRole("link", { name: "Léo Durand" }).click();
  await mother.locator(".for-relative").waitFor();
  const child = mother.url();
  const places = ["", "/documents", "/documents?tri=recu", "/droits", "/export"];
  const shown = async () => {
    const pages = { visits: await visitsOfOthers(mother, child) };
    for (const place of places) pages[place] = await read(mother, child + place);
    return pages;
  };
  await shown();
  const before = await shown();

  const doctor = await demo.as("dr-martin", desktop);
  await doctor.fill("#ins", LEO);
  await doctor.check("input[name=acces][value=secrete]");
  await doctor.getByRole("button", { name: "Ouvrir le dossier" }).click();
  await doctor.getByText("Quitter la session secrète").waitFor();
  await doctor.getByRole("link", { name: "Déposer" }).first().click();
  await doctor.locator("#fichier").setInputFiles(PDF);
  await doctor.selectOption("#type", "11488-4");
  await doctor.fill("#titre", WORDS);
  await doctor.getByRole("button", { name: "Déposer le document" }).click();
  await doctor.waitForURL(/\/depot\/[\w-]+$/);
  const lid = doctor.url().split("/").at(-1);

  assert.deepEqual(await shown(), before);
  mother.expected = 1;
  assert.equal((await mother.goto(`${child}/document/${lid}`)).status(), 404);

  const leo = await demo.as("leo", phone);
  const own = leo.url();
  assert.match(await read(leo, `${own}/documents`), new RegExp(WORDS));
  assert.match(await read(leo, `${own}/acces`), /Dr Paul Martin/i);
  assert.equal((await leo.goto(`${own}/document/${lid}`)).status(), 200);
  await finish(leo);
  await finish(doctor);
  await finish(mother);
});

test("marie takes everything away, closes, and finds it all again", async () => {
  const page = await demo.as("marie", phone);
  const home = page.url();
  const documents = await read(page, `${home}/documents`);
  const total = Number(documents.match(/(\d+) documents/)[1]) + (await page.locator(".older li").count());
  await page.goto(`${home}/export`);
  const taken = await unzip(await download(page, page.getByRole("button", { name: /Télécharger/ }), "tout.zip"));
  for (const name of ["INDEX.HTM", "INDEX.PDF", "README.TXT", "IHE_XDM/SUBSET01/METADATA.XML", "JOURNAL/ACCES.CSV"]) {
    assert.ok(taken.names.includes(name), `${name} is not in ${taken.names}`);
  }
  assert.equal(taken.names.filter((name) => /\/DOC\d+\./.test(name)).length, total, "every version of every document");

  await page.goto(`${home}/fermer`);
  assert.match(await text(page), /dix ans/);
  await page.fill("#raison", "Je préfère le papier.");
  await page.getByRole("button", { name: "Fermer le dossier" }).click();
  await page.waitForURL(/\/rouvrir/);
  assert.equal(await page.locator("h1").textContent(), "Votre dossier est fermé");

  // Every address of before leads to the three things that are left.
  const left = ["/rouvrir", "/copie", "/destruction"];
  for (const place of ["", "/documents", "/acces", "/droits", "/choix", "/export", "/ajouter", "/avis"]) {
    await page.goto(home + place);
    assert.ok(page.url().endsWith("/rouvrir"), `${place || "the home"} leads to ${page.url()}`);
  }
  const links = await page.locator("main a").evaluateAll((all) => all.map((link) => link.pathname));
  const forms = await page.locator("main form").evaluateAll((all) => all.map((form) => new URL(form.action).pathname));
  const offered = [...links, ...forms].map((path) => path.slice(path.lastIndexOf("/")));
  assert.deepEqual([...new Set(offered)].toSorted(), left.toSorted());
  assert.equal(await page.getByRole("navigation", { name: "Pages" }).count(), 0);
  await page.getByRole("link", { name: "Demander une copie" }).click();
  await page.getByRole("button", { name: "Demander une copie" }).click();
  assert.match(await page.locator("[role=status]").first().innerText(), /demande/i);

  const doctor = await demo.onDossier("dr-martin", MARIE, desktop, 1);
  assert.equal(await doctor.locator("h1").textContent(), "Dossier fermé");
  await finish(doctor);

  await page.goto(`${home}/rouvrir`);
  await page.check("#accord");
  await page.getByRole("button", { name: "Rouvrir le dossier" }).click();
  await page.waitForURL(/\/recu\//);
  assert.match(await text(page), /Dossier rouvert/);
  assert.equal(await read(page, `${home}/documents`), documents);
  await finish(page);
});
