// What every page has: where the hub is, its words, the theme, full screen, a picture's words that fade.

export const root = document.documentElement.dataset.root ?? "/";
export const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

const QUIET_AFTER = 4000;

/** Puts values into a sentence: fill("{n} watching", {n: 3}). */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** "12 s", "3 min", "2 h"; days above that. */
export function duration(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return fill(words.seconds, { n: seconds });
  if (seconds < 3600) return fill(words.minutes, { n: Math.round(seconds / 60) });
  if (seconds < 86_400) return fill(words.hours, { n: Math.round(seconds / 3600) });
  return fill(words.days, { n: Math.round(seconds / 86_400) });
}

/** An instant in the reader's own words and time zone. */
export function instant(ms) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(ms);
}

/** Sets text only where it differs, so that nothing is laid out or read out twice. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let leaving = false; // whoever logs out is not to be brought back by a question that is refused meanwhile
addEventListener("submit", (event) => (leaving ||= new URL(event.target.action).pathname.endsWith("/logout")));
addEventListener("pageshow", () => (leaving = false));

/** To the log-in page, and back here afterwards. */
export function logIn() {
  if (leaving) return;
  const here = `/${location.pathname.slice(root.length)}${location.search}`;
  location.assign(`${root}login?next=${encodeURIComponent(here)}`);
}

export function toggleFullScreen() {
  if (document.fullscreenElement) void document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {});
}

/** True when a key press is a command to the page: no modifier, not into a field. */
export function isCommand(event) {
  return !(event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea"));
}

function followTheme() {
  const button = document.getElementById("theme");
  if (!button) return;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => {
    const name = dark() ? words.lightTheme : words.darkTheme;
    button.setAttribute("aria-label", name);
    button.title = name;
  };
  button.addEventListener("click", () => {
    const theme = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("onlooker.theme", theme);
    } catch {
      // Storage is refused: the choice lasts as long as the page.
    }
    show();
  });
  system.addEventListener("change", show);
  show();
}

function fadeWhenQuiet() {
  let timer = 0;
  let awake = 0;
  const wake = () => {
    const now = performance.now();
    if (now - awake < 250) return;
    awake = now;
    document.body.classList.remove("quiet");
    clearTimeout(timer);
    timer = setTimeout(() => document.body.classList.add("quiet"), QUIET_AFTER);
  };
  for (const kind of ["pointermove", "pointerdown", "keydown", "focusin"]) addEventListener(kind, wake, { passive: true });
  addEventListener("scroll", wake, { passive: true });
  wake();
}

const fullScreen = document.getElementById("fullscreen");
if (fullScreen) {
  fullScreen.hidden = !document.fullscreenEnabled;
  fullScreen.addEventListener("click", toggleFullScreen);
}
addEventListener("keydown", (event) => {
  if (event.key === "f" && isCommand(event)) toggleFullScreen();
});
followTheme();
fadeWhenQuiet();
