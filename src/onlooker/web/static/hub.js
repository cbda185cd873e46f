// What the hub says of its cameras, asked for regularly while somebody looks, in the hub's own time.

import { root } from "./page.js";

const EVERY = 2000;
const PATIENCE = 5000;

export class HubStatus {
  #path;
  #handlers;
  #timer = 0;
  #asking = false;
  #again = false;
  #skew = 0; // ms that the hub's clock is ahead of this one

  /** handlers: told(answer), failed(), refused() for 401, gone() for 404. */
  constructor(path, handlers) {
    this.#path = path;
    this.#handlers = handlers;
    document.addEventListener("visibilitychange", () => this.ask());
  }

  /** The hub's time now, in ms since 1970. */
  now() {
    return Date.now() + this.#skew;
  }

  /** Asks at once, and from then on regularly while the page is visible. */
  async ask() {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      const response = await fetch(root + this.#path, {
        signal: AbortSignal.timeout(PATIENCE),
        cache: "no-store",
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      });
      if (response.status === 401) this.#handlers.refused();
      else if (response.status === 404 && this.#handlers.gone) this.#handlers.gone();
      else if (response.ok) {
        this.#keepTime(response.headers.get("Date"));
        this.#handlers.told(await response.json());
      } else this.#handlers.failed();
    } catch {
      this.#handlers.failed();
    }
    this.#asking = false;
    this.#timer = setTimeout(() => this.ask(), this.#again ? 250 : EVERY);
    this.#again = false;
  }

  // The Date header has whole seconds: only a difference that cannot come from that is a wrong clock.
  #keepTime(date) {
    const difference = Date.parse(date ?? "") + 500 - Date.now();
    this.#skew = Math.abs(difference) > 2000 ? difference : 0;
  }
}
