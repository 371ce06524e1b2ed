// Comfort only: every page works without it. Filters the list of documents without asking the server again, and
// gives the search box a key. Writes text, never HTML.

const filter = document.querySelector("[data-filter][data-complete]");
if (filter) {
  const rows = [...document.querySelectorAll(".row[data-class]")];
  const months = [...document.querySelectorAll(".month")];
  const count = document.querySelector("[data-count]");
  const whole = count.textContent;
  const total = filter.dataset.total;

  const show = (wanted) => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = wanted !== "" && row.dataset.class !== wanted;
      if (!row.hidden) shown += 1;
    }
    for (const month of months) month.hidden = !month.querySelector(".row:not([hidden])");
    for (const chip of filter.querySelectorAll(".chip")) {
      if (chip.dataset.class === wanted) chip.setAttribute("aria-current", "true");
      else chip.removeAttribute("aria-current");
    }
    const words = shown > 1 ? "documents affichés" : "document affiché";
    count.textContent = wanted === "" ? whole : `${shown} ${words} sur ${total}`;
  };

  filter.addEventListener("click", (event) => {
    const chip = event.target.closest("a[data-class]");
    if (!chip || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    show(chip.dataset.class);
    history.replaceState(null, "", chip.href);
  });
}

// `/` goes to the search, unless something is being typed (WCAG 2.1.4: it moves the focus and does nothing else).
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("input[type=search]");
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const off = (() => { try { return localStorage.getItem("raccourcis") === "non"; } catch { return false; } })();
  if (event.key === "/" && !off && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});

// Two minutes before a session ends by itself, a bar offers to stay. Each page that is read begins the count again.
{
  const idle = document.body.matches(".for-patient, .for-relative") ? 30 : 15;
  const warned = 2;
  let bar = null;
  let count = 0;
  const begin = () => {
    clearTimeout(count);
    count = setTimeout(warn, (idle - warned) * 60_000);
  };
  const stay = async () => {
    const answer = await fetch("/connexion/prolonger", { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return location.reload();
    bar.remove();
    begin();
  };
  const warn = () => {
    bar = document.createElement("div");
    bar.className = "staying";
    bar.setAttribute("role", "alert");
    const says = document.createElement("p");
    says.textContent = `Votre session se termine dans ${warned} minutes.`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = "Rester connecté";
    button.addEventListener("click", stay);
    bar.append(says, button);
    document.body.append(bar);
  };
  // The form that leaves is there when somebody is signed in.
  if (document.querySelector('form[action="/deconnexion"]')) begin();
}
