// Every page that links lead to, for each kind of person: accessible in light and dark, readable at 320 px, light, calm in
// the console, with the headers of health data; nothing of it is kept by the browser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { crawl } from "./crawl.mjs";
import { Demo, finish, MARIE } from "./demo.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let demo;
before(async () => (demo = await Demo.start()));
after(() => demo?.stop());

/** Who walks, from where, and how many kinds of page they reach at least. */
const WALKS = [
  ["a patient", () => demo.as("marie"), 20, []],
  ["a person without dossier", () => demo.as("camille"), 3, ["/ouvrir"]],
  ["a doctor", () => demo.onDossier("dr-martin", MARIE), 10, ["/", "/patients"]],
  ["an optician", () => demo.onDossier("opticien-lenoir", MARIE), 6, []],
  ["a reception agent", () => demo.as("agent-cpam"), 3, ["/guichet", "/guichet/releve"]],
  ["a référente", () => demo.as("referente-hopital"), 2, []],
  ["nobody", () => atHelp(), 15, ["/connexion", "/compte/connexion", "/compte/activation", "/etat", "/hors-ligne"]],
];

async function atHelp() {
  const page = await demo.page();
  await page.goto(`${demo.url}/aide`);
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
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        // Through the debugger: the page's own policy takes no script from elsewhere.
        await page.evaluate(axe);
        const violations = await page.evaluate(async (rules) => {
          const results = await window.axe.run(document, { iframes: false, runOnly: { type: "tag", values: rules } });
          return results.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")}`);
        }, RULES);
        found.push(...violations.map((violation) => `${kind} (${colorScheme}): ${violation}`));
      }
      const before = page.viewportSize();
      await page.setViewportSize({ width: 320, height: 640 });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 320) found.push(`${kind}: ${width} px wide at 320`);
      await page.setViewportSize(before);
    };
    const seen = await crawl(page, demo.url, visit, { also });
    await finish(page);
    assert.deepEqual(found, []);
    assert.ok(seen.size >= least, `${seen.size} kinds of page: ${[...seen.keys()].join(", ")}`);
  });
}
