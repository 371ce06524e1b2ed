// Prints what each page weighs (cold cache, all included) and how long the server takes for it, on a dossier of fifty
// documents. `DMP_BINARY=target/release/dmp node measure.mjs`. Goals: first page ≤ 120 kB, p95 ≤ 50 ms.

import { crawl, kindOf } from "./crawl.mjs";
import { Demo, MARIE } from "./demo.mjs";

const TIMES = 40;
const GOAL_BYTES = 120_000;
const GOAL_MS = 50;

const demo = await Demo.start();
try {
  const rows = [];
  const walks = [
    ["patient", () => demo.as("marie")],
    ["professionnel", () => demo.onDossier("dr-martin", MARIE)],
    ["guichet", () => demo.as("agent-cpam")],
    ["référente", () => demo.as("referente-hopital")],
  ];
  for (const [who, open] of walks) {
    const page = await open();
    const addresses = await crawl(page, demo.url, async () => {});
    const cookies = await page.context().cookies();
    const header = cookies.map((c) => `${c.name}=${c.value}`).join("; ");
    for (const address of addresses.values()) {
      const cold = await demo.page();
      await cold.context().addCookies(cookies);
      const session = await cold.context().newCDPSession(cold);
      let bytes = 0;
      await session.send("Network.enable");
      session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
      await cold.goto(address, { waitUntil: "networkidle" });
      await cold.close_();
      const times = [];
      for (let i = 0; i < TIMES; i += 1) {
        const started = performance.now();
        const response = await fetch(address, { headers: { cookie: header }, redirect: "manual" });
        await response.arrayBuffer();
        times.push(performance.now() - started);
      }
      times.sort((a, b) => a - b);
      const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
      rows.push({ who, page: kindOf(address), kB: bytes / 1000, p50: at(0.5), p95: at(0.95) });
    }
    await page.close_();
  }
  rows.sort((a, b) => b.p95 - a.p95);
  console.log("who            kB     p50 ms   p95 ms   page");
  for (const { who, page, kB, p50, p95 } of rows) {
    const over = kB * 1000 > GOAL_BYTES || p95 > GOAL_MS ? "  <- over" : "";
    const number = (value) => value.toFixed(1).padStart(7);
    console.log(`${who.padEnd(13)}${number(kB)}  ${number(p50)}  ${number(p95)}   ${page}${over}`);
  }
} finally {
  await demo.stop();
}
