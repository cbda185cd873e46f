// Snap: a photo is taken, kept on this phone at once, sent when there is a network, and shown where it is.

import { AlbumFeed } from "./feed.js";
import { fill, root, say, words } from "./page.js";
import { Queue } from "./queue.js";
import { Sender } from "./sending.js";
import { SnapList } from "./snap-list.js";
import { thumbnail } from "./thumbnail.js";
import { offerCamera } from "./viewfinder.js";

const page = document.getElementById("snap");
const album = page.dataset.album;
const part = (name) => document.getElementById(name);
const queue = new Queue(`onlooker${root}`);
const sender = new Sender(queue, root);
const feed = new AlbumFeed(root, album);
const list = new SnapList(part("shots"), part("shot"), {
  retry: (id) => void sender.retry(id),
  remove: (id) => void queue.remove(id),
});
let chain = Promise.resolve(); // photos are kept one after the other: a phone has little memory
let keeping = 0;
let locked = false; // whether the album's feed lets this visitor in no more
let counted = null; // how many were safe, the last time it was told

function keep(files, fromCamera) {
  const caption = part("note").value.trim();
  part("note").value = "";
  const author = part("author")?.value.trim() ?? "";
  keeping += files.length;
  show();
  for (const file of files) chain = chain.then(() => keepOne(file, { caption, author, fromCamera }));
}

async function keepOne(file, { caption, author, fromCamera }) {
  const about = {
    album,
    caption,
    author,
    name: file.name,
    type: file.type,
    size: file.size,
    // A camera's file is new; one from the gallery says when it was last changed, which is the best there is.
    takenAt: new Date(fromCamera ? Date.now() : file.lastModified || Date.now()).toISOString(),
  };
  try {
    const { record, outcome } = await queue.add(about, file);
    keeping--;
    if (outcome !== "kept") tell(outcome === "full" ? words.full : words.fleeting);
    else void navigator.storage?.persist?.().catch(() => {});
    sender.wake();
    const thumb = await thumbnail(file);
    if (thumb) await queue.change(record.id, { thumb }).catch(() => {});
  } catch {
    tell(words.unreadable);
  }
}

function tell(sentence) {
  say(part("storage").querySelector("span"), sentence);
  part("storage").hidden = false;
}

function show() {
  const records = queue.of(album);
  const waiting = queue.unsent();
  const safe = records.filter(({ state }) => ["safe", "waiting", "seen"].includes(state)).length;
  const offline = waiting.length > 0 && (sender.cut || !navigator.onLine);
  list.show(records, { cut: offline, approve: page.dataset.approve === "true" });
  look();
  part("empty").hidden = records.length > 0 || keeping > 0;
  page.dataset.waiting = waiting.length + keeping;
  part("network").hidden = !(offline || !navigator.onLine);
  part("access").hidden = !sender.refused && !locked;
  const durable = waiting.every(({ fleeting }) => !fleeting);
  const count = waiting.length + keeping;
  const refused = records.filter(({ state }) => state === "refused").length;
  const lines = [];
  if (refused > 0) lines.push(fill(many(refused, "refused"), { n: refused }));
  if (count > 0) lines.push(fill(many(count, durable ? "stay" : "held"), { n: count }));
  else if (safe > 0) lines.push(fill(many(safe, refused > 0 ? "nowSafe" : "allSafe"), { n: safe }));
  say(part("summary"), lines.join(" "));
  part("clear").hidden = safe === 0 || count > 0;
  if (counted !== null && safe > counted) say(part("announcer"), fill(many(safe - counted, "nowSafe"), { n: safe - counted }));
  counted = safe;
}

const many = (n, name) => words[n === 1 ? `${name}One` : `${name}Many`];

let due = 0;
function changed() {
  due ||= requestAnimationFrame(() => {
    due = 0;
    show();
  });
  if (document.hidden) {
    cancelAnimationFrame(due); // nothing is drawn there; it is shown when somebody looks again
    due = 0;
  }
}

// What everybody sees now; also what was approved while this page was closed.
function seen(photo) {
  for (const record of queue.of(album)) {
    if (record.photo !== photo.id || record.state === "seen") continue;
    void queue.change(record.id, { state: "seen", ...(record.thumb ? {} : { picture: photo.thumbnail }) }).catch(() => {});
  }
}

function look() {
  for (const record of queue.of(album)) if (feed.photos.has(record.photo)) seen(feed.photos.get(record.photo));
}

for (const kind of ["added", "changed"]) feed.addEventListener(kind, ({ detail }) => seen(detail.photo));
feed.addEventListener("reset", look);
feed.addEventListener("state", () => {
  if (!feed.connected) return;
  lock(false);
  sender.wake(); // the feed hears first that the hub is back
});
feed.addEventListener("locked", () => lock(true));
feed.addEventListener("gone", () => lock(page.dataset.guest === "true")); // what a share that has ended led to
function lock(now) {
  locked = now;
  changed();
}
queue.addEventListener("changed", changed);
sender.addEventListener("state", changed);
for (const kind of ["online", "offline"]) addEventListener(kind, changed);
document.addEventListener("visibilitychange", changed);

for (const [name, fromCamera] of [["camera", true], ["gallery", false]]) {
  part(name).addEventListener("change", (event) => {
    keep([...event.target.files], fromCamera);
    event.target.value = ""; // the same photo may be chosen again
  });
}
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  keep([...event.dataTransfer.files], false);
});
part("clear").addEventListener("click", async () => {
  for (const { id, state } of queue.of(album)) if (["safe", "waiting", "seen"].includes(state)) await queue.remove(id);
});
part("try").addEventListener("click", () => {
  feed.resume();
  sender.wake();
});

const author = part("author");
if (author) {
  try {
    author.value = localStorage.getItem("onlooker.name") ?? "";
    author.addEventListener("input", () => localStorage.setItem("onlooker.name", author.value.trim()));
  } catch {
    // Storage is refused: the name lasts as long as the page.
  }
}

addEventListener("beforeunload", (event) => {
  if (keeping > 0 || queue.unsent().some(({ fleeting }) => fleeting)) event.preventDefault();
});

let install = null;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  install = event;
  part("install").hidden = false;
});
part("install").addEventListener("click", async () => {
  part("install").hidden = true;
  await install?.prompt();
});

// This page and its files, and nothing else, are kept for when there is no network.
async function keepShell() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(`${root}sw.js`, { scope: root });
  const { active } = await navigator.serviceWorker.ready;
  const files = [...document.querySelectorAll("link[href], script[src]")].map((one) => one.href || one.src);
  active.postMessage({ page: location.origin + location.pathname, files });
}

part("insecure").hidden = isSecureContext;
void offerCamera(part("viewfinder"), part("look"), (photo) => keep([photo], false)).catch(() => {});
await queue.load();
look();
sender.wake();
void feed.start();
show();
page.dataset.ready = "";
keepShell().catch(() => {}); // without it the page works all the same, with a network
