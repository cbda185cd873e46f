// The small code with which guests join in: a share link of this album, made when somebody asks for it, and remembered
// by this browser, because the hub shows a link only once.

import { root } from "./page.js";

const SOON = 60_000; // ms; a link that ends sooner is not shown any more

export class Join {
  #key;
  #album;

  constructor(album) {
    this.#album = album;
    this.#key = `onlooker.show.${root}${album}`;
  }

  /** What was chosen for this album in this browser: {join, url, qr, expires}, or null if nothing was. */
  get chosen() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? "null");
      if (kept?.join && kept.expires && Date.parse(kept.expires) < Date.now() + SOON) return null;
      return kept;
    } catch {
      return null;
    }
  }

  /** No code is shown. */
  without() {
    return this.#keep({ join: false });
  }

  /** A code with a new link that lasts so many seconds (null: until it is revoked); throws the hub's own sentence. */
  async with(lasts, title) {
    const response = await fetch(`${root}api/v1/shares`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ kind: "album", name: this.#album, upload: true, expires_in: lasts, title }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail ?? `${response.status}`);
    return this.#keep({ join: true, url: answer.url, qr: answer.qr, expires: answer.expires });
  }

  #keep(choice) {
    try {
      localStorage.setItem(this.#key, JSON.stringify(choice));
    } catch {
      // Storage is refused: it is chosen anew the next time.
    }
    return choice;
  }
}
