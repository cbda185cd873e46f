// The rail at the right: every day of the album on one line, to scrub through years in one gesture.

import { dayTitle, shortDay } from "./dates.js";
import { say } from "./page.js";

const WORTH = 3; // screens, from which on it is shown
const APART = 34; // px between two marks
const STAYS = 1200; // ms after the last scroll

export class Rail {
  #element;
  #grid;
  #dragging = false;
  #timer = 0;

  constructor(element, grid) {
    this.#element = element;
    this.#grid = grid;
    grid.addEventListener("laid", () => this.#lay());
    addEventListener("scroll", () => this.#follow(), { passive: true });
    addEventListener("resize", () => this.#lay());
    element.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      this.#dragging = true;
      this.#scrub(event.clientY);
    });
    element.addEventListener("pointermove", (event) => this.#dragging && this.#scrub(event.clientY));
    for (const kind of ["pointerup", "pointercancel"]) element.addEventListener(kind, () => (this.#dragging = false));
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  #lay() {
    const places = this.#grid.places;
    const high = document.documentElement.scrollHeight;
    this.#element.hidden = high < WORTH * innerHeight;
    if (this.#element.hidden) return;
    const years = new Set(places.map(({ day }) => day.slice(0, 4))).size > 1;
    const marks = [];
    let last = -Infinity;
    let said = "";
    for (const { day, top } of places) {
      const y = (top / high) * this.#element.clientHeight;
      const text = shortDay(day, years);
      if (y - last < APART || text === said || y > this.#element.clientHeight - 16) continue;
      const mark = document.createElement("span");
      mark.textContent = text;
      mark.style.top = `${Math.round(y)}px`;
      marks.push(mark);
      [last, said] = [y, text];
    }
    this.#element.querySelector(".marks").replaceChildren(...marks);
    this.#element.setAttribute("aria-valuemax", String(places.length - 1));
    this.#follow();
  }

  #follow() {
    if (this.#element.hidden) return;
    const high = document.documentElement.scrollHeight - innerHeight;
    const share = high > 0 ? Math.min(1, scrollY / high) : 0;
    const here = this.#element.querySelector(".here");
    here.style.top = `${share * this.#element.clientHeight}px`;
    const places = this.#grid.places;
    const index = this.#at(places, scrollY + innerHeight / 3);
    if (index >= 0) {
      say(here, dayTitle(places[index].day));
      this.#element.setAttribute("aria-valuenow", String(index));
      this.#element.setAttribute("aria-valuetext", dayTitle(places[index].day));
    }
    this.#element.classList.add("moved");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#element.classList.remove("moved"), STAYS);
  }

  #scrub(y) {
    const box = this.#element.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (y - box.top) / box.height));
    scrollTo({ top: share * (document.documentElement.scrollHeight - innerHeight), behavior: "instant" });
  }

  #at(places, y) {
    return places.findLastIndex(({ top }, index) => top <= y || index === 0);
  }

  #key(event) {
    const places = this.#grid.places;
    const at = this.#at(places, scrollY + innerHeight / 3);
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: places.length - 1 }[event.key];
    if (to === undefined || !places[to]) return;
    event.preventDefault();
    scrollTo({ top: to === 0 ? 0 : places[to].top - 16, behavior: "instant" });
  }
}
