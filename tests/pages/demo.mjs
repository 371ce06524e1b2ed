// A demo of its own and a browser for a test file: started before, ended after, nothing left behind.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const binary = process.env.DMP_BINARY ?? join(root, "target/debug/dmp");
const run = promisify(execFile);

/** One of our documents, in `fixtures/cda`. */
export const fixture = (name) => join(root, "fixtures/cda", name);

/** Runs `dmp`; the answer also when it exits with 1, which is how `publish` says that a file was refused. */
export async function dmp(...args) {
  try {
    return { code: 0, ...(await run(binary, args)) };
  } catch (error) {
    if (typeof error.code !== "number") throw error;
    return error;
  }
}

export class Demo {
  /** Starts the demo and the browser. */
  static async start() {
    const demo = new Demo();
    demo.data = await mkdtemp(join(tmpdir(), "dmp-pages-"));
    demo.server = spawn(binary, ["demo", "--listen", "127.0.0.1:0", "--data", demo.data, "--dossiers", "30"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    demo.errors = "";
    demo.server.stderr.on("data", (text) => (demo.errors = (demo.errors + text).slice(-4000)));
    demo.url = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not ready after two minutes: ${demo.errors}`)), 120_000);
      demo.server.once("exit", (code) => reject(new Error(`the demo ended with ${code}: ${demo.errors}`)));
      createInterface({ input: demo.server.stdout }).on("line", (line) => {
        const ready = line.match(/^ready (http:\/\/\S+)$/);
        if (!ready) return;
        clearTimeout(late);
        resolve(ready[1]);
      });
    });
    demo.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    return demo;
  }

  async stop() {
    await this.browser?.close();
    if (this.server.exitCode === null) {
      const ended = new Promise((resolve) => this.server.once("exit", resolve));
      this.server.kill("SIGTERM");
      await ended;
    }
    await rm(this.data, { recursive: true, force: true });
  }

  /** Every message that left, latest first, as the demo's mailbox tells it. */
  async letters() {
    return (await fetch(`${this.url}/demo/courrier.json`)).json();
  }

  /** The code of the last message to that address; it leaves a moment after the page. */
  async codeFor(to) {
    const plain = (address) => address.replaceAll(" ", "");
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const last = (await this.letters()).find((letter) => plain(letter.to) === plain(to) && letter.purpose === "code");
      const code = last?.text.match(/\b(\d{3}) ?(\d{3})\b/);
      if (code) return code[1] + code[2];
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no code for ${to}`);
  }

  /**
   * A page of a browser without memory, which keeps what went wrong: console messages, refusals of the content
   * security policy, requests that leave the site.
   */
  async page(options = {}) {
    const context = await this.browser.newContext({ locale: "fr-FR", timezoneId: "Europe/Paris", ...options });
    const page = await context.newPage();
    page.faults = [];
    page.expected = 0;
    page.on("console", (message) => {
      // A refusal is a page with its own status: the browser reports it, and that is what was asked for.
      const refusal = message.text().match(/^Failed to load resource: the server responded with a status of (\d+)/);
      if (refusal && [403, 404, 422].includes(Number(refusal[1])) && page.expected > 0) page.expected -= 1;
      else if (["error", "warning"].includes(message.type())) page.faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => page.faults.push(`script: ${error.message}`));
    page.on("dialog", (dialog) => {
      page.faults.push(`dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${this.url}/`) && !url.startsWith("data:")) page.faults.push(`left the site: ${url}`);
    });
    page.close_ = () => context.close();
    return page;
  }

  /** A page where that persona has signed in, through the picker as people do. */
  async as(persona, options) {
    const page = await this.page(options);
    await page.goto(`${this.url}/demo`);
    await page.locator(`form:has(input[name=persona][value="${persona}"]) button`).click();
    await page.waitForURL((url) => !url.pathname.startsWith("/demo"));
    return page;
  }

  /** The list of a patient's documents. */
  async documents(persona, options) {
    const page = await this.as(persona, options);
    await page.getByRole("link", { name: "Documents", exact: true }).click();
    await page.waitForURL(/\/documents$/);
    return page;
  }

  /** A professional's page on a dossier, opened by its number; `refusals`: how many pages may refuse on the way. */
  async onDossier(persona, ins, options, refusals = 0) {
    const page = await this.as(persona, options);
    page.expected = refusals;
    await page.fill("#ins", ins);
    await page.click("text=Ouvrir le dossier");
    await page.waitForURL(/\/dossier\//);
    return page;
  }
}

/** Ends a page, and fails on anything that went wrong in it. */
export async function finish(page) {
  await page.waitForLoadState("networkidle");
  const faults = page.faults;
  await page.close_();
  assert.deepEqual(faults, []);
}

export const MARIE = "284073523811416";
export const LEO = "118033523802725";
