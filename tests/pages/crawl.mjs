// Walks the site as somebody: every page that a link leads to, one of each kind.

/** The kind of an address: what is one dossier's, one document's, one day's, is one kind. */
export function kindOf(address) {
  const url = new URL(address);
  const path = url.pathname
    .replace(/^\/dossier\/[\w-]{20,}/, "/dossier/…")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…")
    .replace(/\/fichier\/\d+/, "/fichier/…");
  const names = [...url.searchParams.keys()].sort();
  return names.length ? `${path}?${names.join("&")}` : path;
}

/** Addresses one does not follow: files, frames, and what ends the session. */
const LEFT_OUT = /\/(pdf|original|fichier|lecture|telecharger|csv|accuse|depliant)\b|\.(pdf|csv|zip|json)\b|deconnexion|\/connexion\/depart|\/demo\b|^\/assets/;

/**
 * Every kind of page that a person reaches by links from where they are, an address of each; `also`: where to start too.
 * `visit` is called on each page as it is met. `except`: paths that are not followed either.
 */
export async function crawl(page, base, visit, { also = [], most = 80, except = /^$/ } = {}) {
  const waiting = [page.url(), ...also.map((path) => base + path)];
  const seen = new Map();
  while (waiting.length && seen.size < most) {
    const address = waiting.shift();
    const kind = kindOf(address);
    if (seen.has(kind)) continue;
    seen.set(kind, address);
    const response = await page.goto(address, { waitUntil: "load" });
    await visit(page, kind, response);
    const links = await page.locator("a[href]").evaluateAll((all) => all.map((a) => a.href));
    for (const link of links) {
      const url = new URL(link);
      url.hash = "";
      const left = LEFT_OUT.test(url.pathname) || except.test(url.pathname);
      if (url.origin === base && !left && !seen.has(kindOf(url.href))) waiting.push(url.href);
    }
  }
  return seen;
}
