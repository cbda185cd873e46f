// An album's page: its photos by day, live; one of them opened; what its users may do with them.

import { ask } from "./ask.js";
import { offset } from "./dates.js";
import { AlbumFeed } from "./feed.js";
import { AlbumGrid } from "./grid.js";
import { Lightbox } from "./lightbox.js";
import { fill, logIn, root, say, words } from "./page.js";
import { Rail } from "./rail.js";
import { Review } from "./review.js";
import { Sharing } from "./sharing.js";
import { toast } from "./toast.js";

const CALM = 3000; // ms without the hub before it is said
const album = JSON.parse(document.getElementById("album").textContent);
const path = `albums/${encodeURIComponent(album.name)}`;
const part = (id) => document.getElementById(id);

const feed = new AlbumFeed(root, album.name);
const grid = part("grid") && new AlbumGrid(part("grid"), feed, open);
const review = part("review") && new Review(part("review"), album.name, album.state);
let single = null; // a photo that was opened by its address and is not listed

const lightbox = new Lightbox(part("lightbox"), part("page"), {
  list() {
    const list = review ? review.list() : feed.list();
    return single && !list.some(({ id }) => id === single.id) ? [single] : list;
  },
  joined: (a, b) => review !== null || feed.run(a.order) === feed.run(b.order),
  older(photo) {
    if (review) return review.older();
    const run = feed.run(photo.order);
    return run?.low === 0 ? true : feed.page(run?.low ?? photo.order + 1);
  },
  newer: (photo) => grid?.loadNewer(photo),
  atTop: (photo) => review !== null || feed.run(photo.order)?.high === Infinity,
  atEnd: (photo) => (review ? !review.more : !(feed.run(photo.order)?.low > 0)),
  details: (photo) => ask("GET", `${path}/photos/${photo.id}`).catch(() => null),
});

/* One photo, and the address that says which. */

const chosen = () => new URLSearchParams(location.hash.slice(1)).get("photo");
const address = (id) => `${location.pathname}${location.search}${id ? `#photo=${id}` : ""}`;

function open(id) {
  history.pushState({ lightbox: true }, "", address(id));
  void follow();
}

async function follow() {
  const id = chosen();
  if (!id) {
    const last = lightbox.photo;
    lightbox.hide(last ? grid?.reveal(last.id) ?? part("review")?.querySelector(`[data-photo="${last.id}"] a`) : null);
    single = null;
    return;
  }
  const known = (review ? review.list() : feed.list()).find((photo) => photo.id === id);
  const photo = known ?? (await ask("GET", `${path}/photos/${encodeURIComponent(id)}`).catch(() => null));
  if (chosen() !== id) return;
  if (!photo) {
    history.replaceState(null, "", address(null));
    toast(words.notLoaded);
    lightbox.hide();
    return;
  }
  single = known ? null : photo;
  lightbox.show(photo);
  if (single && !review && photo.state === "shown" && (await feed.page(photo.order + 1))) {
    single = null;
    lightbox.refresh();
  }
}

lightbox.addEventListener("walk", ({ detail }) => history.replaceState(history.state, "", address(detail.id)));
lightbox.addEventListener("close", () => {
  if (history.state?.lightbox) history.back();
  else {
    history.replaceState(null, "", address(null));
    void follow();
  }
});
addEventListener("popstate", () => void follow());

/* What users do with photos. */

const change = (photo, body) => ask("PATCH", `${path}/photos/${photo.id}`, body);
const ACTS = {
  approve: [(photo) => change(photo, { state: "shown" }), words.wasApproved],
  show: [(photo) => change(photo, { state: "shown" }), words.wasShown],
  hide: [(photo) => change(photo, { state: "hidden" }), words.wasHidden],
  delete: [(photo) => ask("DELETE", `${path}/photos/${photo.id}`), words.wasDeleted],
  caption: [(photo, { caption }) => change(photo, { caption }), words.saved],
};

async function act({ detail }) {
  const { kind, photo } = detail;
  const [does, said] = ACTS[kind];
  try {
    await does(photo, detail);
  } catch (error) {
    toast(error.message);
    return;
  }
  // Back to how it was; a photo that waited cannot be made to wait again, but be hidden.
  const before = { waiting: "hidden" }[photo.state] ?? photo.state;
  if (kind === "caption") toast(said);
  else toast(said, words.undo, () => change(photo, { state: before }).then(reviewAgain, (error) => toast(error.message)));
  await reviewAgain();
}

async function reviewAgain() {
  void countWaiting();
  if (!review) return;
  await review.load();
  if (lightbox.photo) lightbox.refresh();
}

lightbox.addEventListener("act", act);
review?.addEventListener("act", act);
review?.addEventListener("open", ({ detail }) => open(detail.id));
review?.addEventListener("listed", ({ detail }) => (part("empty").hidden = detail.count > 0));

let counting = 0;
async function countWaiting() {
  if (!part("waits")) return;
  const asked = ++counting;
  const answer = await ask("GET", `${path}/photos?state=waiting&limit=100`).catch(() => null);
  if (!answer || asked !== counting) return;
  const n = answer.photos.length;
  const badge = part("waits");
  badge.hidden = n === 0;
  say(badge, answer.next === null ? String(n) : "99+");
  badge.title = n === 1 ? words.oneWaits : fill(words.wait, { n: badge.textContent });
}

if (album.may.edit) {
  const sharing = new Sharing(part("sharing"), "album", album.name);
  part("share").addEventListener("click", () => sharing.open());
}

/* The album, live. */

let total = null; // photos in the album, as the hub counts them
let unsaid = 0;
let settling = 0;

async function refresh() {
  const [facts, days] = await Promise.all([
    ask("GET", path).catch(() => null),
    grid ? ask("GET", `${path}/days?offset=${offset}`).catch(() => null) : null,
  ]);
  if (days) grid.days(days.days);
  if (facts) {
    total = facts.photos;
    summarise();
  }
}

function summarise() {
  const n = Math.max(total ?? 0, feed.more ? 0 : feed.photos.size);
  say(part("count"), n === 0 ? "" : n === 1 ? words.onePhoto : fill(words.photos, { n }));
  say(part("watching"), feed.watching > 1 ? fill(words.watching, { n: feed.watching }) : "");
  part("all").hidden = n === 0;
  if (grid) part("empty").hidden = n > 0 || feed.pending.size > 0;
}

function changed(by) {
  if (total !== null) total += by;
  summarise();
  clearTimeout(settling);
  settling = setTimeout(() => {
    lightbox.refresh();
    if (review) void review.load();
  }, 60);
}

feed.addEventListener("added", ({ detail }) => {
  if (!detail.live) return;
  changed(1);
  void countWaiting();
  unsaid++;
  setTimeout(() => {
    if (unsaid) say(part("announcer"), unsaid === 1 ? words.newOne : fill(words.newOnes, { n: unsaid }));
    unsaid = 0;
  }, 1500);
});
feed.addEventListener("changed", () => changed(0));
feed.addEventListener("removed", () => changed(-1));
feed.addEventListener("waiting", () => {
  void countWaiting();
  if (review) void review.load();
});
feed.addEventListener("presence", summarise);
feed.addEventListener("pending", summarise);
feed.addEventListener("reset", () => void refresh());
feed.addEventListener("gone", () => location.reload());
feed.addEventListener("locked", logIn);

let quiet = 0;
feed.addEventListener("state", () => {
  clearTimeout(quiet);
  if (feed.connected) part("offline").hidden = true;
  else quiet = setTimeout(() => (part("offline").hidden = document.hidden), CALM);
});

const pill = part("pill");
grid?.addEventListener("held", ({ detail: { count } }) => {
  pill.hidden = count === 0;
  if (count) say(pill, count === 1 ? words.newOne : fill(words.newOnes, { n: count }));
});
pill.addEventListener("click", () => {
  scrollTo({ top: 0, behavior: "instant" });
  grid.release();
});

if (grid) new Rail(part("rail"), grid);
if (review) void review.load().then(() => chosen() && follow());
void countWaiting();
await feed.start();
if (grid && chosen()) await follow();
