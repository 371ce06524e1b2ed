// A professional's day, by keyboard alone: find a patient, read the synthesis, preview, deposit, announce.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, finish, LEO, MARIE } from "./demo.mjs";

let demo;
before(async () => (demo = await Demo.start()));
after(() => demo?.stop());

const PDF = { name: "CR irm genou.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF") };

/** Walks with the tabulation key until the element that holds this text, or this selector, has the focus. */
async function reach(page, selector) {
  for (let step = 0; step < 200; step += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`the keyboard does not reach ${selector}`);
}

test("a software opens the synthesis in one click, and no later address holds the number", async () => {
  const page = await demo.as("dr-martin");
  await page.goto(`${demo.url}/AccesDirect/DossierPatient/${MARIE}`);
  assert.match(page.url(), /\/dossier\/[\w-]+$/);
  assert.ok(!page.url().includes(MARIE));
  assert.equal(await page.getByRole("heading", { name: "Allergies" }).count(), 1);
  assert.equal(await page.getByRole("heading", { name: "Points de vigilance" }).count(), 1);
  await finish(page);
});

test("documents are walked through, previewed and left by keyboard, and the single keys can be switched off", async () => {
  const page = await demo.onDossier("dr-martin", MARIE);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const second = page.locator(".documents .row").nth(1).locator(".row-name a");
  assert.ok(await second.evaluate((link) => link === document.activeElement));
  await page.keyboard.press("Enter");
  await page.locator("[data-preview]").waitFor();
  const frame = page.locator("[data-preview-frame]");
  assert.ok((await frame.getAttribute("src")).endsWith("/lecture"));
  assert.ok(page.url().match(/\/dossier\/[\w-]+$/), "no new page");
  await page.keyboard.press("j");
  assert.equal(
    await page.locator("[data-preview-title]").textContent(),
    await page.locator(".documents .row").nth(2).locator(".row-name a").textContent(),
  );
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("[data-preview]").isHidden());
  await page.keyboard.press("/");
  assert.ok(await page.locator("#mots").evaluate((input) => input === document.activeElement));
  await page.keyboard.press("Tab");
  await page.keyboard.press("?");
  await page.locator("[data-keys-switch]").press("Enter");
  assert.equal(await page.locator("[data-keys-state]").textContent(), "arrêtés");
  await page.keyboard.press("Escape");
  await page.reload();
  await page.keyboard.press("j");
  assert.equal(await page.locator(".row.at").count(), 0, "kept on this device");
  await finish(page);
});

test("an announced report is deposited by keyboard, unseen by the patient, then made visible", async () => {
  const doctor = await demo.onDossier("dr-martin", MARIE);
  const record = doctor.url();
  const patient = await demo.as("marie");
  const home = patient.url();
  const documents = async () => {
    await patient.goto(`${home}/documents`);
    return Number((await patient.locator("[data-count]").textContent()).match(/^(\d+)/)[1]);
  };
  const known = await documents();

  await doctor.goto(`${record}/depot`);
  await doctor.locator("#fichier").setInputFiles(PDF);
  await reach(doctor, "[data-suggestion] button");
  await doctor.keyboard.press("Enter");
  assert.equal(await doctor.locator("#type").inputValue(), "18748-4");
  await reach(doctor, "input[name=visible]");
  await doctor.keyboard.press("ArrowDown");
  assert.ok(await doctor.locator("input[value=annonce]").isChecked());
  await reach(doctor, "form.deposit button[type=submit]");
  await doctor.keyboard.press("Enter");
  await doctor.waitForURL(/\/depot\/[\w-]+$/);
  assert.equal(await documents(), known, "the patient counts as many documents as before");

  await doctor.goto(record);
  await doctor.getByRole("link", { name: /^Rendre visible maintenant/ }).press("Enter");
  await doctor.waitForURL(/\/annoncer$/);
  await doctor.getByRole("button", { name: "Rendre visible maintenant" }).press("Enter");
  await doctor.waitForURL(/\/document\//);
  assert.equal(await documents(), known + 1);
  await finish(doctor);
  await finish(patient);
});

test("a secret visit of a minor leaves the parent's pages as they were", async () => {
  const parent = await demo.as("marie");
  await parent.getByRole("link", { name: /Léo/ }).first().click();
  await parent.waitForLoadState();
  const child = parent.url();
  const visits = async () => {
    await parent.goto(`${child}/acces`);
    return parent.locator(".visit", { hasText: "Paul M" }).count();
  };

  const before = await visits();
  const doctor = await demo.as("dr-martin");
  await doctor.fill("#ins", LEO);
  await doctor.check("input[value=secrete]");
  await doctor.getByRole("button", { name: "Ouvrir le dossier" }).click();
  await doctor.getByText("Quitter la session secrète").waitFor();
  await doctor.getByRole("link", { name: "Déposer" }).first().click();
  await doctor.locator("#fichier").setInputFiles(PDF);
  await doctor.selectOption("#type", "11488-4");
  await doctor.getByRole("button", { name: "Déposer le document" }).click();
  await doctor.waitForURL(/\/depot\/[\w-]+$/);
  assert.equal(await visits(), before);
  await parent.goto(`${child}/documents`);
  assert.ok(!(await parent.content()).includes("22 nov"), "nothing of today");
  await finish(doctor);
  await finish(parent);
});

test("the synthesis prints on one page", async () => {
  const page = await demo.onDossier("dr-martin", MARIE);
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, 1);
  await finish(page);
});
