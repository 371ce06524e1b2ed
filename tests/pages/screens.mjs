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
  if (path) await page.goto(`${page.url()}/${path}`);
  return page;
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
  "carte-urgence": () => marie("carte", phone),
  guichet: async () => follow(await demo.as("agent-cpam", desktop), ".desk-cards button"),
  referent: () => demo.as("referente-hopital", desktop),
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
