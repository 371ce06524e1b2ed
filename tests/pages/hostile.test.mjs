// A document that attacks its reader: what the gate of deposit lets through is shown, and nothing of it acts.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Demo, dmp, finish, fixture } from "./demo.mjs";

let demo;
before(async () => (demo = await Demo.start()));
after(() => demo?.stop());

/** Publishes our synthesis with its first narrative replaced, as a new document; what `dmp publish` says. */
async function publish(name, oid, title, narrative) {
  const text = (await readFile(fixture("synthese.xml"), "utf8"))
    .replace('<id root="1.2.250.1.999.1.1"/>', `<id root="${oid}"/>`)
    .replace('<setId root="1.2.250.1.999.1"/>', `<setId root="${oid}.1"/>`)
    .replace("<title>Synthèse médicale</title>", `<title>${title}</title>`)
    .replace(/<text>[^]*?<\/text>/, `<text>${narrative}</text>`);
  const file = join(demo.data, `${name}.xml`);
  await writeFile(file, text);
  const token = await dmp("token", "--data", demo.data, "--loader");
  assert.equal(token.code, 0, token.stderr);
  const done = await dmp("publish", "--url", demo.url, "--token", token.stdout.trim(), file);
  return done.stdout;
}

test("a document that carries a script is refused at the gate", async () => {
  const said = await publish("script", "1.2.250.1.999.66.1", "Refusé", "<paragraph>a</paragraph><script>window.__xss = 1</script>");
  assert.match(said, /^refused /);
});

test("links, handlers and remote images of a document do nothing", async () => {
  const said = await publish(
    "hostile",
    "1.2.250.1.999.66.2",
    "&lt;img src=x onerror=&quot;window.__xss=1&quot;&gt; document hostile",
    `<linkHtml href="javascript:window.__xss=1">lien piège</linkHtml>
     <paragraph onmouseover="window.__xss=1" onclick="window.__xss=1">survolez ce texte</paragraph>
     <table onmouseover="window.__xss=1" background="http://attacker.example/a.png"><tbody><tr><td>case</td></tr></tbody></table>
     <linkHtml href="http://attacker.example/">lien dehors</linkHtml>
     <paragraph>&lt;script&gt;window.__xss=1&lt;/script&gt;</paragraph>`,
  );
  assert.match(said, /^published /, said);

  const page = await demo.documents("marie");
  await page.getByText("document hostile").first().waitFor();
  assert.equal(await page.locator("img").count(), 0, "the title is text");
  await page.locator(".row", { hasText: "document hostile" }).locator(".row-name a").click();
  await page.waitForURL(/\/document\//);
  const frame = page.frame({ url: /\/lecture$/ }) ?? (await page.waitForEvent("framenavigated"));
  await frame.waitForLoadState();
  const inside = page.frameLocator("iframe.reader");
  for (const words of ["lien piège", "survolez ce texte", "case", "lien dehors", "<script>window.__xss=1</script>"]) {
    const found = inside.getByText(words).first();
    await found.hover();
    await found.click();
  }
  assert.equal(await inside.locator("a[href^='javascript'], a[href^='http'], script, img").count(), 0);
  assert.equal(await inside.locator("[onmouseover], [onclick], [background], [style]").count(), 0);
  for (const where of [page, frame]) assert.equal(await where.evaluate(() => window.__xss), undefined);
  assert.equal(page.frames().length, 2, "the frame is still the document");
  const alone = await page.context().newPage();
  await alone.goto(`${frame.url()}?seul`);
  assert.equal(await alone.evaluate(() => [window.__xss, window.origin].join()), ",null", "an origin of its own");
  await finish(page);
});
