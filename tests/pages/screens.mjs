// Pictures of the pages for the README: `node screens.mjs FOLDER`, on a demo of its own. A patient's record as her
// doctor and she herself see it, in light and dark.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Demo, MARIE } from "./demo.mjs";

const folder = process.argv[2] ?? "screens";
const viewport = { width: 1280, height: 860 };
await mkdir(folder, { recursive: true });
const demo = await Demo.start();
try {
  for (const colorScheme of ["light", "dark"]) {
    const shots = {
      patient: () => demo.as("marie", { colorScheme, viewport, deviceScaleFactor: 2 }),
      professional: () => demo.onDossier("dr-martin", MARIE, { colorScheme, viewport, deviceScaleFactor: 2 }),
    };
    for (const [name, open] of Object.entries(shots)) {
      const page = await open();
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
      await page.close_();
    }
  }
} finally {
  await demo.stop();
}
