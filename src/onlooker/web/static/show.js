// The show: the same photo on every screen at the same instant. What comes when is the plan's; this shows it.

import { AlbumFeed } from "./feed.js";
import { HubClock } from "./hub-clock.js";
import { fill, isCommand, logIn, root, say, toggleFullScreen, words } from "./page.js";
import { keepAwake, possible as canStayAwake } from "./show-awake.js";
import { Join } from "./show-join.js";
import { Plan, SLOT } from "./show-plan.js";

const MOST = 5000; // photos that take turns: the newest ones
const FADE = 900; // ms until a photo that was left is gone from the screen
const LONGEST_NAP = 1000; // ms between two looks at the plan, at most
const CHECK_EVERY = 10 * 60_000; // ms between two looks for a newer version of this page
const SILENT = 5000; // ms without the hub until that is said

const stage = document.getElementById("show");
const setup = document.getElementById("setup");
const album = stage.dataset.album;
const clock = new HubClock(root);
const feed = new AlbumFeed(root, album);
const join = new Join(album);
const layers = [...stage.querySelectorAll(".layer")];
// Screens of more than 1440 lines get the larger picture.
const size = () => (Math.min(screen.width, screen.height) * devicePixelRatio > 1440 ? 2160 : 1440);

let plan = new Plan([]);
let shown = null; // the photo on the screen
let front = null; // its layer
let held = 0; // hub's time until which a photo that was chosen by hand stays
let paused = false;
let preparing = null; // {photo, layer, done, failed}
let timer = 0;

function light(photo) {
  const show = Date.parse(photo.show_at);
  return { id: photo.id, order: photo.order, show, url: photo.url, caption: photo.caption, author: photo.author };
}

function replan() {
  plan = new Plan(feed.list().slice(0, MOST).map(light));
  stage.dataset.photos = plan.size;
  document.getElementById("none").hidden = plan.size > 0;
  if (shown && !feed.photos.has(shown.id)) clear();
  tick();
}

let due = 0;
function changed() {
  clearTimeout(due);
  due = setTimeout(replan, 0);
}

function tick() {
  clearTimeout(timer);
  const now = clock.hubNow();
  if (Number.isNaN(now)) return;
  const step = plan.at(now);
  let wait = LONGEST_NAP;
  if (step && (!shown || (!paused && now >= held))) {
    if (step.photo && step.photo.id !== shown?.id) present(step.photo, step);
    const next = plan.at(step.until)?.photo;
    if (next && (step.photo === null || step.photo.id === shown?.id)) prepare(next);
    wait = step.until - now;
  } else if (step && now < held) wait = held - now;
  // A timer may be early by a fraction and the clock may be set meanwhile: it is looked at again, never trusted.
  timer = setTimeout(tick, Math.min(LONGEST_NAP, Math.max(wait, 1)));
}

/** Loads and decodes a photo on a layer that nobody sees; presents it later without a stutter. */
function prepare(photo) {
  if (preparing?.photo.id === photo.id || shown?.id === photo.id) return;
  const layer = layers.find((one) => one !== front && one !== preparing?.layer && !one.classList.contains("leaving"));
  if (!layer) return; // the one before is still fading; the next tick finds its layer
  if (preparing) preparing.layer.querySelector("img").removeAttribute("src");
  const mine = { photo, layer, done: false, failed: false };
  preparing = mine;
  const image = layer.querySelector("img");
  image.src = photo.url.replace(/1440\.jpg$/, `${size()}.jpg`);
  image
    .decode()
    .then(() => {
      mine.done = true;
      drawGround(layer.querySelector("canvas"), image);
    })
    .catch(() => (mine.failed = true)) // taken away meanwhile, or no network: the photo before stays
    .then(() => preparing === mine && tick());
}

function present(photo, step) {
  prepare(photo);
  if (preparing?.photo.id !== photo.id || !preparing.done) return;
  const { layer } = preparing;
  preparing = null;
  if (front) leave(front);
  front = layer;
  shown = photo;
  layer.querySelector("img").alt = photo.caption || (photo.author ? fill(words.photoBy, { author: photo.author }) : words.photo);
  layer.classList.add("front");
  say(document.getElementById("caption"), photo.caption);
  say(document.getElementById("author"), photo.author);
  document.getElementById("credit").hidden = !photo.caption && !photo.author;
  Object.assign(stage.dataset, { photo: photo.id, planned: step ? step.from : "", revealed: clock.hubNow() });
}

function leave(layer) {
  layer.classList.remove("front");
  layer.classList.add("leaving");
  setTimeout(() => {
    layer.classList.remove("leaving");
    if (layer !== front && layer !== preparing?.layer) layer.querySelector("img").removeAttribute("src");
    tick();
  }, FADE);
}

/** What was taken away is gone at once, without a fade. */
function clear() {
  front?.classList.remove("front");
  front?.querySelector("img").removeAttribute("src");
  front = null;
  shown = null;
  delete stage.dataset.photo;
  document.getElementById("credit").hidden = true;
}

// A few colours of the photo, spread over the whole screen behind it.
function drawGround(canvas, image) {
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.filter = "blur(3px) saturate(1.2)"; // once, over few pixels, and not with every frame over all of the screen
  context.drawImage(image, -3, -3, canvas.width + 6, canvas.height + 6);
}

function leaf(by) {
  const photo = plan.beside(shown?.id, by);
  if (!photo) return;
  held = clock.hubNow() + SLOT;
  const once = () => {
    if (preparing?.photo.id === photo.id && preparing.failed) return;
    present(photo, null);
    if (shown?.id !== photo.id && held > clock.hubNow()) setTimeout(once, 60);
    else tick();
  };
  once();
}

function pause() {
  paused = !paused;
  const button = document.getElementById("pause");
  const name = paused ? words.goOn : words.pause;
  button.querySelector("use").setAttribute("href", paused ? "#sign-play" : "#sign-pause");
  button.setAttribute("aria-label", name);
  button.title = name;
  document.getElementById("paused").hidden = !paused;
  held = 0;
  tick();
}

function showCode(choice) {
  const code = document.getElementById("join");
  code.hidden = !choice?.join;
  if (choice?.join) code.querySelector("img").src = choice.qr;
}

async function begin(inFullScreen) {
  const wrong = document.getElementById("wrong");
  wrong.hidden = true;
  // At once, while the browser still takes it for the visitor's own wish.
  if (inFullScreen && !document.fullscreenElement) await document.documentElement.requestFullscreen?.().catch(() => {});
  const box = document.getElementById("with-code");
  try {
    if (!box?.checked) join.without();
    else if (!join.chosen?.join) {
      await join.with(Number(document.getElementById("lasts").value) || null, stage.dataset.title);
    }
  } catch (error) {
    say(wrong.querySelector("span"), fill(words.noCode, { reason: error.message }));
    wrong.hidden = false;
    return;
  }
  showCode(join.chosen);
  setup.close();
  void keepAwake(toldAwake);
}

function toldAwake(on) {
  for (const note of document.querySelectorAll(".asleep")) note.hidden = on;
}

function openSetup() {
  const box = document.getElementById("with-code");
  if (box) {
    box.checked = Boolean(join.chosen?.join);
    document.getElementById("lasting").hidden = !box.checked || Boolean(join.chosen?.join);
  }
  setup.showModal();
}

document.getElementById("with-code")?.addEventListener("change", (event) => {
  document.getElementById("lasting").hidden = !event.target.checked || Boolean(join.chosen?.join);
});
setup.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void begin(event.submitter?.value === "full");
});
document.getElementById("settings").addEventListener("click", openSetup);
document.getElementById("pause").addEventListener("click", pause);
document.getElementById("before").addEventListener("click", () => leaf(-1));
document.getElementById("after").addEventListener("click", () => leaf(1));
stage.addEventListener("dblclick", toggleFullScreen);

addEventListener("keydown", (event) => {
  if (!isCommand(event) || event.shiftKey || setup.open) return;
  const press = {
    " ": () => event.target.closest?.("button, a") || (event.preventDefault(), pause()),
    ArrowLeft: () => leaf(-1),
    ArrowRight: () => leaf(1),
    Escape: () => document.fullscreenElement || document.getElementById("away").click(),
  }[event.key];
  press?.();
});

let silent = 0;
feed.addEventListener("state", () => {
  clearTimeout(silent);
  if (feed.connected) {
    for (const id of ["silent", "link-ended"]) document.getElementById(id).hidden = true;
    void renew();
  } else silent = setTimeout(() => (document.getElementById("silent").hidden = feed.connected), SILENT);
});
for (const kind of ["added", "changed", "removed"]) feed.addEventListener(kind, changed);
feed.addEventListener("changed", ({ detail }) => {
  if (detail.photo.id !== shown?.id) return;
  say(document.getElementById("caption"), detail.photo.caption);
  document.getElementById("credit").hidden = !detail.photo.caption && !detail.photo.author;
});
feed.addEventListener("reset", () => {
  changed();
  void loadAll();
});
feed.addEventListener("gone", () => location.reload());
feed.addEventListener("locked", () => {
  if (stage.dataset.guest !== "true") return logIn();
  clearTimeout(silent);
  document.getElementById("silent").hidden = true;
  document.getElementById("link-ended").hidden = false;
});
clock.addEventListener("set", () => {
  Object.assign(stage.dataset, { offset: clock.offset, uncertainty: clock.uncertainty });
  tick();
});

let loading = false;
async function loadAll() {
  if (loading) return;
  loading = true;
  delete stage.dataset.complete;
  while (feed.more && feed.photos.size < MOST) {
    if (!(await feed.older(200))) await new Promise((resolve) => setTimeout(resolve, 3000));
  }
  loading = false;
  replan();
  stage.dataset.complete = "";
}

// Another version of this page is taken at once, except where that would end full screen: it is not worth that.
async function renew() {
  if (document.fullscreenElement || setup.open) return;
  try {
    const answer = await fetch(location.pathname, { cache: "no-store", headers: { Accept: "text/html" } });
    const build = /data-build="(\w+)"/.exec(await answer.text())?.[1];
    if (answer.ok && build && build !== stage.dataset.build) location.reload();
  } catch {
    // The hub does not answer; the feed says so.
  }
}
setInterval(() => document.hidden || void renew(), CHECK_EVERY);
document.addEventListener("visibilitychange", () => document.hidden || tick());

toldAwake(canStayAwake);
if (join.chosen === null) openSetup();
else {
  showCode(join.chosen);
  void keepAwake(toldAwake);
}
await Promise.all([clock.start(), feed.start()]);
replan();
