// A patient decides who sees what, looks as somebody else does, and says that an access is not normal.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Demo, finish } from "./demo.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const phone = { viewport: { width: 360, height: 740 } };
let demo;

before(async () => (demo = await Demo.start()));
after(() => demo.stop());

/** No violation, and no sideways scroll. */
async function looksRight(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await globalThis.axe.run()).violations.map((v) => v.id));
  assert.deepEqual(found, [], page.url());
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${page.url()} scrolls sideways by ${over}`);
}

test("a patient blocks the optician: nothing is left of what he saw", async () => {
  const page = await demo.as("marie", phone);
  await page.click("text=Qui peut voir");
  await looksRight(page);
  const optician = page.locator("tr", { hasText: "Opticien" });
  await optician.getByRole("link", { name: /^Voir comme/ }).click();
  assert.match(await page.locator("main").innerText(), /\d+ documents? visibles?/);
  await looksRight(page);
  await page.click("text=Revenir à ma vue");
  await optician.getByRole("link", { name: /^Modifier/ }).click();
  await looksRight(page);
  await page.getByRole("link", { name: "Bloquer" }).click();
  assert.match(await page.locator("main").innerText(), /même en urgence/);
  await looksRight(page);
  await page.getByRole("button", { name: "Bloquer" }).click();
  const receipt = await page.locator("main").innerText();
  assert.match(receipt, /Blocage enregistré[\s\S]*Fait par[\s\S]*Vous[\s\S]*Référence au journal/);
  await looksRight(page);
  await page.click("text=Qui peut voir mon dossier");
  await page.locator("#bloques ~ ul a", { hasText: "Opticien" }).click();
  await page.getByRole("link", { name: "Débloquer" }).click();
  await page.getByRole("button", { name: "Débloquer" }).click();
  assert.match(await page.locator("main").innerText(), /Blocage levé/);
  await finish(page);
});

test("a patient reports an access and sees when the answer is due", async () => {
  const page = await demo.as("marie");
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Accès" }).click();
  await looksRight(page);
  await page.getByRole("link", { name: /Ce n'est pas normal/ }).first().click();
  await looksRight(page);
  await page.fill("#texte", "Je ne connais pas cette personne.");
  await page.click("text=Signaler cet accès");
  assert.match(await page.locator("main").innerText(), /Accès signalé[\s\S]*Réponse attendue/);
  await looksRight(page);
  await page.click("text=Revenir aux accès");
  assert.match(await page.locator("main").innerText(), /Signalé le .*, réponse attendue le/);
  await finish(page);
});
