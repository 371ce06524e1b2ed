// Who sees what, as people meet it: the picker, a patient, an optician, a doctor, an emergency.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, finish, LEO, MARIE } from "./demo.mjs";

let demo;
before(async () => (demo = await Demo.start()));
after(() => demo?.stop());

test("the picker shows every persona of the demo", async () => {
  const listing = await (await fetch(`${demo.url}/demo/personas.json`)).json();
  const page = await demo.page();
  await page.goto(`${demo.url}/`);
  assert.equal(new URL(page.url()).pathname, "/demo");
  const values = await page.locator("input[name=persona]").evaluateAll((inputs) => inputs.map((i) => i.value));
  for (const name of ["marie", "dr-martin", "opticien-lenoir", "dr-kone", "secretaire-blanc", "agent-cpam", "pilote"]) {
    assert.ok(values.includes(name), `${name} is not among ${values}`);
  }
  assert.equal(values.length, listing.length);
  await finish(page);
});

test("marie sees what is new, her documents, one of them, and who opened her record", async () => {
  const page = await demo.as("marie");
  assert.match(page.url(), /\/dossier\/[\w-]+$/);
  assert.ok(!page.url().includes(MARIE));
  assert.match(await page.locator("h1").textContent(), /^Bonjour Marie/);
  assert.ok(!(await page.content()).includes(MARIE), "no number in a patient's page");
  await page.locator(".tiles a", { hasText: "Mes documents" }).click();
  await page.waitForURL(/\/documents$/);

  const total = Number((await page.locator("[data-count]").textContent()).match(/^(\d+) documents/)[1]);
  assert.equal(await page.locator(".row[data-class]").count(), total);
  assert.ok(total > 100, `a document of every type: ${total}`);

  await page.locator(".row-name a").first().click();
  await page.waitForURL(/\/document\//);
  const frame = page.frameLocator("iframe.reader");
  assert.ok((await frame.locator("main").textContent()).trim().length > 10, "the document is rendered");
  assert.equal(await page.getByRole("heading", { name: "Qui peut le voir ?" }).count(), 1);
  assert.equal(await page.getByRole("heading", { name: "Qui l'a ouvert ?" }).count(), 1);

  await page.getByRole("link", { name: "Accès", exact: true }).click();
  await page.waitForURL(/\/acces$/);
  assert.equal(await page.locator("h1").textContent(), "Qui a ouvert mon dossier");
  assert.ok((await page.locator(".visit").count()) > 3);
  assert.match(await page.locator(".visit").first().textContent(), /Vous/);
  await finish(page);
});

test("the filter by kind says how many documents it leaves out, with and without a script", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await demo.documents("marie", { javaScriptEnabled });
    await page.locator(".chip[data-class='ordonnances']").click();
    await page.waitForURL(/genre=ordonnances/);
    const [, shown, total] = (await page.locator("[data-count]").textContent()).match(/^(\d+) documents affichés sur (\d+)/);
    assert.ok(Number(shown) < Number(total));
    assert.equal(await page.locator(".row[data-class]:visible").count(), Number(shown));
    assert.equal(await page.locator(".row[data-class='resultats']:visible").count(), 0);
    assert.equal(await page.locator(".chip[aria-current]").getAttribute("data-class"), "ordonnances");
    await finish(page);
  }
});

test("opticien-lenoir sees on marie's record his twelve types and his own documents, nothing else", async () => {
  // The official row of the profession (crates/nomenclature/data/matrix.toml, opticien-lunetier).
  const twelve = [
    "Autre document du patient",
    "CR de bilan fonctionnel",
    "CR de consultation en ophtalmologie",
    "Document administratif déposé par le patient",
    "Intervention pharmaceutique",
    "Prescription (autre)",
    "Prescription d'actes d'orthoptie",
    "Prescription de soins",
    "Renouvellement ordonnance par pharmacien correspondant",
    "Schéma dentaire",
    "Traitement ou document de soins déposé par le patient",
    "Volontés et droits du patient",
  ];
  const page = await demo.onDossier("opticien-lenoir", MARIE);
  const rows = await page.locator(".row").evaluateAll((all) =>
    all.map((row) => [row.querySelector(".row-official").textContent, row.querySelector(".row-by").textContent]),
  );
  const others = rows.filter(([, author]) => !author.includes("LENOIR"));
  assert.deepEqual([...new Set(others.map(([type]) => type))].toSorted(), twelve);
  await finish(page);

  const marie = await demo.documents("marie");
  const all = new Set(await marie.locator(".row-name a").allTextContents());
  assert.ok(all.size > 100, `a document of every type: ${all.size}`);
  await finish(marie);
});

test("a professional whom nobody authorised is refused, opens in emergency with a reason, and the family sees it", async () => {
  const page = await demo.onDossier("dr-roux", LEO, {}, 1);
  // Refused, and told what would open it: the patient's agreement, or an emergency.
  assert.equal(await page.locator("h1").textContent(), "Déclarer l'accord du patient");
  await page.getByRole("link", { name: /Accès d'urgence/ }).click();
  await page.check("input[value=inconscient]");
  await page.fill("#raison", "essai, enfant inconscient");
  await page.click("text=Ouvrir en urgence");
  await page.waitForSelector(".under-way");
  assert.match(await page.locator(".under-way").textContent(), /essai, enfant inconscient/);
  assert.ok(!decodeURIComponent(page.url()).includes("inconscient"));
  await finish(page);
  const mother = await demo.as("marie");
  await mother.getByRole("link", { name: "Léo Durand" }).click();
  await mother.waitForSelector(".for-relative");
  await mother.getByRole("link", { name: "Accès", exact: true }).click();
  await mother.waitForURL(/\/acces$/);
  assert.equal(await mother.locator(".visit.refused", { hasText: "ROUX" }).count(), 1);
  assert.equal(await mother.locator(".visit.emergency", { hasText: "essai, enfant inconscient" }).count(), 1);
  await mother.locator(".chip", { hasText: "Urgence" }).click();
  await mother.waitForURL(/vue=urgence/);
  assert.ok((await mother.locator(".visit.emergency").count()) > 0);
  assert.equal(await mother.locator(".visit:not(.emergency)").count(), 0);
  await finish(mother);
});

test("those who read no dossier are told so", async () => {
  for (const [persona, heading, words] of [
    ["secretaire-blanc", "Trouver un dossier", /Elle ne montre aucun document/],
    ["agent-cpam", "Ouvrir un dossier", /./],
    ["referente-hopital", "Accès à examiner", /./],
    ["pilote", "Accueil", /jamais un dossier/],
  ]) {
    const page = await demo.as(persona);
    assert.equal(await page.locator("h1").textContent(), heading, persona);
    assert.match(await page.locator("main").textContent(), words, persona);
    await finish(page);
  }
});
