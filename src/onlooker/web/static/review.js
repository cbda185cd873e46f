// Photos that are not shown, for those who decide: what waits for approval, what is hidden, the trash.

import { when } from "./dates.js";
import { ask } from "./ask.js";
import { nameOf } from "./grid.js";
import { words } from "./page.js";
import { draw } from "./thumbhash.js";

const ACTS = { waiting: ["approve", "delete"], hidden: ["show", "delete"], deleted: ["show"] };

export class Review extends EventTarget {
  #element;
  #album;
  #state;
  #photos = [];
  #next = null;
  #asking = false;
  #again = false;
  #end;

  /** Dispatches "listed" {count}, "open" {id} and "act" {kind, photo}. */
  constructor(element, album, state) {
    super();
    this.#element = element;
    this.#album = album;
    this.#state = state;
    this.#end = document.createElement("div");
    element.after(this.#end);
    new IntersectionObserver(([entry]) => entry.isIntersecting && this.#next && void this.older(), {
      rootMargin: "800px",
    }).observe(this.#end);
  }

  list() {
    return this.#photos;
  }

  get more() {
    return this.#next !== null;
  }

  /** Lists anew. */
  async load() {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    const answer = await this.#page("").catch(() => null);
    this.#asking = false;
    if (answer) {
      this.#photos = answer.photos;
      this.#next = answer.next;
      this.#draw();
    }
    if (this.#again) {
      this.#again = false;
      await this.load();
    }
  }

  async older() {
    if (this.#asking || this.#next === null) return;
    this.#asking = true;
    const answer = await this.#page(`&before=${this.#next}`).catch(() => null);
    this.#asking = false;
    if (!answer) return;
    const known = new Set(this.#photos.map(({ id }) => id));
    this.#photos.push(...answer.photos.filter(({ id }) => !known.has(id)));
    this.#next = answer.next;
    this.#draw();
  }

  #page(before) {
    return ask("GET", `albums/${encodeURIComponent(this.#album)}/photos?limit=60&state=${this.#state}${before}`);
  }

  #draw() {
    const known = new Map([...this.#element.children].map((item) => [item.dataset.photo, item]));
    this.#element.replaceChildren(...this.#photos.map((photo) => known.get(photo.id) ?? this.#card(photo)));
    this.#tell("listed", { count: this.#photos.length });
  }

  #card(photo) {
    const item = document.createElement("li");
    item.dataset.photo = photo.id;
    const link = document.createElement("a");
    link.href = `#photo=${photo.id}`;
    link.setAttribute("aria-label", nameOf(photo));
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    draw(canvas, photo.thumbhash);
    const image = document.createElement("img");
    image.alt = "";
    image.loading = "lazy";
    image.src = photo.thumbnail;
    link.append(canvas, image);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.#tell("open", { id: photo.id });
    });
    const credit = document.createElement("p");
    credit.textContent = [photo.author, when(Date.parse(photo.added_at))].filter(Boolean).join(", ");
    const acts = document.createElement("div");
    for (const kind of ACTS[this.#state]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = kind === "delete" ? "button plain" : "button";
      button.textContent = { approve: words.approve, show: this.#state === "deleted" ? words.restore : words.showAgain, delete: words.delete }[kind];
      button.addEventListener("click", () => this.#tell("act", { kind, photo }));
      acts.append(button);
    }
    item.append(link, credit, acts);
    return item;
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
