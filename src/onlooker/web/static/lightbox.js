// One photo, as large as the screen allows; its neighbours are one key or one swipe away, and loaded already.

import { when } from "./dates.js";
import { Gestures } from "./gestures.js";
import { nameOf } from "./grid.js";
import { PhotoSphere } from "./lightbox-sphere.js";
import { fill, instant, isCommand, say, toggleFullScreen, words } from "./page.js";
import { draw } from "./thumbhash.js";

const GLIDE = 180; // ms

export class Lightbox extends EventTarget {
  #element;
  #page;
  #source;
  #photo = null;
  #track;
  #slides = new Map(); // id → element, at most three
  #gestures;
  #sphere;
  #returnTo = null;
  #asked = 0;
  #coming = null; // the photo that glides in

  /**
   * source: {list() newest first, joined(a, b): nothing lies between two of it that is not loaded, newer(photo),
   * older(photo): load more there, atTop(photo), atEnd(photo), details(photo)}. Dispatches "walk" {id},
   * "close", and "act" {kind, photo} for hide, delete, approve and caption (with `caption`).
   */
  constructor(element, page, source) {
    super();
    this.#element = element;
    this.#page = page;
    this.#source = source;
    this.#track = element.querySelector(".track");
    this.#gestures = new Gestures(element.querySelector(".stage"), {
      frame: () => this.#slides.get(this.#photo?.id)?.firstElementChild,
      drag: (dx) => this.#shift(dx, 0, 1),
      pull: (dy) => this.#shift(0, dy, 1 - Math.min(0.6, dy / innerHeight)),
      turn: (step) => (step === 0 ? this.#settle() : void this.walk(step)),
      close: () => this.#tell("close"),
      tap: (event) => event.pointerType !== "mouse" ? document.body.classList.toggle("quiet") : this.#outside(event) && this.#tell("close"),
      zoomed: (scale) => scale > 1.4 && this.#sharpen(this.#photo, 2160),
    });
    this.#sphere = new PhotoSphere(element, (photo) => source.details(photo));
    const on = (id, handle) => this.#part(id)?.addEventListener("click", handle);
    on("close", () => this.#tell("close"));
    on("newer", () => void this.walk(-1));
    on("older", () => void this.walk(1));
    on("info", () => this.#toggleInfo());
    on("whole-screen", toggleFullScreen);
    for (const kind of ["approve", "hide", "delete"]) on(kind, () => this.#act(kind));
    this.#part("captioning")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#act("caption", { caption: this.#part("caption").value.trim() });
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#photo && this.#draw()).observe(element);
    if (!document.fullscreenEnabled) this.#part("whole-screen").hidden = true;
  }

  get photo() {
    return this.#photo;
  }

  /** Opens on this photo, or goes to it. */
  show(photo) {
    if (!this.#photo) {
      this.#returnTo = document.activeElement;
      this.#element.hidden = false;
      this.#page.inert = true;
      document.documentElement.classList.add("lit");
      this.#element.focus({ preventScroll: true });
    }
    this.#photo = photo;
    this.#coming = null;
    this.#gestures.reset();
    this.#draw();
    this.#describe();
    this.#settle();
    this.#sphere.show(photo);
    void this.#lookAhead();
  }

  hide(returnTo = this.#returnTo) {
    if (!this.#photo) return;
    this.#photo = this.#coming = null;
    this.#asked++;
    this.#sphere.close();
    this.#element.hidden = true;
    this.#page.inert = false;
    document.documentElement.classList.remove("lit");
    this.#track.replaceChildren();
    this.#slides.clear();
    returnTo?.focus?.({ preventScroll: true });
  }

  /** What the list says now: the photo has changed, has gone, or has other neighbours. */
  refresh() {
    if (!this.#photo) return;
    const list = this.#source.list();
    const now = list.find(({ id }) => id === this.#photo.id);
    if (now) {
      this.#photo = now;
      this.#draw();
      this.#describe();
      return;
    }
    const next = list.find(({ order }) => order < this.#photo.order) ?? list.at(-1);
    if (!next) this.#tell("close");
    else this.#go(next);
  }

  /** 1: to the next older one, -1: to the next newer one. */
  async walk(step) {
    if (this.#coming) this.#go(this.#coming); // a second key while one glides: each counts
    const from = this.#photo;
    let next = this.#beside(step);
    if (!next) {
      await (step > 0 ? this.#source.older(from) : this.#source.newer(from));
      if (this.#photo?.id !== from.id) return;
      next = this.#beside(step);
    }
    if (!next) {
      this.#settle();
      return;
    }
    this.#sphere.close();
    this.#track.classList.add("gliding");
    this.#track.style.transform = `translateX(${-step * 100}%)`;
    this.#coming = next;
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches && this.#slides.has(next.id)) {
      await new Promise((resolve) => setTimeout(resolve, GLIDE));
    }
    if (this.#photo?.id === from.id && this.#coming === next) this.#go(next);
  }

  #go(photo) {
    this.show(photo);
    this.#tell("walk", { id: photo.id });
  }

  // The next one in the list, if nothing that is not loaded lies between.
  #beside(step) {
    const list = this.#source.list();
    const next = list[list.findIndex(({ id }) => id === this.#photo.id) + step];
    return next && this.#source.joined(this.#photo, next) ? next : null;
  }

  #part(id) {
    return this.#element.querySelector(`#${id}`);
  }

  #shift(dx, dy, light) {
    this.#track.classList.remove("gliding");
    this.#track.style.transform = `translate(${dx}px, ${dy}px)`;
    this.#element.style.setProperty("--light", light);
  }

  #settle() {
    this.#element.style.setProperty("--light", 1);
    if (this.#track.style.transform) this.#track.classList.toggle("gliding", !this.#track.style.transform.includes("%"));
    this.#track.style.transform = "";
  }

  #outside(event) {
    const box = this.#slides.get(this.#photo.id).firstElementChild.getBoundingClientRect();
    return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
  }

  // The photo and its two neighbours, in their places; those that stay keep their pictures.
  #draw() {
    const near = [-1, 0, 1].map((step) => [step, step ? this.#beside(step) : this.#photo]).filter(([, photo]) => photo);
    const ids = new Set(near.map(([, { id }]) => id));
    for (const [id, slide] of this.#slides) {
      if (ids.has(id)) continue;
      slide.remove();
      this.#slides.delete(id);
    }
    for (const [step, photo] of near) {
      if (!this.#slides.has(photo.id)) this.#slides.set(photo.id, slideOf(photo));
      const slide = this.#slides.get(photo.id);
      slide.style.left = `${step * 100}%`;
      slide.ariaHidden = step === 0 ? null : "true";
      if (!slide.isConnected) this.#track.append(slide);
      const scale = Math.min(this.#track.clientWidth / photo.width, this.#track.clientHeight / photo.height);
      slide.firstElementChild.style.width = `${Math.round(photo.width * scale)}px`;
      slide.firstElementChild.style.height = `${Math.round(photo.height * scale)}px`;
      if (step !== 0) slide.firstElementChild.style.transform = "";
      const needed = Math.min(photo.width, photo.height) * scale * Math.min(devicePixelRatio || 1, 2);
      this.#sharpen(photo, needed > 1440 * 1.15 ? 2160 : 1440);
    }
  }

  #sharpen(photo, size) {
    const image = this.#slides.get(photo.id)?.querySelector(".large");
    if (!image || Number(image.dataset.size ?? 0) >= size) return;
    image.dataset.size = size;
    image.src = photo.url.replace(/1440\.jpg$/, `${size}.webp`);
  }

  #describe() {
    const photo = this.#photo;
    const part = (name) => this.#element.querySelector(name);
    this.#element.setAttribute("aria-label", nameOf(photo));
    this.#slides.get(photo.id).querySelector(".large").alt = nameOf(photo);
    say(part(".author"), photo.author);
    const taken = Date.parse(photo.taken_at);
    say(part("time"), when(taken));
    part("time").dateTime = photo.taken_at;
    part("time").title = `${photo.taken_from === "arrival" ? words.takenArrival : words.taken}: ${instant(taken)}`;
    say(part(".said"), photo.caption);
    part(".said").hidden = !photo.caption;
    part("#download").href = `${photo.original}?download`;
    this.#part("newer").hidden = this.#beside(-1) === null && this.#source.atTop(photo);
    this.#part("older").hidden = this.#beside(1) === null && this.#source.atEnd(photo);
    const approve = this.#part("approve");
    if (approve) {
      approve.hidden = photo.state === "shown";
      this.#part("hide").hidden = photo.state !== "shown";
      this.#part("delete").hidden = photo.state === "deleted";
    }
    if (!this.#part("about").hidden) void this.#inform();
  }

  async #inform() {
    const photo = this.#photo;
    const asked = ++this.#asked;
    const caption = this.#part("caption");
    if (caption && document.activeElement !== caption) caption.value = photo.caption;
    const facts = [
      [photo.taken_from === "arrival" ? words.takenArrival : words.taken, instant(Date.parse(photo.taken_at))],
      [words.sentBy, photo.author],
      [words.device, photo.device],
      [words.sizeName, fill(words.original, { width: photo.width, height: photo.height, size: bytes(photo.size) })],
    ];
    this.#list(facts);
    const { place } = (await this.#source.details(photo)) ?? {};
    if (asked !== this.#asked || !place) return;
    const link = document.createElement("a");
    const at = [place.latitude, place.longitude].map((degrees) => degrees.toFixed(5));
    link.href = `https://www.openstreetmap.org/?mlat=${at[0]}&mlon=${at[1]}#map=16/${at[0]}/${at[1]}`;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = at.join(", ");
    this.#list([...facts, [words.place, link]]);
  }

  #list(facts) {
    const rows = facts.filter(([, value]) => value).map(([name, value]) => {
      const row = document.createElement("div");
      const [term, said] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      said.append(value);
      row.append(term, said);
      return row;
    });
    this.#part("about").querySelector("dl").replaceChildren(...rows);
  }

  #toggleInfo() {
    const about = this.#part("about");
    about.hidden = !about.hidden;
    this.#part("info").setAttribute("aria-expanded", String(!about.hidden));
    if (!about.hidden) void this.#inform();
  }

  #act(kind, more = {}) {
    this.#tell("act", { kind, photo: this.#photo, ...more });
  }

  // What comes next is there before it is asked for.
  async #lookAhead() {
    const photo = this.#photo;
    for (const step of [1, -1]) {
      if (!this.#beside(step)) {
        await (step > 0 ? this.#source.older(photo) : this.#source.newer(photo));
        if (this.#photo?.id !== photo.id) return;
        this.#draw();
        this.#describe();
      }
    }
  }

  #key(event) {
    if (!this.#photo || document.querySelector("dialog[open]")) return;
    if (event.key === "Tab") return this.#keepFocus(event);
    if (event.key === "Escape" && event.target.closest?.("textarea")) return this.#element.focus();
    if (!isCommand(event) || event.shiftKey) return;
    const list = this.#source.list();
    const does = {
      Escape: () => this.#tell("close"),
      ArrowLeft: () => this.walk(-1),
      ArrowRight: () => this.walk(1),
      Home: () => list[0] && this.#go(list[0]),
      End: () => list.length && this.#go(list.at(-1)),
      i: () => this.#toggleInfo(),
      Delete: () => this.#part("delete")?.click(),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    void does();
  }

  // The page behind is inert; the browser's own buttons are not part of the round either.
  #keepFocus(event) {
    const round = [...this.#element.querySelectorAll("button, a[href], textarea, [tabindex='0']")].filter((one) => one.offsetParent !== null);
    round.push(...document.querySelectorAll("#toasts button"));
    const at = round.indexOf(document.activeElement);
    if (at < 0 || (event.shiftKey ? at === 0 : at === round.length - 1)) {
      event.preventDefault();
      round.at(event.shiftKey ? -1 : 0)?.focus();
    }
  }

  #tell(kind, detail = {}) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

/** "3.1 MB". */
export function bytes(size) {
  const power = size < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(size) / 3));
  const unit = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"][power];
  const value = size / 1000 ** power;
  const digits = power && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(undefined, { style: "unit", unit, maximumFractionDigits: digits }).format(value);
}

function slideOf(photo) {
  const slide = document.createElement("div");
  slide.className = "slide";
  const frame = document.createElement("div");
  frame.className = "frame";
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  draw(canvas, photo.thumbhash);
  const small = document.createElement("img");
  small.alt = "";
  small.src = photo.thumbnail;
  const large = document.createElement("img");
  large.className = "large";
  large.alt = "";
  large.decoding = "async";
  large.addEventListener("load", () => (large.dataset.sharp = ""));
  for (const image of [small, large]) {
    image.draggable = false;
    image.addEventListener("error", () => (image.hidden = true));
    image.addEventListener("load", () => (image.hidden = false));
  }
  frame.append(canvas, small, large);
  slide.append(frame);
  return slide;
}
