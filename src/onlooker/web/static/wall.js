// The wall: every camera on one connection, in tiles that use the space best.

import { HubStatus } from "./hub.js";
import { place } from "./layout.js";
import { fill, isCommand, logIn, root, say, words } from "./page.js";
import { LiveStream } from "./stream.js";
import { LiveView } from "./view.js";
import { nearest } from "./walk.js";
import { pictureWidth } from "./width.js";

const wall = document.getElementById("wall");
const empty = document.getElementById("empty");
const banner = document.getElementById("banner");
const total = document.getElementById("total");
const missing = document.getElementById("missing");
const announcer = document.getElementById("announcer");
const blank = document.getElementById("tile");

/** @type {Map<string, {item: HTMLElement, link: HTMLElement, view: LiveView, visible: boolean}>} */
const tiles = new Map();
let settling = 0;

const hub = new HubStatus("api/v1/cameras", { told, failed: hubFailed, refused: logIn });
const stream = new LiveStream({
  part(part) {
    const tile = tiles.get(part.headers.get("x-camera"));
    if (tile?.view.part(part)) void hub.ask();
  },
  answered() {
    banner.hidden = true;
  },
  failed: hubFailed,
  refused: logIn,
  ended(gone) {
    for (const { view, visible } of tiles.values()) {
      if (gone || !visible) view.cut();
      else view.renew();
    }
  },
});

const onScreen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const tile = tiles.get(target.dataset.camera);
      if (tile) tile.visible = isIntersecting;
    }
    settle();
  },
  { rootMargin: "80px" },
);

function adopt(item) {
  const link = item.querySelector("a");
  const name = item.dataset.camera;
  const view = new LiveView(link, hub, (now, before) => {
    if (before && (now === "lost" || before === "lost")) {
      const title = link.querySelector(".title").textContent;
      announcer.textContent = fill(now === "lost" ? words.wentLost : words.cameBack, { title });
    }
    count();
  });
  link.addEventListener("click", () => remember(name));
  tiles.set(name, { item, link, view, visible: false });
  onScreen.observe(item);
}

function told({ cameras }) {
  banner.hidden = true;
  const names = new Set(cameras.map(({ name }) => name));
  let changed = false;
  for (const [name, { item }] of tiles) {
    if (names.has(name)) continue;
    onScreen.unobserve(item);
    item.remove();
    tiles.delete(name);
    changed = true;
  }
  cameras.forEach((camera, index) => {
    if (!tiles.has(camera.name)) {
      const item = blank.content.firstElementChild.cloneNode(true);
      item.dataset.camera = camera.name;
      item.querySelector("a").href = `${root}cameras/${encodeURIComponent(camera.name)}`;
      adopt(item);
    }
    const { item, link, view } = tiles.get(camera.name);
    if (wall.children[index] !== item) {
      wall.insertBefore(item, wall.children[index] ?? null);
      changed = true;
    }
    say(link.querySelector(".title"), camera.title);
    view.told(camera);
  });
  if (changed) {
    arrange();
    settle();
  }
  count();
}

function count() {
  const lost = [...tiles.values()].filter(({ link }) => link.dataset.state === "lost").length;
  const n = tiles.size;
  say(total, n === 0 ? "" : n === 1 ? words.oneCamera : fill(words.cameras, { n }));
  say(missing.querySelector(".count"), String(lost));
  missing.hidden = lost === 0;
}

function arrange() {
  empty.hidden = tiles.size > 0;
  wall.hidden = tiles.size === 0;
  const style = getComputedStyle(wall.parentElement);
  const edges = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
  const sides = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
  const gap = parseFloat(style.getPropertyValue("--gap"));
  const page = document.documentElement;
  const placed = () =>
    place(tiles.size, {
      width: page.clientWidth - sides,
      height: page.clientHeight - wall.parentElement.offsetTop - edges,
      gap,
    });
  let plan = placed();
  page.classList.toggle("scrolls", plan.scrolls);
  plan = placed(); // a scroll bar may have taken some of the width
  wall.style.height = `${Math.floor(plan.scrolls ? plan.height : page.clientHeight - wall.parentElement.offsetTop - edges)}px`;
  [...wall.children].forEach((item, index) => {
    const { left, top, width, height } = plan.tiles[index];
    item.style.left = `${Math.round(left)}px`;
    item.style.top = `${Math.round(top)}px`;
    item.style.width = `${Math.round(left + width) - Math.round(left)}px`;
    item.style.height = `${Math.round(top + height) - Math.round(top)}px`;
  });
  wall.classList.add("placed");
}

// Opens the one stream for what is on screen now; while things move (scrolling, resizing) it waits.
function settle() {
  clearTimeout(settling);
  if (document.hidden) stream.open(null);
  else settling = setTimeout(() => stream.open(address()), 120);
}

function address() {
  const shown = [...wall.children].map((item) => [item.dataset.camera, item]).filter(([name]) => tiles.get(name)?.visible);
  if (shown.length === 0) return null;
  const width = pictureWidth(Math.max(...shown.map(([, item]) => item.clientWidth)));
  const names = shown.map(([name]) => encodeURIComponent(name)).join(",");
  return `${root}live?cameras=${names}${width ? `&width=${width}` : ""}`;
}

function hubFailed() {
  banner.hidden = document.hidden;
  for (const { view } of tiles.values()) view.cut();
}

function remember(name) {
  try {
    sessionStorage.setItem("onlooker.camera", name);
  } catch {
    // Storage is refused: the walk starts at the first tile again.
  }
}

function recall() {
  try {
    return sessionStorage.getItem("onlooker.camera");
  } catch {
    return null;
  }
}

addEventListener("keydown", (event) => {
  if (!isCommand(event) || event.shiftKey) return;
  const links = [...wall.children].map((item) => item.querySelector("a"));
  const from = links.indexOf(document.activeElement);
  const to = nearest(event.key, from, links.map((link) => link.getBoundingClientRect()));
  if (to === null) return;
  event.preventDefault();
  links[to].focus({ preventScroll: true });
  links[to].scrollIntoView({ block: "nearest" });
});

new ResizeObserver(() => (arrange(), settle())).observe(document.documentElement);
addEventListener("resize", () => (arrange(), settle()));
document.addEventListener("fullscreenchange", () => (arrange(), settle()));
document.addEventListener("visibilitychange", settle);
addEventListener("pagehide", () => stream.open(null));
addEventListener("pageshow", (event) => event.persisted && settle());
setInterval(() => {
  if (!document.hidden) for (const { view } of tiles.values()) view.tick();
}, 1000);

for (const item of wall.children) adopt(item);
arrange();
void hub.ask();
tiles.get(recall())?.link.focus({ preventScroll: false, focusVisible: false });
