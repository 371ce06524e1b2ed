
// The professional's keyboard: j and k walk through the documents, Enter previews, Esc closes, ? helps. One switch turns
// the single keys off (WCAG 2.1.4); it is kept on this device. Everything it does can be done without it.
{
  const kept = "raccourcis";
  const read = () => { try { return localStorage.getItem(kept) !== "non"; } catch { return true; } };
  const keep = (on) => { try { localStorage.setItem(kept, on ? "oui" : "non"); } catch { /* a browser that keeps nothing */ } };

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  const switches = document.querySelectorAll("[data-keys-switch]");
  const showSwitch = () => {
    for (const button of switches) {
      button.setAttribute("aria-pressed", String(read()));
      button.querySelector("[data-keys-state]").textContent = read() ? "activés" : "arrêtés";
    }
  };
  for (const button of switches) {
    button.hidden = false;
    button.addEventListener("click", () => { keep(!read()); showSwitch(); });
  }
  showSwitch();

  const help = document.querySelector("[data-keys-help]");
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }
  document.querySelector("[data-keys-close]")?.addEventListener("click", () => help.close());

  const record = document.querySelector("[data-record]");
  const preview = document.querySelector("[data-preview]");
  if (record && preview) {
    const frame = preview.querySelector("[data-preview-frame]");
    const wide = window.matchMedia("(min-width: 62rem)");
    const rows = () => [...record.querySelectorAll(".documents .row:not([hidden])")];
    const link = (row) => row?.querySelector(".row-name a");
    let at = null;

    const go = (by) => {
      const list = rows();
      if (list.length === 0) return;
      const here = list.indexOf(at);
      const next = list[Math.min(Math.max(here + by, 0), list.length - 1)];
      at?.classList.remove("at");
      at = next;
      at.classList.add("at");
      link(at).focus({ preventScroll: true });
      at.scrollIntoView({ block: "nearest" });
    };
    const open = (row) => {
      const to = link(row);
      at?.classList.remove("at");
      at = row;
      at.classList.add("at");
      preview.querySelector("[data-preview-title]").textContent = to.textContent;
      preview.querySelector("[data-preview-page]").href = to.href;
      preview.querySelector("[data-preview-print]").href = `${to.href}/lecture?seul`;
      frame.src = `${to.href}/lecture`;
      preview.hidden = false;
      document.body.classList.add("previewing");
      at.scrollIntoView({ block: "nearest" });
    };
    const close = () => {
      preview.hidden = true;
      frame.removeAttribute("src");
      document.body.classList.remove("previewing");
      link(at)?.focus();
    };
    const move = (by) => { go(by); if (at) open(at); };

    preview.querySelector("[data-preview-close]").addEventListener("click", close);
    for (const button of preview.querySelectorAll("[data-preview-move]")) {
      button.addEventListener("click", () => { move(Number(button.dataset.previewMove)); button.focus(); });
    }
    record.addEventListener("focusin", (event) => {
      const row = event.target.closest?.(".documents .row");
      if (row && row !== at) {
        at?.classList.remove("at");
        at = row;
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
      if (event.key === "Escape" && !preview.hidden) { close(); return; }
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (typing || !read()) return;
      if (event.key === "j" || event.key === "k") {
        event.preventDefault();
        const by = event.key === "j" ? 1 : -1;
        if (preview.hidden) go(by); else move(by);
      } else if (event.key === "?") {
        event.preventDefault();
        help.showModal();
      } else if (event.key === "Enter" && wide.matches) {
        const row = event.target.closest?.(".documents .row");
        if (row && event.target === link(row)) {
          event.preventDefault();
          open(row);
        }
      }
    });
  }

  // A deposit: the words of the file's name, or of the title, tell a type. It is offered, never chosen.
  const types = document.querySelector("[data-suggest]");
  const said = document.querySelector("[data-suggestion]");
  if (types && said) {
    const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
    const words = () => {
      const file = document.getElementById("fichier").files[0]?.name ?? "";
      return fold(`${document.getElementById("titre").value} ${file}`).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    };
    const tells = (option) => option.dataset.words.split(" ").some((start) => words().some((word) => word.startsWith(start)));
    const offer = () => {
      const found = [...types.options].find((option) => option.dataset.words && tells(option));
      said.textContent = "";
      if (!found || found.selected) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "chip";
      button.textContent = `Choisir « ${found.textContent} »`;
      button.addEventListener("click", () => { types.value = found.value; said.textContent = ""; types.focus(); });
      said.append("D'après le nom : ", button);
    };
    document.getElementById("fichier").addEventListener("change", offer);
    document.getElementById("titre").addEventListener("change", offer);
  }
}
