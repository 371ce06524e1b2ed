// The patient's own stories: opening a record alone, adding a photograph, masking a report.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, finish } from "./demo.mjs";

let demo;
before(async () => (demo = await Demo.start()));
after(() => demo?.stop());

const phone = { viewport: { width: 360, height: 740 } };

/** A photograph as a telephone makes it: drawn in a page of the browser. */
async function photograph(type) {
  const page = await demo.browser.newPage();
  const address = await page.evaluate((wanted) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [600, 800];
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 600, 800);
    pen.fillStyle = "#123";
    pen.font = "36px sans-serif";
    pen.fillText("Glycémie 1,05 g/L", 60, 120);
    return canvas.toDataURL(wanted);
  }, type);
  await page.close();
  return Buffer.from(address.split(",")[1], "base64");
}

/** The last code that left, as the demo's letter box tells it. */
async function lastCode(page) {
  const letters = await (await page.request.get(`${demo.url}/demo/courrier.json`)).json();
  const codes = JSON.stringify(letters).match(/\b\d{6}\b/g) ?? [];
  return { codes, letters };
}

test("camille opens her record alone, in five screens, on a telephone", async () => {
  const page = await demo.as("camille", phone);
  assert.match(page.url(), /\/ouvrir$/);
  assert.match(await page.locator(".identity").textContent(), /RENAULT/);
  assert.equal(await page.locator("input:checked").count(), 0, "nothing is ticked beforehand");
  await page.check("input[name=identite]");
  await page.click("text=Continuer");

  await page.check("input[name=information]");
  await page.click("text=Continuer");

  assert.equal(await page.locator("input:checked").count(), 0, "nothing is ticked beforehand");
  page.expected = 1;
  await page.click("text=Continuer");
  assert.equal(await page.locator(".errors li").count(), 7, "each question is to be answered");
  for (const [name, value] of Object.entries({
    ouvrir: "oui",
    samu: "oui",
    urgence: "oui",
    masques: "non",
    medecin: "tard",
    remboursements: "non",
    avis: "mail",
  })) {
    await page.locator(`input[name=${name}][value=${value}]`).check();
  }
  await page.click("text=Continuer");

  const before = (await lastCode(page)).codes;
  await page.check("input[name=canal][value=mail]");
  await page.fill("#mail", "camille.renault@exemple.fr");
  await page.click("text=Continuer");
  await page.waitForSelector("#code");
  const { codes, letters } = await lastCode(page);
  const fresh = codes.find((code) => !before.includes(code));
  assert.ok(fresh, `no code in ${JSON.stringify(letters)}`);
  assert.doesNotMatch(JSON.stringify(letters), /diagnostic|Dr |hôpital/, "no health data in a message");
  await page.fill("#code", fresh);
  await page.click("text=Ouvrir le dossier");

  await page.waitForURL(/\/ouvrir\/fait\//);
  assert.equal(await page.locator("h1").textContent(), "Votre dossier est ouvert");
  assert.match(await page.locator("main").textContent(), /vous-même/);
  await page.click("text=Aller à mon dossier");
  await page.waitForURL(/\/dossier\//);
  assert.match(await page.locator("h1").textContent(), /^Bonjour Camille/i);
  await finish(page);
});

test("marie adds a photograph, a PNG becomes one, and both are read at once", async () => {
  const page = await demo.as("marie", phone);
  for (const [type, title] of [["image/jpeg", "Ma prise de sang"], ["image/png", "Ma copie d'écran"]]) {
    await page.goto(`${demo.url}/`);
    await page.click("text=Ajouter un document");
    const file = { name: `photo.${type.slice(6)}`, mimeType: type, buffer: await photograph(type) };
    await page.setInputFiles("#fichier", file);
    await page.locator("[data-picked]", { hasText: "Photo" }).waitFor();
    assert.ok(await page.locator("[data-preview]").isVisible());
    await page.check("input[name=genre][value=DOCPAT05]");
    await page.fill("#jour", "2026-03-12");
    await page.fill("#titre", title);
    await page.check("input[name=qui][value=autorises]");
    await page.click("text=Ajouter à mon dossier");
    await page.waitForURL(/\/document\//);
    assert.match(await page.locator(".done").textContent(), /Votre document est dans votre dossier/);
    const picture = page.frameLocator("iframe.reader").locator("img");
    await picture.waitFor();
    assert.equal(await picture.evaluate((image) => image.naturalWidth), 600);
    await page.getByRole("link", { name: "Documents", exact: true }).click();
    await page.locator(".row", { hasText: title }).waitFor();
  }
  await finish(page);
});

test("marie masks a report without a script, and shows it again", async () => {
  const page = await demo.documents("marie", { ...phone, javaScriptEnabled: false });
  await page.locator(".row[data-class=resultats] .row-name a").first().click();
  await page.waitForURL(/\/document\//);
  await page.check("input[name=qui][value=masque]");
  await page.click("text=Enregistrer ce choix");
  assert.match(await page.locator(".done").textContent(), /^\s*Document masqué/);
  assert.equal(await page.locator(".badge.masked").count(), 1);
  await page.click("text=Voir personne par personne");
  assert.ok((await page.locator(".sees-not", { hasText: "ce document est masqué" }).count()) > 0);
  await page.goBack();
  await page.check("input[name=qui][value=autorises]");
  await page.click("text=Enregistrer ce choix");
  assert.match(await page.locator(".done").textContent(), /de nouveau visible/);
  assert.equal(await page.locator(".badge.masked").count(), 0);
  await finish(page);
});
