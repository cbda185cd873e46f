// A camera's log as a live list: its newest events, then each one as it happens, through sleep, cuts and restarts.
//
// What began and its end are one entry, whichever of the two is known first.

import { logIn, root } from "./page.js";

const PAGE = 30; // events a request
const MOST = 2000; // events kept
const PATIENCE = 20_000; // ms for a request
const SLOWEST = 30_000; // ms between tries, at most
const ASK_EVERY = 60_000; // ms: of guests, who are not told as it happens

export class HappeningLog {
  more = false; // whether there are older ones

  #events = new Map(); // by number
  #going = new Map(); // what began and has not ended, by number
  #api;
  #stream;
  #guest;
  #changed;
  #source = null;
  #timer = 0;
  #failures = 0;
  #generation = 0; // counts reloads: an answer to a question from before is not taken

  /** camera: its name; guest: whether the visitor is one; changed(): hears of every change. */
  constructor(camera, { guest, changed }) {
    const name = encodeURIComponent(camera);
    this.#api = `${root}api/v1/cameras/${name}/events`;
    this.#stream = `${root}cameras/${name}/events`;
    this.#guest = guest;
    this.#changed = changed;
  }

  /** Loads the newest and follows from there, while somebody looks. */
  start() {
    const look = () => (document.hidden ? this.#stop() : void this.#load());
    document.addEventListener("visibilitychange", look);
    addEventListener("pagehide", () => this.#stop());
    addEventListener("pageshow", (event) => event.persisted && look());
    addEventListener("online", look);
    look();
  }

  /** What happened, newest first: {key, kind, at, end, endedBy, going, reason, facts}; end is null while it goes on. */
  entries() {
    const entries = new Map();
    for (const [seq, event] of [...this.#events].sort(([a], [b]) => a - b)) {
      const ends = event.active === false && event.began;
      const key = ends ? number(event.began.id) : seq;
      const known = entries.get(key);
      const { ended_by: endedBy = "", reason, ...facts } = event.facts;
      if (!ends) entries.set(key, { key, kind: event.kind, at: event.at, end: null, endedBy, going: this.#going.has(seq), reason, facts });
      else if (known) Object.assign(known, { end: event.at, endedBy, going: false });
      else entries.set(key, { key, kind: BEGINS[event.kind] ?? event.kind, at: event.began.at, end: event.at, endedBy, going: false, reason, facts });
    }
    return [...entries.values()].sort((a, b) => b.key - a.key);
  }

  /** The events that began something which goes on. */
  goingOn() {
    return [...this.#going.values()];
  }

  /** Loads what was before the oldest that is loaded. */
  async older() {
    const generation = this.#generation;
    try {
      const oldest = this.#events.get(Math.min(...this.#events.keys()));
      const answer = await this.#get(`?limit=${PAGE}&before=${encodeURIComponent(oldest.id)}`);
      if (generation !== this.#generation) return;
      this.#take(answer.events);
      this.more = answer.more && this.#events.size < MOST;
      this.#changed();
    } catch (error) {
      if (error.status === 410) void this.#load();
    }
  }

  async #load() {
    this.#stop();
    const generation = this.#generation;
    let answer;
    try {
      answer = await this.#get(`?limit=${PAGE}`);
    } catch (error) {
      if (generation === this.#generation) this.#failed(error);
      return;
    }
    if (generation !== this.#generation) return;
    this.#failures = 0;
    // What was loaded before stays where the new list reaches it; else there would be a hole in between.
    const known = answer.events.some(({ id }) => this.#events.get(number(id))?.id === id);
    if (!known || !answer.more) {
      this.#events.clear();
      this.more = answer.more;
    }
    this.#take(answer.events);
    this.#going = new Map(answer.going_on.map((event) => [number(event.id), event]));
    this.#changed();
    if (this.#guest) this.#timer = setTimeout(() => void this.#load(), ASK_EVERY);
    else this.#follow(answer.position);
  }

  #follow(position) {
    const source = new EventSource(`${this.#stream}?after=${encodeURIComponent(position)}`);
    this.#source = source;
    source.addEventListener("happened", ({ data }) => {
      if (source !== this.#source) return;
      const event = JSON.parse(data);
      const seq = number(event.id);
      if (event.active) this.#going.set(seq, event);
      else if (event.began) this.#going.delete(number(event.began.id));
      this.#take([event]);
      this.#changed();
    });
    source.addEventListener("reset", () => source === this.#source && void this.#load());
    // The browser would try again by itself, but gives up where it is refused and does not say why.
    source.onerror = () => source === this.#source && this.#failed(new Error("the stream broke off"));
  }

  #failed(error) {
    this.#stop();
    if (error.status === 401) return logIn();
    if (error.status === 404 || error.status === 403) return; // the page itself says so
    const wait = Math.min(SLOWEST, 1000 * 2 ** this.#failures++);
    this.#timer = setTimeout(() => document.hidden || void this.#load(), wait * (0.5 + Math.random()));
  }

  #stop() {
    this.#generation++;
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #take(events) {
    for (const event of events) this.#events.set(number(event.id), event);
    while (this.#events.size > MOST) this.#events.delete(Math.min(...this.#events.keys()));
  }

  async #get(query) {
    const response = await fetch(this.#api + query, {
      signal: AbortSignal.timeout(PATIENCE),
      cache: "no-store",
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
    if (response.ok) return response.json();
    throw Object.assign(new Error(`the hub answered ${response.status}`), { status: response.status });
  }
}

// What an end of another name ended.
const BEGINS = { back: "lost", ended: "started" };

const number = (id) => Number(id.slice(id.lastIndexOf(".") + 1));
