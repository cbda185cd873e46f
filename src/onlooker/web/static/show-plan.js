// Which photo the show shows when: nothing but arithmetic over the photos and the hub's time, so that every screen
// comes to the same answer without talking to another.

export const SLOT = 8000; // ms a photo stays
export const LEAST = 3000; // ms a new photo stays when the next one waits
const PATIENCE = 60_000; // ms a new photo waits for its turn; after that it comes with the others

export class Plan {
  #photos = []; // oldest first
  #reveals = []; // {photo, at}, in the order in which they happen

  /** photos: {id, order, show} each, `show` being when all screens are to show it, in ms since 1970. */
  constructor(photos) {
    this.#photos = [...photos].sort((a, b) => a.order - b.order);
    let free = -Infinity;
    for (const photo of [...photos].sort((a, b) => a.show - b.show || a.order - b.order)) {
      const at = Math.max(photo.show, free);
      if (at - photo.show > PATIENCE) continue;
      this.#reveals.push({ photo, at });
      free = at + LEAST;
    }
  }

  get size() {
    return this.#photos.length;
  }

  /** What is shown at this instant, since when and until when: {photo, from, until, fresh}; null without photos. */
  at(now) {
    const next = this.#after(now);
    const reveal = this.#reveals[next - 1];
    const soon = this.#reveals[next]?.at ?? Infinity;
    // A new photo stays for its time, and from there to the next step of the rotation, so that none is a mere flash.
    const rests = reveal ? Math.ceil((reveal.at + SLOT) / SLOT) * SLOT : -Infinity;
    if (now < rests) return { photo: reveal.photo, from: reveal.at, until: Math.min(rests, soon), fresh: true };
    const slot = Math.floor(now / SLOT);
    // Nobody has seen a photo before its time, so the rotation has only those whose time has come.
    const known = soon === Infinity ? this.#photos : this.#photos.filter((photo) => photo.show <= now);
    if (known.length === 0) return soon < Infinity ? { photo: null, from: now, until: soon, fresh: false } : null;
    const photo = known[slot % known.length];
    return { photo, from: Math.max(slot * SLOT, rests), until: Math.min((slot + 1) * SLOT, soon), fresh: false };
  }

  /** The photo `step` places after (or before) this one, for who leafs by hand. */
  beside(id, step) {
    const place = this.#photos.findIndex((photo) => photo.id === id);
    const count = this.#photos.length;
    return count === 0 ? null : this.#photos[(((place < 0 ? count : place) + step) % count + count) % count];
  }

  // How many reveals have happened.
  #after(now) {
    let [low, high] = [0, this.#reveals.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#reveals[middle].at <= now) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
