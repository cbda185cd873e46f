// What a camera has stored: thumbnails, newest first, and the chosen ones fetched into the album, one after the other.

import { advance, ask, bytes, fill, follow, outcome, photoPage, place, tell, told } from "./device-parts.js";
import { root } from "./page.js";

const PAGE = 24;
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const AT_ONCE = 2; // thumbnails: a camera gives them slowly, and the live picture needs the line as well

export function followCard(look) {
  const drawer = document.getElementById("card");
  if (!drawer) return null;
  const album = `${root}albums/${encodeURIComponent(document.getElementById("stage").dataset.camera)}`;
  const list = drawer.querySelector(".stored");
  const said = drawer.querySelector(".said");
  const [fetchChosen, stop, more] = ["fetch", "fetch-stop", "card-more"].map((id) => document.getElementById(id));
  const tiles = new Map();
  const thumbnails = new Thumbnails();
  let next = null;
  let opened = false;
  let job = null;
  let stopped = false;

  async function read(after) {
    more.disabled = true;
    if (!tiles.size) tell(said, told.reading);
    try {
      const answer = await ask("GET", `${place}/files?limit=${PAGE}${after ? `&after=${encodeURIComponent(after)}` : ""}`);
      for (const file of answer.files) {
        if (tiles.has(file.id)) continue;
        const tile = new Tile(file, album, () => void bring([tile]), count);
        tiles.set(file.id, tile);
        list.append(tile.element);
        thumbnails.add(tile.image, file.links.thumbnail);
      }
      next = answer.next;
      more.hidden = next === null;
      drawer.querySelector(".count").textContent = answer.total ? fill(told.count, { n: answer.total }) : "";
      tell(said, tiles.size ? "" : told.empty);
      opened = true;
    } catch (error) {
      tell(said, error.message, true);
      opened = tiles.size > 0;
    }
    more.disabled = false;
  }

  const chosen = () => [...tiles.values()].filter((tile) => tile.chosen);

  function count() {
    const n = chosen().length;
    fetchChosen.disabled = n === 0 || job !== null;
    tell(fetchChosen.querySelector("span"), n ? fill(told.fetchCount, { n }) : told.fetchChosen);
  }

  async function bring(wanted) {
    if (job !== null) return;
    job = {};
    stopped = false;
    stop.hidden = false;
    count();
    let done = 0;
    let failed = 0;
    const tally = () => wanted.length > 1 && tell(said, fill(told.fetchedOf, { n: done, all: wanted.length }));
    for (const tile of wanted) {
      if (stopped) break;
      tally();
      try {
        const over = await follow(await tile.begin(), (now) => {
          job = now;
          tile.heard(now);
        });
        tile.end(over);
        if (over.state === "done") done++;
      } catch (error) {
        failed++;
        tile.fail(error.message);
      }
    }
    job = null;
    stop.hidden = true;
    tell(said, summary(wanted, done, failed), failed > 0);
    count();
    void look();
  }

  function summary(wanted, done, failed) {
    if (stopped) return told.stopped;
    if (wanted.length === 1) return wanted[0].said;
    const words = [fill(told.fetchedOf, { n: done, all: wanted.length })];
    if (failed) words.push(fill(told.notFetched, { n: failed }));
    return words.join(" ");
  }

  drawer.addEventListener("toggle", () => drawer.open && !opened && void read(null));
  more.addEventListener("click", () => void read(next));
  fetchChosen.addEventListener("click", () => void bring(chosen()));
  stop.addEventListener("click", () => {
    stopped = true;
    if (job?.id) void ask("DELETE", `${place}/jobs/${job.id}`).catch((error) => tell(said, error.message, true));
  });
  return {
    told({ abilities }) {
      drawer.hidden = !abilities.includes("card");
      return !drawer.hidden;
    },
  };
}

class Tile {
  #file;
  #album;
  #box = document.createElement("input");
  #button = document.createElement("button");
  #bar = document.createElement("progress");
  #note = document.createElement("p");

  constructor(file, album, fetchIt, changed) {
    this.#file = file;
    this.#album = album;
    this.element = document.createElement("li");
    this.image = document.createElement("img");
    this.image.alt = "";
    const label = document.createElement("label");
    const frame = document.createElement("span");
    frame.className = "frame";
    frame.append(this.image);
    label.append(frame, text("name", file.name), text("when", about(file)));
    this.#note.className = "note";
    this.#bar.max = 1;
    this.#bar.hidden = true;
    this.#bar.setAttribute("aria-label", told.fetching);
    if (file.type.startsWith("image/")) {
      this.#box.type = "checkbox";
      this.#box.setAttribute("aria-label", fill(told.choose, { name: file.name }));
      this.#box.addEventListener("change", changed);
      frame.prepend(this.#box);
      this.#button.type = "button";
      this.#button.className = "button plain";
      this.#button.textContent = told.fetch;
      this.#button.setAttribute("aria-label", fill(told.fetchName, { name: file.name }));
      this.#button.addEventListener("click", fetchIt);
      this.element.append(label, this.#button, this.#bar, this.#note);
    } else {
      this.element.append(label, this.#note);
      tell(this.#note, told.film);
    }
  }

  get chosen() {
    return this.#box.checked;
  }

  /** What is to be said of it now. */
  get said() {
    return this.#note.textContent;
  }

  begin() {
    this.element.dataset.state = "busy";
    this.#bar.hidden = false;
    this.#bar.removeAttribute("value");
    tell(this.#note, told.fetching);
    return ask("POST", `${place}/files/${this.#file.id}/fetch`);
  }

  heard(job) {
    advance(this.#bar, job);
  }

  end(job) {
    this.#bar.hidden = true;
    tell(this.#note, outcome(job));
    this.element.dataset.state = job.state;
    if (job.state !== "done") return;
    this.#box.checked = false;
    const link = document.createElement("a");
    link.className = "button plain";
    link.href = photoPage(this.#album, job.photo);
    link.textContent = told.inAlbum;
    const focused = document.activeElement === this.#button;
    this.#button.replaceWith(link);
    if (focused) link.focus({ preventScroll: true });
  }

  fail(message) {
    this.element.dataset.state = "failed";
    this.#bar.hidden = true;
    tell(this.#note, message, true);
  }
}

/** Loads pictures that have come into sight, a few at a time. */
class Thumbnails {
  #waiting = [];
  #loading = 0;
  #addresses = new WeakMap();
  #seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        this.#seen.unobserve(target);
        this.#waiting.push(target);
      }
      this.#go();
    },
    { rootMargin: "200px" },
  );

  add(image, address) {
    this.#addresses.set(image, address);
    this.#seen.observe(image);
  }

  #go() {
    while (this.#loading < AT_ONCE && this.#waiting.length) {
      const image = this.#waiting.shift();
      this.#loading++;
      const over = () => {
        this.#loading--;
        this.#go();
      };
      image.addEventListener("load", over, { once: true });
      image.addEventListener("error", () => (image.remove(), over()), { once: true });
      image.src = this.#addresses.get(image);
    }
  }
}

function text(kind, words) {
  const element = document.createElement("span");
  element.className = kind;
  element.textContent = words;
  return element;
}

function about(file) {
  const taken = Date.parse(file.taken);
  return [Number.isNaN(taken) ? "" : MOMENT.format(taken), file.size ? bytes(file.size) : ""].filter(Boolean).join(" · ");
}
