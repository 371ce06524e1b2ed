// Pictures of the main screens, for the README and `docs/screens`: `node screens.mjs FOLDER`, on a demo of its own. Invented
// people only. Where ImageMagick is installed, each picture is reduced to a palette: a third of the weight.

import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Demo, MARIE } from "./demo.mjs";

const folder = process.argv[2] ?? "screens";
const desktop = { viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.5 };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
await mkdir(folder, { recursive: true });
const demo = await Demo.start();

/** The page that a link of the current page leads to. */
async function follow(page, selector) {
  await page.locator(selector).first().click();
  await page.waitForLoadState("networkidle");
  return page;
}

/** A page of Marie's own dossier, by the end of its address. */
async function marie(path, options) {
  const page = await demo.as("marie", options);
  if (!path) return page;
  const response = await page.goto(`${page.url()}/${path}`);
  if (!response.ok()) throw new Error(`${path}: ${response.status()}`);
  return page;
}

/** The desk's form, for somebody whose identity document was seen. */
async function desk() {
  const page = await follow(await demo.as("agent-cpam", desktop), ".desk-cards li:nth-child(2) button");
  return follow(page, "text=Carte d'identité");
}

/** What a référent examines: a doctor opened a dossier in an emergency. */
async function review() {
  const emergency = await demo.onDossier("dr-simon", MARIE, desktop, 2);
  await emergency.goto(`${emergency.url()}/urgence`);
  await emergency.locator("input[type=radio]").first().check();
  await emergency.fill("textarea", "Patiente inconsciente, arrivée par les pompiers");
  await follow(emergency, "button.danger");
  await emergency.close_();
  return follow(await demo.as("referente-hopital", desktop), 'a[href^="/referent/"]');
}

const record = (colorScheme) => demo.onDossier("dr-martin", MARIE, { ...desktop, colorScheme });
const shots = {
  "dossier-light": () => record("light"),
  "dossier-dark": () => record("dark"),
  depot: async () => follow(await record("light"), 'a[href$="/depot"]'),
  accueil: () => marie("", phone),
  documents: () => marie("documents", phone),
  "qui-peut-voir": () => marie("droits", phone),
  journal: () => marie("acces", phone),
  guichet: desk,
  referent: review,
};

/** Fewer colours, the same picture; without ImageMagick it stays as it is. */
function lighten(file) {
  try {
    execFileSync("convert", [file, "-strip", "-dither", "None", "-colors", "96", "-define", "png:compression-level=9", `PNG8:${file}`]);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

try {
  for (const [name, open] of Object.entries(shots)) {
    const page = await open();
    await page.waitForLoadState("networkidle");
    const file = join(folder, `${name}.png`);
    await page.screenshot({ path: file });
    lighten(file);
    await page.close_();
  }
} finally {
  await demo.stop();
}
