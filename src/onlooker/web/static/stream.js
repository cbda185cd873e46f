// One connection to the hub for everything a page shows live: opened, changed, re-opened with
// back-off, and let go when nobody looks.

import { MultipartReader } from "./multipart.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
const SILENCE = 20_000; // ms without a byte after which the connection is taken for dead

export class LiveStream {
  #address = null;
  #connection = null;
  #handlers;

  /** handlers: part({headers, body}), answered(), failed() at each try without an answer, refused() for 401,
   * ended(gone) when the address changes; gone: to nothing. */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** Shows what is at this address from now on; null lets the connection go. */
  open(address) {
    if (address === this.#address) return;
    this.#address = address;
    this.#connection?.abort();
    this.#connection = null;
    this.#handlers.ended(address === null);
    if (address !== null) {
      this.#connection = new AbortController();
      void this.#keep(address, this.#connection.signal);
    }
  }

  async #keep(address, given_up) {
    let pause = FIRST_PAUSE;
    while (!given_up.aborted) {
      let heard = false;
      try {
        heard = await this.#once(address, given_up, () => (heard = true));
      } catch {
        // Cut, stalled, refused or unreadable: all end the same way, with another try.
      }
      if (given_up.aborted) return;
      if (heard) {
        pause = FIRST_PAUSE;
      } else {
        this.#handlers.failed();
      }
      await sleep(pause * (0.8 + 0.4 * Math.random()), given_up);
      if (!heard) pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  async #once(address, given_up, onHeard) {
    const silence = new AbortController();
    const give_up = () => silence.abort();
    given_up.addEventListener("abort", give_up);
    let timer = setTimeout(give_up, SILENCE);
    try {
      const response = await fetch(address, {
        signal: silence.signal,
        cache: "no-store",
        credentials: "same-origin",
        headers: { Accept: "multipart/x-mixed-replace" },
      });
      if (response.status === 401) {
        this.#handlers.refused();
        return false;
      }
      if (!response.ok || !response.body) return false;
      const reader = response.body.getReader();
      const parts = new MultipartReader();
      let heard = false;
      for (;;) {
        const { done, value } = await reader.read();
        if (done || given_up.aborted) return heard;
        clearTimeout(timer);
        timer = setTimeout(give_up, SILENCE);
        if (!heard) {
          heard = true;
          onHeard();
          this.#handlers.answered();
        }
        for (const part of parts.push(value)) this.#handlers.part(part);
      }
    } finally {
      clearTimeout(timer);
      given_up.removeEventListener("abort", give_up);
      silence.abort();
    }
  }
}

function sleep(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
