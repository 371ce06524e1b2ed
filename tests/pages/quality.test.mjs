// What every page must be besides its looks (everywhere.test.mjs): whole without a script, light, calm in the console.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, finish, MARIE } from "./demo.mjs";

const FIRST_PAGE_BYTES = 120_000;

let demo;
before(async () => (demo = await Demo.start()));
after(() => demo?.stop());

/** Every kind of page: name, and how one gets there. */
const PAGES = [
  ["picker", (options) => at(options, "/demo")],
  ["help", (options) => at(options, "/aide")],
  ["a patient's record", (options) => demo.as("marie", options)],
  ["a patient's documents", (options) => demo.documents("marie", options)],
  ["the same, filtered", (options) => from("marie", options, filtered, /genre/)],
  ["a document", (options) => from("marie", options, firstDocument, /document\//)],
  ["who sees it", (options) => from("marie", options, whoSees, /qui$/)],
  ["adding a document", (options) => from("marie", options, under("/ajouter"), /ajouter/)],
  ["the same, with errors", (options) => from("marie", options, nothingAdded, /ajouter/, 1)],
  ["what is masked from now on", (options) => from("marie", options, under("/documents/reglage"), /reglage/)],
  ["a patient's choices", (options) => from("marie", options, under("/choix"), /choix/)],
  ["the same, to answer again", (options) => from("marie", options, under("/choix/revoir"), /revoir/)],
  ["a child's dossier to open", (options) => from("marie", options, (page) => page.goto(`${demo.url}/ouvrir/enfant`), /enfant/)],
  ["the journal", (options) => from("marie", options, (page) => page.getByRole("link", { name: "Accès", exact: true }).click(), /acces/)],
  ["a search", (options) => from("marie", options, search, /recherche/)],
  ["opening a dossier", (options) => demo.as("dr-martin", options)],
  ["a wrong number", (options) => from("dr-martin", options, wrongNumber, /dossier/, 1)],
  ["a professional's record", (options) => demo.onDossier("dr-martin", MARIE, options)],
  ["an emergency to declare", (options) => from("dr-martin", options, emergency, /urgence/)],
  ["an unknown page", (options) => from("dr-martin", options, (page) => page.goto(`${demo.url}/dossier/rien`), /rien/, 1)],
  ["a secretary's page", (options) => demo.as("secretaire-blanc", options)],
];

async function at(options, path) {
  const page = await demo.page(options);
  await page.goto(demo.url + path);
  return page;
}

async function from(persona, options, act, where, expected = 0) {
  const page = await demo.as(persona, options);
  page.expected = expected;
  await act(page);
  await page.waitForURL(where);
  await page.waitForLoadState();
  return page;
}

async function toDocuments(page) {
  await page.getByRole("link", { name: "Documents", exact: true }).click();
  await page.waitForURL(/\/documents$/);
}

async function filtered(page) {
  await toDocuments(page);
  await page.click(".chip[data-class='ordonnances']");
}

async function firstDocument(page) {
  await toDocuments(page);
  await page.locator(".row-name a").first().click();
}

async function whoSees(page) {
  await firstDocument(page);
  await page.click("text=Voir personne par personne");
}

const under = (path) => (page) => page.goto(page.url() + path);

async function nothingAdded(page) {
  await under("/ajouter")(page);
  await page.click("text=Ajouter à mon dossier");
  await page.waitForSelector(".errors");
}

async function search(page) {
  await toDocuments(page);
  await page.fill("#mots", "traitement");
  await page.press("#mots", "Enter");
}

async function wrongNumber(page) {
  await page.fill("#ins", "284073523811417");
  await page.click("text=Ouvrir le dossier");
  await page.waitForSelector(".errors");
}

async function emergency(page) {
  await page.fill("#ins", MARIE);
  await page.check("input[value=urgence]");
  await page.click("text=Ouvrir le dossier");
}

for (const [name, open] of PAGES) {
  test(`${name} is whole without a script`, async () => {
    const page = await open({ javaScriptEnabled: false });
    const text = await page.locator("main").innerText();
    await finish(page);
    assert.ok(text.length > 40, text);
  });
}

test("a first page weighs at most 120 kB, all included", async () => {
  for (const open of [() => at({}, "/demo"), () => demo.as("marie"), () => demo.onDossier("dr-martin", MARIE)]) {
    const signedIn = await open();
    const cookies = await signedIn.context().cookies();
    const url = signedIn.url();
    await finish(signedIn);
    const page = await demo.page();
    await page.context().addCookies(cookies);
    const session = await page.context().newCDPSession(page);
    let bytes = 0;
    await session.send("Network.enable");
    session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
    await page.goto(url, { waitUntil: "networkidle" });
    await finish(page);
    assert.ok(bytes > 3_000 && bytes <= FIRST_PAGE_BYTES, `${bytes} bytes for ${new URL(url).pathname.slice(0, 12)}`);
  }
});

test("the pages carry the headers of health data, and assets are kept", async () => {
  const page = await demo.as("marie");
  const response = await page.reload();
  const headers = response.headers();
  assert.match(headers["content-security-policy"], /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
  assert.doesNotMatch(headers["content-security-policy"], /unsafe/);
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["referrer-policy"], "no-referrer");
  const css = await page.locator("link[rel=stylesheet]").getAttribute("href");
  const asset = await page.request.get(demo.url + css);
  assert.match(asset.headers()["cache-control"], /immutable/);
  await finish(page);
});

test("everything is reached by keyboard, and the focus is seen", async () => {
  const page = await demo.documents("marie");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Aller au contenu");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "contenu");
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "mots");
  await page.keyboard.type("/");
  assert.equal(await page.inputValue("#mots"), "/", "a slash is typed where one types");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
  assert.equal(outline, "2px");
  await finish(page);
});
