// The dialog that makes, lists and revokes the share links of an album or a camera.

import { ask } from "./ask.js";
import { when } from "./dates.js";
import { fill, words } from "./page.js";

export class Sharing {
  #dialog;
  #kind;
  #name;

  /** kind: "album" or "camera". */
  constructor(dialog, kind, name) {
    this.#dialog = dialog;
    this.#kind = kind;
    this.#name = name;
    dialog.querySelector("#making").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#make(event.target);
    });
    dialog.querySelector("#copy").addEventListener("click", () => void this.#copy());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  open() {
    this.#dialog.querySelector("#made").hidden = true;
    this.#dialog.querySelector("#making").hidden = false;
    this.#wrong("");
    this.#dialog.showModal();
    void this.#list();
  }

  async #make(form) {
    const wanted = new FormData(form);
    const button = form.querySelector("button");
    button.disabled = true;
    this.#wrong("");
    try {
      const made = await ask("POST", "shares", {
        kind: this.#kind,
        name: this.#name,
        upload: Boolean(wanted.get("upload")),
        expires_in: Number(wanted.get("expires")) || null,
        password: wanted.get("password") || null,
      });
      form.reset();
      form.hidden = true;
      this.#dialog.querySelector("#made").hidden = false;
      this.#dialog.querySelector("#made img").src = made.qr;
      const link = this.#dialog.querySelector("#made-link");
      link.value = made.url;
      link.focus();
      link.select();
      await this.#list();
    } catch (error) {
      this.#wrong(error.message);
    }
    button.disabled = false;
  }

  async #copy() {
    const link = this.#dialog.querySelector("#made-link");
    const button = this.#dialog.querySelector("#copy");
    link.select();
    try {
      await navigator.clipboard.writeText(link.value);
    } catch {
      document.execCommand("copy"); // the only way without HTTPS
    }
    button.textContent = words.copied;
    setTimeout(() => (button.textContent = words.copyLink), 2000);
  }

  async #list() {
    const section = this.#dialog.querySelector("#existing");
    const { shares } = await ask("GET", `shares?kind=${this.#kind}&name=${encodeURIComponent(this.#name)}`).catch(() => ({ shares: [] }));
    section.hidden = shares.length === 0;
    section.querySelector("ul").replaceChildren(...shares.reverse().map((share) => this.#row(share)));
  }

  #row(share) {
    const item = document.createElement("li");
    const said = document.createElement("span");
    const time = when(Date.parse(share.created));
    const ends = share.expired
      ? words.shareEnded
      : share.expires && fill(words.shareEnds, { time: when(Date.parse(share.expires)) });
    const facts = [fill(words.shareMade, { time }), ends, share.password && words.shareLocked];
    const what = document.createElement("strong");
    what.textContent = share.title || (share.upload ? words.mayAdd : words.mayLook);
    said.append(what, document.createElement("br"), facts.filter(Boolean).join(", "));
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button plain";
    button.textContent = words.revoke;
    button.setAttribute("aria-label", fill(words.revokeOf, { time }));
    button.addEventListener("click", async () => {
      button.disabled = true;
      await ask("DELETE", `shares/${encodeURIComponent(share.id)}`).catch((error) => this.#wrong(error.message));
      await this.#list();
    });
    item.append(said, button);
    return item;
  }

  #wrong(text) {
    const place = this.#dialog.querySelector(".wrong");
    place.textContent = text;
    place.hidden = !text;
  }
}
