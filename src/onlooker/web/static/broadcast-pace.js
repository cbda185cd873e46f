// How large, how often and how finely pictures are sent: less at once when acknowledgements are late, more again only
// slowly. No clock of its own: instants are given, in ms.

/** From the best to what goes through any line. side: the longer one, in pixels; rate: a second; bits: a second. */
export const LEVELS = [
  { side: 1280, rate: 30, bits: 2_500_000, quality: 0.8 },
  { side: 1280, rate: 20, bits: 1_400_000, quality: 0.7 },
  { side: 960, rate: 20, bits: 850_000, quality: 0.7 },
  { side: 640, rate: 15, bits: 420_000, quality: 0.65 },
  { side: 480, rate: 10, bits: 200_000, quality: 0.6 },
  { side: 320, rate: 6, bits: 90_000, quality: 0.5 },
];

const FIRST = 1; // a line that is not known yet
const NEVER_LATE = 150; // ms; nobody notices less
const SLACK = 100; // ms above twice what the line takes at its best
const SETTLES = 1000; // ms in which a step down shows its effect
const PATIENCE = 6000; // ms without a late one until a step up is tried
const LONGEST_PATIENCE = 96_000;

export class Pace {
  #index = FIRST;
  #best = Infinity; // ms
  #steady = 0; // since when none was late, or the level is what it is
  #changed = -Infinity;
  #raised = -Infinity;
  #patience = PATIENCE;

  get level() {
    return LEVELS[this.#index];
  }

  /** Another line: what was known of the one before no longer holds. */
  renew(at) {
    this.#best = Infinity;
    this.#steady = at;
  }

  /** A picture was acknowledged, so many ms after it was taken; true if the level is another now. */
  acked(delay, at) {
    this.#best = Math.min(delay, this.#best * 1.002); // a line may get longer for good
    if (delay > Math.max(NEVER_LATE, 2 * this.#best + SLACK)) return this.#fall(at);
    if (at - this.#steady < this.#patience || this.#index === 0) return false;
    if (this.#raised > -Infinity) this.#patience = PATIENCE; // the step before held
    this.#index--;
    this.#steady = this.#changed = this.#raised = at;
    return true;
  }

  #fall(at) {
    this.#steady = at;
    if (at - this.#changed < SETTLES || this.#index === LEVELS.length - 1) return false;
    // What was just tried again is too much: wait longer before the next try.
    if (at - this.#raised < PATIENCE) this.#patience = Math.min(this.#patience * 2, LONGEST_PATIENCE);
    this.#raised = -Infinity;
    this.#index++;
    this.#changed = at;
    return true;
  }
}
