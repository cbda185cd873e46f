// The photos of an album by day, in rows that fill the width. Only what is near the screen is in the document.
//
// Each day has its place from the start, as high as its number of photos will about need; its photos are loaded when
// one comes near. Whatever changes above, what one is looking at stays where it is; what is new waits out of sight
// while one is scrolled away.

import { dayOf, dayOfPhoto, dayTitle } from "./dates.js";
import { aspectOf, estimate, justify, rowHeight } from "./justify.js";
import { fill, instant, say, words } from "./page.js";
import { draw } from "./thumbhash.js";

const AWAY = 120; // px scrolled, from which on new photos wait to be asked for
const SETTLED = 120; // ms without scrolling after which photos are loaded
const AGAIN = 4000; // ms after which a page that failed is asked for again
const PENDING_SHOWN = 6;
const MOST = 200; // photos a request
const SHARP = 1.5; // how far the small picture may be stretched
const MOTION = 240; // ms

export class AlbumGrid extends EventTarget {
  #container;
  #feed;
  #open;
  #sections = []; // newest first: {day, total, high, photos, items, top, height, tiles, element, list, shown}
  #counts = new Map(); // what the hub said of each day: {photos, order}
  #held = new Set();
  #arrived = new Set(); // ids that come with a motion
  #width = 0;
  #top = 0; // of the container in the page
  #height = 0;
  #frame = 0;
  #dirty = false;
  #loading = 0;
  #settling = 0;
  #scrolledTo = 0;
  #moving = 0;

  /** open(id): somebody chose a photo. Dispatches "held" {count} and "laid" when places have changed. */
  constructor(container, feed, open) {
    super();
    this.#container = container;
    this.#feed = feed;
    this.#open = open;
    feed.addEventListener("added", ({ detail }) => this.#added(detail));
    feed.addEventListener("changed", ({ detail }) => this.#changed(detail.photo));
    feed.addEventListener("removed", ({ detail }) => this.#removed(detail.id));
    for (const kind of ["pending", "reset"]) feed.addEventListener(kind, () => this.#rebuild());
    feed.addEventListener("state", () => feed.connected && this.#retryPictures());
    addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#rebuild()).observe(container);
    container.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-photo]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#open(link.dataset.photo);
    });
  }

  /** What the hub says of every day: [{day, photos, order}]. */
  days(days) {
    this.#counts = new Map(days.map((day) => [day.day, { photos: day.photos, order: day.order }]));
    this.#rebuild();
  }

  /** The days with their places: [{day, top, height}], px from the top of the page. */
  get places() {
    return this.#sections.map(({ day, top, height }) => ({ day, top: this.#top + top, height }));
  }

  /** How many photos there are as far as is known. */
  get count() {
    return this.#sections.reduce((sum, { total }) => sum + total, 0);
  }

  /** Lets the photos in that waited. */
  release() {
    if (this.#held.size === 0) return;
    this.#held.clear();
    this.#tellHeld();
    this.#rebuild();
  }

  /** Brings a photo into view, if it is among those loaded, and returns its link. */
  reveal(id) {
    const section = this.#sections.find(({ items }) => items.some((item) => item.id === id));
    if (!section) return null;
    const tile = section.tiles[section.items.findIndex((item) => item.id === id)];
    const top = this.#top + section.top + tile.top;
    if (top < scrollY || top + tile.height > scrollY + innerHeight) {
      scrollTo({ top: Math.max(0, top + tile.height / 2 - innerHeight / 2), behavior: "instant" });
    }
    this.#update();
    return section.shown.get(id)?.firstElementChild ?? null;
  }

  /** Loads until the photo after (newer than) this one is there, if there is one. */
  async loadNewer(photo) {
    const newer = this.#sections.filter(({ high }) => high > photo.order).at(-1);
    while (newer && !(this.#feed.run(newer.high)?.low <= photo.order)) {
      if (!(await this.#feed.page(this.#missing(newer), MOST))) return;
    }
  }

  #added({ photo, live }) {
    if (live) {
      const newest = this.#sections[0]?.photos[0]?.order ?? 0;
      const day = dayOfPhoto(photo);
      const known = this.#counts.get(day);
      this.#counts.set(day, { photos: (known?.photos ?? 0) + 1, order: Math.max(known?.order ?? 0, photo.order) });
      if (this.#away() && photo.order > newest) {
        this.#held.add(photo.id);
        this.#tellHeld();
      } else {
        this.#arrived.add(photo.id);
        this.#move();
      }
    }
    this.#rebuild();
  }

  #changed(photo) {
    for (const { shown } of this.#sections) {
      const link = shown.get(photo.id)?.firstElementChild;
      if (link) name(link, photo);
    }
    this.#rebuild();
  }

  #removed(id) {
    if (this.#held.delete(id)) this.#tellHeld();
    const section = this.#sections.find(({ photos }) => photos.some((photo) => photo.id === id));
    const known = section && this.#counts.get(section.day);
    if (known) known.photos--;
    this.#move();
    this.#rebuild();
  }

  #tellHeld() {
    this.dispatchEvent(new CustomEvent("held", { detail: { count: this.#held.size } }));
  }

  #away() {
    return scrollY > AWAY;
  }

  // The tiles glide to their new places rather than jump, this once.
  #move() {
    this.#container.classList.add("moving");
    clearTimeout(this.#moving);
    this.#moving = setTimeout(() => this.#container.classList.remove("moving"), MOTION);
  }

  #rebuild() {
    this.#dirty = true;
    this.#schedule();
  }

  #schedule() {
    if (document.hidden) this.#update(); // frames do not come to hidden pages, photos do
    else this.#frame ||= requestAnimationFrame(() => this.#update());
  }

  #scrolled() {
    if (scrollY < AWAY / 3) this.release();
    this.#schedule();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#load(), SETTLED);
    // Not for what only flies by on the way to somewhere else.
    if (Math.abs(scrollY - this.#scrolledTo) < innerHeight / 2) void this.#load();
    this.#scrolledTo = scrollY;
  }

  #update() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#dirty) {
      this.#dirty = false;
      const anchor = this.#anchor();
      this.#group();
      this.#lay();
      this.#hold(anchor);
      this.dispatchEvent(new CustomEvent("laid"));
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => this.#load(), SETTLED);
    }
    this.#show();
  }

  // Photos into days; a day keeps its element.
  #group() {
    const days = new Map();
    for (const photo of this.#feed.list()) {
      if (this.#held.has(photo.id)) continue;
      const day = dayOfPhoto(photo);
      if (!days.has(day)) days.set(day, []);
      days.get(day).push(photo);
    }
    const pending = this.#away() ? [] : [...this.#feed.pending.values()].slice(-PENDING_SHOWN).reverse();
    const today = dayOf(Date.now());
    const names = new Set([...days.keys(), ...this.#counts.keys(), ...(pending.length ? [today] : [])]);
    const before = new Map(this.#sections.map((section) => [section.day, section]));
    const sections = [];
    for (const day of [...names].sort().reverse()) {
      const photos = days.get(day) ?? [];
      const known = this.#counts.get(day);
      const high = Math.max(known?.order ?? 0, photos[0]?.order ?? 0);
      const waiting = day === today ? pending : [];
      const total = Math.max(known?.photos ?? 0, photos.length);
      if (total === 0 && waiting.length === 0) continue;
      const section = before.get(day) ?? { day, element: null, list: null, shown: new Map() };
      before.delete(day);
      sections.push(Object.assign(section, { photos, high, total, items: [...waiting, ...photos] }));
    }
    for (const { element } of before.values()) element?.remove();
    this.#sections = sections;
    sections.forEach((section, index) => {
      const low = (sections[index + 1]?.high ?? 0) + 1;
      section.whole = (this.#feed.run(section.high)?.low ?? Infinity) <= low;
      if (section.whole) section.total = section.photos.length;
    });
  }

  #lay() {
    const style = getComputedStyle(this.#container);
    const [gap, heading, between] = ["--gap", "--heading", "--between"].map((name) => parseFloat(style.getPropertyValue(name)));
    this.#width = this.#container.clientWidth;
    this.#top = this.#container.getBoundingClientRect().top + scrollY;
    const space = { width: this.#width, height: rowHeight(this.#width, this.count), gap };
    const usual = usualAspect(this.#sections);
    let top = 0;
    for (const section of this.#sections) {
      const rest = section.whole ? 0 : Math.max(0, section.total - section.photos.length);
      const { tiles, height } = justify(section.items.map((item) => (item.width ? aspectOf(item) : 4 / 3)), {
        ...space,
        more: rest > 0,
      });
      section.top = top;
      section.filled = heading + height;
      section.tiles = tiles.map((tile) => ({ ...tile, top: tile.top + heading }));
      section.height = heading + height + estimate(rest, usual, space);
      top += section.height + between;
    }
    this.#height = Math.max(0, top - between);
    this.#container.style.height = `${this.#height}px`;
    this.#container.style.setProperty("--row", `${Math.round(space.height)}px`);
  }

  // The first photo that is in sight, and where; at the top it is the top that stays.
  #anchor() {
    if (!this.#away()) return null;
    const y = scrollY - this.#top;
    const section = this.#sections.find(({ top, height }) => top + height > y);
    const index = section?.tiles.findIndex((tile) => section.top + tile.top + tile.height > y) ?? -1;
    if (!section) return null;
    if (index < 0) return { day: section.day, y: section.top - y };
    return { day: section.day, id: section.items[index].id, y: section.top + section.tiles[index].top - y };
  }

  #hold(anchor) {
    const section = anchor && this.#sections.find(({ day }) => day === anchor.day);
    if (!section) return;
    const index = anchor.id ? section.items.findIndex(({ id }) => id === anchor.id) : -1;
    if (anchor.id && index < 0) return;
    const y = section.top + (index < 0 ? 0 : section.tiles[index].top) - (scrollY - this.#top);
    if (Math.abs(y - anchor.y) >= 1) scrollBy({ top: y - anchor.y, behavior: "instant" });
  }

  #show() {
    const y = scrollY - this.#top;
    const from = y - innerHeight;
    const to = y + 2 * innerHeight;
    for (const [index, section] of this.#sections.entries()) {
      const near = section.top < to && section.top + section.height > from;
      const focused = section.element?.contains(document.activeElement);
      if (near || focused) this.#showSection(section, index, from, to);
      else if (section.element) {
        section.element.remove();
        section.shown.clear();
        section.element = null;
      }
    }
    this.#arrived.clear();
  }

  #showSection(section, index, from, to) {
    if (!section.element) {
      const element = (section.element = document.createElement("section"));
      const heading = document.createElement("h2");
      heading.id = `day-${section.day}`;
      heading.append(document.createElement("span"), document.createElement("small"));
      section.list = document.createElement("ul");
      section.rest = document.createElement("div");
      element.setAttribute("aria-labelledby", heading.id);
      element.append(heading, section.list, section.rest);
    }
    const { element, list, shown } = section;
    if (!element.isConnected) {
      const after = this.#sections.slice(index + 1).find((other) => other.element?.isConnected);
      this.#container.insertBefore(element, after?.element ?? null);
    }
    element.style.top = `${section.top}px`;
    element.style.height = `${section.height}px`;
    section.rest.hidden = section.whole;
    section.rest.style.top = `${section.filled}px`;
    say(element.querySelector("span"), dayTitle(section.day));
    say(element.querySelector("small"), section.total === 1 ? words.onePhoto : section.total ? fill(words.photos, { n: section.total }) : "");
    const ids = new Set();
    let place = list.firstElementChild;
    section.items.forEach((item, i) => {
      const tile = section.tiles[i];
      const y = section.top + tile.top;
      let entry = shown.get(item.id);
      const inSight = y < to && y + tile.height > from;
      if (!inSight && !entry?.contains(document.activeElement)) return;
      if (entry && entry.dataset.kind !== kindOf(item)) {
        if (entry === place) place = entry.nextElementSibling;
        entry.remove();
        entry = null;
      }
      if (!entry) {
        entry = item.sha256 ? photoTile(item) : pendingTile(item);
        if (this.#arrived.has(item.id)) entry.classList.add("new");
        shown.set(item.id, entry);
      }
      ids.add(item.id);
      if (entry !== place) list.insertBefore(entry, place);
      else place = entry.nextElementSibling;
      entry.style.transform = `translate(${tile.left}px, ${tile.top}px)`;
      entry.style.width = `${tile.width}px`;
      entry.style.height = `${tile.height}px`;
      if (item.sha256) sharpen(entry, item, tile);
    });
    for (const [id, entry] of shown) {
      if (ids.has(id)) continue;
      entry.remove();
      shown.delete(id);
    }
  }

  // The order before which the next photos of a day are to be asked for.
  #missing(section) {
    return this.#feed.run(section.high)?.low ?? section.high + 1;
  }

  async #load() {
    if (this.#loading || this.#feed.list().length === 0) return;
    const y = scrollY - this.#top;
    const near = (section) => section.top + section.height > y - innerHeight && section.top + section.filled < y + 2.5 * innerHeight;
    const here = (section) => section.top + section.height > y && section.top < y + innerHeight;
    const wanted = this.#sections.filter((section) => !section.whole && near(section));
    const section = wanted.find(here) ?? wanted[0];
    if (!section) return;
    this.#loading++;
    const rest = section.total - section.photos.length;
    const loaded = await this.#feed.page(this.#missing(section), Math.min(MOST, Math.max(60, rest)));
    this.#loading--;
    this.#rebuild(); // also where nothing was added: now the day is known to be whole
    if (!loaded) {
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => this.#load(), AGAIN);
    }
  }

  #retryPictures() {
    for (const image of this.#container.querySelectorAll("img[data-failed]")) {
      delete image.dataset.failed;
      image.src = image.src;
    }
  }
}

/** What a photo is called for somebody who does not see it. */
export function nameOf(photo) {
  const time = instant(Date.parse(photo.taken_at));
  const named = photo.author ? fill(words.photoBy, { author: photo.author, time }) : fill(words.photoOf, { time });
  return photo.caption ? `${photo.caption} – ${named}` : named;
}

// Of the photos that are loaded, as far as they say something.
function usualAspect(sections) {
  let [sum, count] = [0, 0];
  for (const { photos } of sections) {
    for (const photo of photos) sum += aspectOf(photo);
    count += photos.length;
  }
  return count < 10 ? 4 / 3 : sum / count;
}

const kindOf = (item) => (item.sha256 ? "photo" : "pending");

function name(link, photo) {
  link.setAttribute("aria-label", nameOf(photo));
  const caption = link.querySelector(".caption");
  say(caption, photo.caption);
}

function photoTile(photo) {
  const item = document.createElement("li");
  item.dataset.kind = "photo";
  const link = document.createElement("a");
  link.href = `#photo=${photo.id}`;
  link.dataset.photo = photo.id;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  draw(canvas, photo.thumbhash);
  const image = document.createElement("img");
  image.alt = "";
  image.decoding = "async";
  image.draggable = false;
  image.addEventListener("load", () => (item.dataset.sharp = ""));
  image.addEventListener("error", () => (image.dataset.failed = ""));
  const caption = document.createElement("span");
  caption.className = "caption";
  link.append(canvas, image, caption);
  name(link, photo);
  item.append(link);
  return item;
}

function pendingTile({ author }) {
  const item = document.createElement("li");
  item.dataset.kind = "pending";
  const said = document.createElement("p");
  said.textContent = author ? fill(words.sending, { author }) : words.sendingSomebody;
  item.append(said);
  return item;
}

// The small picture; the next larger one only where that would be stretched too far. Never back to the smaller.
function sharpen(entry, photo, { width, height }) {
  const image = entry.querySelector("img");
  const needed = Math.min(width, height) * Math.min(devicePixelRatio || 1, 2);
  const source = needed > 320 * SHARP ? photo.thumbnail.replace(/320\.webp$/, "1440.webp") : photo.thumbnail;
  if (image.dataset.size === "large" || image.getAttribute("src") === source) return;
  if (source !== photo.thumbnail) image.dataset.size = "large";
  image.src = source;
}
