// What happened to a camera, below its picture: the newest first, live; and over the picture what goes on right now.

import { HappeningLog } from "./happening-log.js";
import { duration, fill, instant, say } from "./page.js";

const words = JSON.parse(document.getElementById("happenings-words").textContent);
const PICTURES = new Set(["lost", "refused", "back", "started", "ended"]); // the page says these in its own way
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

const section = document.getElementById("happenings");
const list = document.getElementById("happenings-list");
const more = document.getElementById("happenings-more");
const mark = document.getElementById("going-on");
document.querySelector(".theatre").append(mark);

const rows = new Map(); // of the list, by the key of their entry
const log = new HappeningLog(section.dataset.camera, { guest: "guest" in section.dataset, changed: show });

function show() {
  const entries = log.entries();
  const keys = new Set(entries.map(({ key }) => key));
  for (const [key, row] of rows) {
    if (keys.has(key)) continue;
    row.remove();
    rows.delete(key);
  }
  entries.forEach((entry, place) => {
    const row = rows.get(entry.key) ?? made(entry.key);
    fillRow(row, entry);
    // Only what is not in its place is moved: a row that has the focus, or is being read, stays where it is.
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  section.hidden = entries.length === 0;
  more.hidden = !log.more;
  say(mark, [...new Set(log.goingOn().filter(({ kind }) => !PICTURES.has(kind)).map(({ kind }) => noun(kind)))].join(" · "));
}

function made(key) {
  const row = document.createElement("li");
  row.append(document.createElement("time"), document.createElement("span"), document.createElement("span"));
  row.children[1].className = "what";
  row.children[2].className = "why";
  rows.set(key, row);
  return row;
}

function fillRow(row, entry) {
  const [time, what, why] = row.children;
  const began = Date.parse(entry.at);
  time.dateTime = entry.at;
  time.title = instant(began);
  say(time, clock(began));
  row.dataset.kind = entry.kind;
  row.classList.toggle("going", entry.going);
  say(what, sentence(entry));
  say(why, entry.reason ?? Object.values(entry.facts).join(" · "));
}

function clock(ms) {
  const today = new Date(ms).toDateString() === new Date().toDateString();
  return today ? CLOCK.format(ms) : `${DAY.format(ms)}, ${CLOCK.format(ms)}`;
}

/** "Motion (12 s)", "No video for 2 min", "No video, back by 15:10". */
function sentence(entry) {
  const base = words[`${entry.kind}Over`] ? entry.kind : null;
  if (entry.end === null) return entry.going && base ? words[`${base}Going`] : noun(entry.kind);
  const time = duration(Date.parse(entry.end) - Date.parse(entry.at));
  if (entry.endedBy === "restart" || entry.endedBy === "unwatched") {
    return base ? fill(words[`${base}By`], { time: clock(Date.parse(entry.end)) }) : noun(entry.kind);
  }
  if (base) return fill(words[`${base}Over`], { time });
  return fill(entry.endedBy === "silence" ? words.atLeast : words.lasted, { what: noun(entry.kind), time });
}

function noun(kind) {
  if (words.kinds[kind]) return words.kinds[kind];
  const said = kind.replaceAll("-", " ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

more.addEventListener("click", async () => {
  more.disabled = true;
  await log.older();
  more.disabled = false;
});
log.start();
