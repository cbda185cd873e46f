// Runs before the first paint: the theme somebody chose is in place at once, and the wall stays
// invisible (not absent) until its tiles have been placed, so that nothing jumps.
(() => {
  const root = document.documentElement;
  if ("noModule" in HTMLScriptElement.prototype) root.classList.add("scripted");
  try {
    const chosen = localStorage.getItem("onlooker.theme");
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  } catch {
    // Storage is refused (private window): the system's theme it is.
  }
})();
