// A patient and a professional sign in to `dmp serve` by a certified provider, prove again who they are, and leave.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { Browser } from "./browser.mjs";
import { startProvider } from "./provider.mjs";

const DMP = process.env.DMP_BINARY ?? new URL("../../target/debug/dmp", import.meta.url).pathname;
const NUMBER = "284073523811416";

let directory;
let provider;
let server;
let site;

async function freePort() {
  const probe = createServer();
  await new Promise((ready) => probe.listen(0, "127.0.0.1", ready));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "dmp-openid-"));
  const data = join(directory, "data");
  execFileSync(DMP, ["init", data]);
  const [own, theirs] = [await freePort(), await freePort()];
  site = `http://127.0.0.1:${own}`;
  provider = await startProvider(theirs, site);
  const client = (key, label, kind) => {
    writeFileSync(join(data, `${key}.secret`), `${key}-secret-of-thirty-two-characters\n`, { mode: 0o600 });
    return `{key = "${key}", label = "${label}", kind = "${kind}", issuer = "${provider.issuer}", ` +
      `client_id = "${key}", client_secret = "${key}.secret", algorithms = ["ES256"]}`;
  };
  const providers = [client("psc", "Pro Santé Connect", "pro-sante-connect"), client("fc", "FranceConnect", "france-connect")];
  const env = {
    ...process.env, DMP_LOG_LEVEL: "warn", DMP_HTTP_LISTEN: `127.0.0.1:${own}`, DMP_IDENTITY_PROVIDERS: `[${providers.join(", ")}]`,
  };
  server = spawn(DMP, ["serve", "--config", join(data, "dmp.toml")], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.startsWith("ready")) break;
  }
});

after(async () => {
  server?.kill();
  await provider?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Types a login at the provider, and agrees to what is asked. */
async function atTheProvider(browser, login) {
  await browser.submit('name="login"', { login, password: "any" });
  if (browser.text.includes('value="consent"')) await browser.submit('value="consent"');
}

async function leave(browser) {
  await browser.submit("/deconnexion");
  assert.equal(browser.address.origin, provider.issuer, "signing out goes on at the provider");
  await browser.submit("xsrf", { logout: "yes" });
  assert.equal(browser.address.href.split("?")[0], `${site}/connexion/fin`);
  assert.match(browser.text, /Vous êtes déconnecté/);
}

test("a professional chooses where they work today, and leaves", async () => {
  const browser = new Browser();
  await browser.go(`${site}/connexion`);
  assert.match(browser.text, /Se connecter avec Pro Santé Connect/);
  await browser.go(`${site}/connexion/depart/psc`);
  await atTheProvider(browser, "martin");
  assert.match(browser.text, /Où exercez-vous aujourd/);
  await browser.submit("/connexion/ou", { lieu: "" });
  assert.equal(browser.status, 422);
  await browser.submit("/connexion/ou", { lieu: "1" });
  assert.equal(browser.status, 200, browser.text);
  assert.match(browser.text, /Dr Paul Martin/);
  assert.match(browser.text, /Hôpital de la Baie/);
  await leave(browser);
  await browser.go(`${site}/`);
  assert.equal(browser.address.pathname, "/connexion", "nobody is signed in");
});

test("a patient gives the number once, and proves again who they are", async () => {
  const first = new Browser();
  await first.go(`${site}/connexion/depart/fc`);
  await atTheProvider(first, "marie");
  assert.match(first.text, /Votre numéro de santé/);
  await first.submit("/connexion/numero", { numero: "284073523811499" });
  assert.equal(first.status, 422);
  assert.match(first.text, /284073523811499/, "what was typed is kept");
  await first.submit("/connexion/numero", { numero: NUMBER });
  assert.match(first.text, /Marie DURAND/);

  // Any form of a page may wait: here, the one that opens a dossier.
  await first.go(`${site}/aide`);
  const csrf = first.text.match(/name="csrf" value="([^"]*)"/)[1];
  await first.go(`${site}/connexion/confirmer`, { csrf, action: "/dossier", "champ.ins": "1 <2>" });
  assert.equal(first.address.origin, provider.issuer, "the provider is asked again");
  await atTheProvider(first, "marie");
  assert.match(first.text, /Votre identité est confirmée/);
  assert.match(first.text, /name="ins" value="1 &(lt|#60);2&(gt|#62);"/);
  await leave(first);

  const again = new Browser();
  await again.go(`${site}/connexion/depart/fc`);
  await atTheProvider(again, "marie");
  assert.match(again.text, /Marie DURAND/, "the number is not asked twice");
});

test("who gives up at the provider is told so", async () => {
  const browser = new Browser();
  await browser.go(`${site}/connexion/depart/fc`);
  const abort = browser.text.match(/href="([^"]*abort)"/)[1];
  await browser.go(abort);
  assert.equal(browser.status, 200);
  assert.match(browser.text, /data-error="login-cancelled"/);
});
