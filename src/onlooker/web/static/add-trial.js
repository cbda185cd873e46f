// One camera: tried, shown, asked for its password where it wants one, named and added.

import { ask } from "./ask.js";
import { fill, root, say, words } from "./page.js";

const find = (id) => document.getElementById(id);

export class Trial {
  #section = find("trial");
  #login = find("login");
  #naming = find("naming");
  #retry = find("retry");
  #wrong = find("wrong");
  #byHand = find("by-hand");
  #wanted = null; // what the hub is asked with
  #run = 0; // an answer to an older question is let fall
  #named = false; // somebody wrote a name of their own

  /** left() is called when somebody goes back to choose another. */
  constructor(left) {
    find("other").addEventListener("click", () => {
      this.#run += 1;
      this.#section.hidden = true;
      left();
    });
    this.#login.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#attempt({ ...this.#wanted, user: find("user").value, password: find("password").value });
    });
    this.#retry.addEventListener("click", () => void this.#attempt(this.#wanted));
    find("title").addEventListener("input", () => {
      if (!this.#named) find("name").value = slug(find("title").value);
    });
    find("name").addEventListener("input", () => (this.#named = true));
    this.#naming.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#add();
    });
  }

  /** thing: {url, title}; title may be empty. */
  begin(thing) {
    this.#login.reset();
    this.#section.hidden = false;
    const heading = find("trial-heading");
    say(heading, thing.title || words.tryHeading);
    heading.focus();
    void this.#attempt({ source: thing.url, said: thing.title ?? "" });
  }

  async #attempt(wanted) {
    this.#wanted = wanted;
    const run = ++this.#run;
    this.#say("");
    for (const part of [this.#login, this.#naming, this.#retry, this.#byHand, find("picture")]) part.hidden = true;
    say(find("facts"), "");
    find("well").hidden = false;
    find("connecting").hidden = false;
    let tried;
    try {
      tried = await ask("POST", "probe", wanted);
    } catch (error) {
      if (run !== this.#run) return;
      this.#silent(error.message);
      this.#retry.hidden = false;
      return;
    }
    if (run !== this.#run) return;
    if (tried.needs_password) this.#askPassword(tried);
    else this.#show(tried);
  }

  #askPassword({ reason }) {
    const again = Boolean(this.#wanted.password);
    this.#silent(again ? reason : "");
    this.#login.hidden = false;
    (find("user").value ? find("password") : find("user")).focus();
  }

  #show(tried) {
    find("connecting").hidden = true;
    const picture = find("picture");
    picture.hidden = !tried.picture;
    find("well").hidden = !tried.picture;
    if (tried.picture) picture.src = tried.picture;
    say(find("facts"), facts(tried));
    this.#named = false;
    find("title").value = tried.title;
    find("name").value = tried.name;
    this.#naming.hidden = false;
    find("add").focus({ preventScroll: true });
  }

  async #add() {
    const button = find("add");
    button.disabled = true;
    this.#say("");
    this.#byHand.hidden = true;
    try {
      const { said, ...wanted } = this.#wanted;
      const added = await ask("POST", "cameras", {
        ...wanted,
        name: find("name").value,
        title: find("title").value,
      });
      location.assign(added.ready ? added.page : root);
      return;
    } catch (error) {
      this.#say(error.message);
      if (error.answer?.by_hand) {
        this.#byHand.textContent = error.answer.by_hand;
        this.#byHand.hidden = false;
      }
    }
    button.disabled = false;
  }

  #silent(text) {
    find("connecting").hidden = true;
    find("well").hidden = true;
    this.#say(text);
  }

  #say(text) {
    say(this.#wrong.querySelector("span"), text);
    this.#wrong.hidden = !text;
  }
}

function facts({ kind, codec, width, height, frame_rate: rate }) {
  if (!codec) return words.noPictureYet;
  const size = width ? `${width} × ${height}` : "";
  const frames = rate ? fill(words.frames, { n: rate.toFixed(rate < 10 ? 1 : 0) }) : "";
  return [kind.toUpperCase(), codec.toUpperCase(), size, frames].filter(Boolean).join(" · ");
}

function slug(title) {
  const plain = title.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").slice(0, 40).replace(/^-+|-+$/g, "");
}
