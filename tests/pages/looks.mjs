// What every page must look like: accessible by axe in light and in dark, and readable at 320 px.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe says against the page as it stands. In dark, colours alone differ. */
async function violations(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  const run = colorScheme === "light" ? { type: "tag", values: RULES } : { type: "rule", values: ["color-contrast"] };
  return page.evaluate(async (runOnly) => {
    const results = await window.axe.run(document, { iframes: false, preload: false, runOnly });
    return results.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")}`);
  }, run);
}

/** Every violation, and how wide the page is where it is wider than a narrow screen. */
export async function faults(page) {
  // Through the debugger: the page's own policy takes no script from elsewhere.
  await page.evaluate(axe);
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    const said = await violations(page, colorScheme);
    found.push(...said.map((violation) => `${colorScheme}: ${violation}`));
  }
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > 320) found.push(`${width} px wide at 320`);
  await page.setViewportSize(before);
  return found;
}
