// A browser as small as these tests need it: cookies of each site, redirections, forms without scripts.

export class Browser {
  jars = new Map();

  async go(url, form) {
    for (let hops = 0; hops < 20; hops += 1) {
      const address = new URL(url, this.address);
      const jar = this.jars.get(address.host) ?? new Map();
      this.jars.set(address.host, jar);
      const cookies = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const headers = { cookie: cookies, ...(form && { origin: address.origin }) };
      const body = form && new URLSearchParams(form);
      const answer = await fetch(address, { method: form ? "POST" : "GET", headers, body, redirect: "manual" });
      for (const set of answer.headers.getSetCookie()) {
        const [pair] = set.split(";");
        const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
        if (/max-age=0|expires=thu, 01 jan 1970/i.test(set) || value === "") jar.delete(name);
        else jar.set(name, value);
      }
      this.address = address;
      this.status = answer.status;
      this.text = await answer.text();
      const to = answer.headers.get("location") ?? answer.headers.get("refresh")?.split("url=")[1];
      if (!to) return this;
      url = to;
      form = undefined;
    }
    throw new Error(`redirections without end: ${this.address}`);
  }

  /** Sends the first form that has that text in it, with these values over those it holds. */
  async submit(marker, values = {}) {
    const forms = [...this.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)];
    const found = forms.find(([whole]) => whole.includes(marker));
    if (!found) throw new Error(`no form with ${marker} at ${this.address}:\n${this.text}`);
    const [, head, inside] = found;
    const attribute = (text, name) => text.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1]?.replaceAll("&amp;", "&");
    const fields = {};
    for (const [, input] of inside.matchAll(/<input\b([^>]*)>/g)) {
      if (attribute(input, "type") === "hidden") fields[attribute(input, "name")] = attribute(input, "value") ?? "";
    }
    return this.go(attribute(head, "action") ?? this.address, { ...fields, ...values });
  }
}
