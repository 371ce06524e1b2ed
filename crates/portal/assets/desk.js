// The time of an opening, for the agent; the server measures it by itself.
{
  const timer = document.querySelector("[data-timer]");
  if (timer) {
    const before = Number(timer.closest("[data-elapsed]").dataset.elapsed);
    const since = performance.now();
    const tick = () => {
      const seconds = before + Math.floor((performance.now() - since) / 1000);
      timer.textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
    };
    tick();
    setInterval(tick, 1000);
  }
}
