// Installable: the worker keeps the shell only. The policy lets that one address through and nothing else.
{
  const WORKER = "/service-worker.js";
  if ("serviceWorker" in navigator && window.isSecureContext) {
    const only = (address) => {
      if (address !== WORKER) throw new TypeError("no other worker");
      return address;
    };
    const policy = window.trustedTypes?.createPolicy("dmp-worker", { createScriptURL: only });
    navigator.serviceWorker.register(policy ? policy.createScriptURL(WORKER) : WORKER).catch(() => {});
  }
}
