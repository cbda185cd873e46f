// The hub's clock, so that every screen does the same thing at the same instant, however wrong its own clock is.
//
// Asked for several times; the answer with the shortest way there and back is the most exact. Between that the page's
// monotonic clock runs on; one that stood still while the machine slept is noticed by the wall clock's leap.

const SAMPLES = 6;
const BETWEEN = 80; // ms between two samples
const EVERY = 3 * 60_000; // ms between two rounds
const AGAIN = 5_000; // ms until the next round after one that failed
const PATIENCE = 5_000;
const DRIFT = 100e-6; // by how much a quartz may be wrong
const LEAP = 250; // ms by which wall clock and monotonic clock may part before both are distrusted

export class HubClock extends EventTarget {
  /** ms from this page's monotonic clock to the hub's time since 1970. */
  offset = NaN;
  /** ms by which `hubNow()` may be wrong. */
  uncertainty = Infinity;

  #address;
  #measured = 0; // when, monotonic
  #apart = Date.now() - performance.now();
  #timer = 0;
  #round = null;

  /** root: where the hub is, "/" or "/prefix/". */
  constructor(root) {
    super();
    this.#address = `${root}api/v1/clock`;
  }

  /** Compares the clocks from now on; resolves when the hub's time is known. Dispatches "set" after each round. */
  async start() {
    document.addEventListener("visibilitychange", () => document.hidden || this.measure());
    addEventListener("online", () => this.measure());
    while (!(await this.measure())) await pause(AGAIN);
  }

  /** The hub's time now, in ms since 1970. */
  hubNow() {
    const apart = Date.now() - performance.now();
    if (Math.abs(apart - this.#apart) > LEAP) {
      this.#apart = apart;
      this.#measured = -Infinity; // what was measured before counts for nothing now
      void this.measure();
    }
    return performance.now() + this.offset;
  }

  /** One round of questions; false if none was answered. */
  measure() {
    this.#round ??= this.#ask().finally(() => (this.#round = null));
    return this.#round;
  }

  async #ask() {
    clearTimeout(this.#timer);
    let best = null;
    for (let sample = 0; sample < SAMPLES; sample++) {
      if (sample > 0) await pause(BETWEEN);
      const one = await this.#sample();
      if (one && (best === null || one.uncertainty < best.uncertainty)) best = one;
    }
    this.#timer = setTimeout(() => this.measure(), best ? EVERY : AGAIN);
    if (best === null) return false;
    const aged = this.uncertainty + (performance.now() - this.#measured) * DRIFT;
    if (best.uncertainty <= aged) {
      this.offset = best.offset;
      this.uncertainty = best.uncertainty;
      this.#measured = performance.now();
    }
    this.dispatchEvent(new Event("set"));
    return true;
  }

  async #sample() {
    const sent = performance.now();
    try {
      const response = await fetch(this.#address, {
        signal: AbortSignal.timeout(PATIENCE),
        cache: "no-store",
        credentials: "same-origin",
      });
      const received = performance.now();
      const hub = Date.parse((await response.json()).now);
      if (!response.ok || Number.isNaN(hub)) return null;
      return { offset: hub - (sent + received) / 2, uncertainty: (received - sent) / 2 };
    } catch {
      return null;
    }
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
