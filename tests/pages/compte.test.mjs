// Accounts: Marie makes one, signs in to it with a password and the code of the demo's mailbox, adds a passkey, and enters
// with it alone. Passkeys belong to a name: on the machine itself it is `localhost`, never an address.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, finish } from "./demo.mjs";

const PASSWORD = "cheval correct agrafe";
const MAIL = "marie.durand@example.org";

let demo, byAddress, login;
before(async () => {
  demo = await Demo.start();
  byAddress = demo.url;
});
after(() => demo?.stop());

async function mails() {
  const answer = await fetch(`${byAddress}/demo/courrier.json`);
  return answer.json();
}

async function code() {
  const found = (await mails()).find((mail) => mail.purpose === "code");
  return found.text.match(/\b\d{6}\b/)[0];
}

/** Types the code that was just sent. */
async function typeCode(page) {
  await page.fill("#code", await code());
  await page.click("button.main");
}

async function signIn(page) {
  await page.goto(`${demo.url}/compte/connexion`);
  await page.fill("#identifiant", login);
  await page.fill("#mot-de-passe", PASSWORD);
  await page.click("button.main");
  await typeCode(page);
  await page.waitForURL(/\/dossier\//);
}

test("a patient who entered by another service makes an account", async () => {
  const page = await demo.as("marie", { javaScriptEnabled: false });
  await page.goto(`${demo.url}/compte/securite`);
  await page.click("a.button.main");
  await page.check("input[value=mail]");
  await page.fill("#adresse", MAIL);
  await page.click("button.main");
  await page.getByText("m••••@example.org").waitFor();
  await typeCode(page);
  await page.fill("#mot-de-passe", PASSWORD);
  await page.fill("#encore", PASSWORD);
  await page.click("button.main");
  await page.waitForURL(/\/dossier\//);
  await page.goto(`${demo.url}/compte/securite`);
  login = (await page.locator("strong.code").first().textContent()).trim();
  assert.match(login, /^[2-9A-HJ-NP-Z]{10}$/);
  const told = (await mails()).find((mail) => mail.text.includes("Votre compte est activé."));
  assert.equal(told.to, MAIL);
  await finish(page);
});

test("a wrong password says what to do and keeps the login", async () => {
  const page = await demo.page();
  page.expected = 1;
  await page.goto(`${demo.url}/compte/connexion`);
  await page.fill("#identifiant", login);
  await page.fill("#mot-de-passe", "un autre mot");
  await page.click("button.main");
  await page.getByRole("alert").getByText("Identifiant ou mot de passe incorrect.").waitFor();
  assert.equal(await page.inputValue("#identifiant"), login);
  assert.equal(await page.inputValue("#mot-de-passe"), "");
  assert.equal(await page.locator("[data-passkey]").isVisible(), false, "no passkey on an address");
  await finish(page);
});

test("a passkey is made, then enters alone", async () => {
  demo.url = byAddress.replace("127.0.0.1", "localhost");
  const page = await demo.page();
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await signIn(page);
  await page.goto(`${demo.url}/compte/securite`);
  await page.click("text=Créer une clé sur cet appareil");
  await page.getByText("Votre clé d'accès est prête.").waitFor();
  await page.click("text=Quitter");
  await page.goto(`${demo.url}/compte/connexion`);
  await page.click("text=Utiliser ma clé d'accès");
  await page.waitForURL(/\/dossier\//);
  await page.goto(`${demo.url}/compte/securite`);
  await page.getByText("utilisée le").waitFor();
  assert.equal((await mails()).filter((mail) => mail.text.includes("clé d'accès a été ajoutée")).length, 1);
  await finish(page);
  demo.url = byAddress;
});
