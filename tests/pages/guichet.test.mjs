// The reception desk with a keyboard alone: the opening in seven actions of the agent, refusals, the statement.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { createRequire } from "node:module";
import { Demo, finish } from "./demo.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let demo;
before(async () => (demo = await Demo.start()));
after(() => demo?.stop());

/** An agent who has a keyboard and nothing else; counts what they decide: keys that move the focus are no action. */
class Keyboard {
  actions = 0;

  constructor(page) {
    this.page = page;
  }

  /** Goes to a control with the tabulation key. */
  async reach(locator) {
    for (let key = 0; key < 80; key += 1) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`not reached with the keyboard: ${locator}`);
  }

  /** A button: one action. */
  async push(locator, address) {
    await this.reach(locator);
    this.actions += 1;
    await Promise.all([this.page.waitForURL(address), this.page.keyboard.press("Enter")]);
  }

  /** A box, or the first answer of a question: one action. */
  async tick(locator) {
    await this.reach(locator);
    this.actions += 1;
    await this.page.keyboard.press("Space");
    assert.ok(await locator.isChecked());
  }

  /** Text, then Enter: one action. */
  async submit(locator, text, address) {
    await this.reach(locator);
    await this.page.keyboard.type(text);
    this.actions += 1;
    await Promise.all([this.page.waitForURL(address), this.page.keyboard.press("Enter")]);
  }
}

async function accessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
  );
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling");
}

const STEP = /\/guichet\/ouvrir\//;

test("an agent opens a dossier with a keyboard, in seven actions", async () => {
  const mobile = "06 39 98 45 67";
  for (const [persona, holder, width] of [
    ["agent-cpam", "PREVOST Alain", 1280],
    ["agent-pharmacie", "TRAORE Aminata", 768],
    ["agent-hopital", "LE BIHAN Yann", 320],
  ]) {
    const page = await demo.as(persona, { viewport: { width, height: 800 } });
    assert.equal(new URL(page.url()).pathname, "/guichet");
    await accessible(page);
    const agent = new Keyboard(page);

    await agent.push(page.getByRole("button", { name: `Carte de ${holder}` }), STEP); // 1: the card is read
    await accessible(page);
    assert.equal(await page.locator("input:checked").count(), 0);
    const seen = page.getByRole("button", { name: `Carte d'identité vue pour ${holder}` });
    await agent.push(seen, (url) => STEP.test(url.pathname) && !url.pathname.endsWith("/personne")); // 2: who, which document
    await page.locator("#information").waitFor();
    await accessible(page);
    assert.equal(await page.locator("input:checked").count(), 0, "nothing is answered beforehand");
    await agent.tick(page.locator("#information")); // 3: the leaflet was given and explained
    await agent.tick(page.locator("input[name=accord][value=oui]")); // 4: the agreement
    await agent.tick(page.locator("input[name=urgence_choix][value=tous]")); // 5: the emergency
    await agent.submit(page.locator("#joindre"), `${mobile.slice(0, -1)}${width % 10}`, /#code$/); // 6: the mobile, sent
    await accessible(page);

    // The patient types: the focus waits there.
    const code = page.locator("#code");
    assert.ok(await code.evaluate((element) => element === document.activeElement));
    await page.keyboard.type(await demo.codeFor(`${mobile.slice(0, -1)}${width % 10}`));
    await agent.push(page.getByRole("button", { name: "Ouvrir le dossier" }), /\/fait$/); // 7: the opening

    assert.equal(await page.locator("h1").textContent(), "Dossier ouvert");
    assert.ok(agent.actions <= 7, `${agent.actions} actions`);
    await accessible(page);

    const [paper] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Imprimer la feuille fermée" }).click(),
    ]);
    assert.equal(readFileSync(await paper.path()).subarray(0, 5).toString(), "%PDF-");
    const next = page.getByRole("link", { name: "Personne suivante" });
    await next.focus();
    await Promise.all([page.waitForURL(/\/guichet$/), page.keyboard.press("Enter")]);
    assert.match(await page.locator(".desk-today").textContent(), /1 dossier ouvert aujourd'hui/);

    // Read again, the card tells that a dossier is there, and nothing of it.
    await new Keyboard(page).push(page.getByRole("button", { name: `Carte de ${holder}` }), STEP);
    await page.getByRole("button", { name: `Passeport vue pour ${holder}` }).click();
    await page.waitForURL(/\/fait$/);
    assert.equal(await page.locator("h1").textContent(), "Un dossier existe déjà");
    await finish(page);
  }
});

test("a child is opened with the agreement of the parent on the card, without a script", async () => {
  const page = await demo.as("agent-cpam", { javaScriptEnabled: false });
  await page.getByRole("button", { name: "Carte de THERY Julie" }).click();
  await page.getByRole("button", { name: "Acte ou livret de famille vue pour MORVAN Nina" }).click();
  await page.getByLabel("J'ai remis le dépliant et expliqué").check();
  await page.getByLabel("Oui, THERY Julie, parent").check();
  await page.getByLabel("Les soignants, sans le Samu").check();
  await page.getByLabel("Pas de mobile ni de mail").check();
  await page.getByRole("button", { name: "Continuer" }).click();
  assert.equal(await page.locator("h1").textContent(), "Dossier ouvert");
  assert.match(await page.locator("main").textContent(), /Un enfant n'a pas de codes/);
  await finish(page);
});

test("a refusal is kept, a mistake is named beside its field", async () => {
  const page = await demo.as("agent-pharmacie");
  page.expected = 1;
  await page.getByRole("button", { name: "Carte de THERY Julie" }).click();
  await page.getByRole("button", { name: "Passeport vue pour THERY Julie" }).click();
  await page.getByRole("button", { name: "Continuer" }).click();
  const errors = page.locator(".errors");
  assert.match(await errors.textContent(), /Demandez l'accord/);
  await accessible(page);
  await errors.getByRole("link", { name: /Demandez l'accord/ }).click();
  await page.locator("input[name=accord][value=non]").check();
  await page.getByRole("button", { name: "Continuer" }).click();
  await page.waitForURL(/\/fait$/);
  assert.equal(await page.locator("h1").textContent(), "Refus enregistré");
  await finish(page);
});

test("the statement of the month counts the openings and names nobody", async () => {
  const page = await demo.as("agent-cpam");
  await page.getByRole("link", { name: "Relevé", exact: true }).click();
  await page.waitForURL(/\/guichet\/releve$/);
  await accessible(page);
  assert.equal(await page.locator(".desk-figures dd").first().textContent(), "2");
  assert.doesNotMatch(await page.locator("main").textContent(), /PREVOST|MORVAN|Alain|Nina/);
  const [csv] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Tableau (CSV)" }).click(),
  ]);
  const lines = readFileSync(await csv.path(), "utf8").trim().split("\r\n");
  assert.equal(lines.length, 2);
  assert.match(lines[1], /;"cpam";2;0;\d+;\d+$/);
  await finish(page);
});
