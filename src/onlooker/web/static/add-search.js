// What the hub's search finds, shown as it is found.

import { ask } from "./ask.js";
import { fill, say, words } from "./page.js";

const EVERY = 500;

export class FoundList {
  #list = document.getElementById("found");
  #status = document.getElementById("searching");
  #progress = document.getElementById("search-progress");
  #again = document.getElementById("again");
  #problems = document.getElementById("problems");
  #shown = new Set();
  #choose;

  /** choose(thing) hears of the camera that somebody wants. */
  constructor(choose) {
    this.#choose = choose;
    this.#again.addEventListener("click", () => void this.search());
  }

  async search() {
    this.#shown.clear();
    this.#list.replaceChildren();
    this.#problems.replaceChildren();
    this.#again.hidden = true;
    this.#progress.hidden = false;
    say(this.#status, words.searching);
    try {
      let state = await ask("POST", "discovery");
      while (state.running) {
        this.#show(state);
        await new Promise((resolve) => setTimeout(resolve, EVERY));
        state = await ask("GET", "discovery");
      }
      this.#show(state);
      const cameras = state.found.filter(({ kind }) => kind !== "hub").length;
      say(this.#status, cameras === 0 ? words.foundNone : cameras === 1 ? words.foundOne : fill(words.foundMany, { n: cameras }));
      const problems = state.writable ? state.problems : [words.notWritable, ...state.problems];
      this.#problems.replaceChildren(...problems.map(item));
    } catch (error) {
      say(this.#status, error.message);
    }
    this.#progress.hidden = true;
    this.#again.hidden = false;
  }

  #show({ found }) {
    for (const thing of found) {
      const key = `${thing.kind} ${thing.url}`;
      if (this.#shown.has(key)) continue;
      this.#shown.add(key);
      this.#list.append(this.#row(thing));
    }
  }

  #row(thing) {
    const hub = thing.kind === "hub";
    const row = document.createElement(hub ? "a" : "button");
    row.className = "thing";
    if (hub) {
      row.href = thing.url;
      row.rel = "noreferrer";
    } else {
      row.type = "button";
      row.addEventListener("click", () => this.#choose(thing));
    }
    const model = thing.model && thing.model !== thing.title ? `${thing.model}, ` : "";
    const kind = part("span", "kind", words.kinds[thing.kind]);
    if (thing.added) kind.append(part("span", "there", fill(words.already, { name: thing.added })));
    row.append(part("strong", "", thing.title), part("span", "where", `${model}${thing.address}`), kind);
    const place = document.createElement("li");
    place.append(row);
    return place;
  }
}

function part(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

function item(text) {
  return part("li", "", text);
}
