
// Passkeys: the browser's answer goes into the form, which is then posted like any other. Without JavaScript, or where
// the browser has none, the form stays hidden and the password serves.
{
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  const create = async ({ publicKey }) => {
    const user = { ...publicKey.user, id: bytes(publicKey.user.id) };
    const challenge = bytes(publicKey.challenge);
    const excludeCredentials = known(publicKey.excludeCredentials);
    const made = await navigator.credentials.create({
      publicKey: { ...publicKey, challenge, user, excludeCredentials },
    });
    const { attestationObject, clientDataJSON } = made.response;
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      extensions: {},
      response: { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) },
    };
  };

  const get = async ({ publicKey }) => {
    const challenge = bytes(publicKey.challenge);
    const allowCredentials = known(publicKey.allowCredentials);
    const found = await navigator.credentials.get({
      publicKey: { ...publicKey, challenge, allowCredentials },
    });
    const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
    return {
      id: found.id,
      rawId: text(found.rawId),
      type: found.type,
      extensions: {},
      response: {
        authenticatorData: text(authenticatorData),
        clientDataJSON: text(clientDataJSON),
        signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null,
      },
    };
  };

  const belongs = (domain) => location.hostname === domain || location.hostname.endsWith(`.${domain}`);

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential || !window.isSecureContext || !belongs(form.dataset.domain)) continue;
    form.hidden = false;
    const problem = form.querySelector("[role=alert]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.hidden = true;
      try {
        const body = new URLSearchParams(new FormData(form));
        const asked = await fetch(form.dataset.options, { method: "POST", body, redirect: "error" });
        if (!asked.ok) throw new Error(asked.status);
        const { billet, options } = await asked.json();
        const ceremony = form.dataset.passkey === "create" ? create : get;
        const answer = await ceremony(options);
        form.elements.billet.value = billet;
        form.elements.reponse.value = JSON.stringify(answer);
        form.submit();
      } catch {
        problem.textContent = "La clé d'accès n'a pas répondu. Réessayez, ou entrez autrement.";
        problem.hidden = false;
      }
    });
  }
}
