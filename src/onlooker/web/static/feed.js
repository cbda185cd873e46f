// An album as a live list: its newest photos, then every event once and in order, through sleep, cuts and restarts.
//
// Whatever arrives, from the stream or from a catch-up, passes one place that drops what is not newer than the last.
// A list that was asked for before an event and arrives after it does not undo the event.

const PAGE = 60; // photos a request
const PATIENCE = 20_000; // ms for a request
const PENDING_FOR = 10 * 60_000; // ms that an upload is waited for
const SLOWEST = 20_000; // ms between tries, at most
const CHECK_EVERY = 120_000; // ms of silence after which it is asked whether the stream is still alive
const PHOTO_EVENTS = ["complete", "updated", "hidden", "deleted", "waiting"];
const UNSEEN = { hidden: true, deleted: true, waiting: true };

/**
 * Dispatches CustomEvents: "added" {photo, live}, "changed" {photo}, "removed" {id}, "waiting" {id}, "pending" {},
 * "failed" {id, reason}, "presence" {}, "state" {}, "reset" {} (all was loaded anew), "gone" {} (no such album) and
 * "locked" {} (one has to log in, or a share has ended: it is tried again only when somebody comes back to the page).
 */
export class AlbumFeed extends EventTarget {
  /** @type {Map<string, object>} every photo that is loaded, by id */
  photos = new Map();
  /** @type {Map<string, {id: string, key: string, author: string, since: number}>} uploads under way, by id */
  pending = new Map();
  watching = 0;
  connected = false;

  #api;
  #stream;
  #source = null;
  #opened = false; // whether the stream that is open has answered
  #epoch = "";
  #seq = 0;
  #generation = 0; // of the list; counts reloads
  #runs = []; // which orders are loaded, newest first: {low, high}
  #loads = new Map(); // pages under way, by what they are before
  #touched = new Map(); // what events said of photos while pages were under way: the photo, or null
  #sync = null;
  #failures = 0;
  #timer = 0;
  #heard = 0; // when the stream last said something
  #stopped = false;

  /** root: where the hub is, "/" or "/prefix/"; album: its name. */
  constructor(root, album) {
    super();
    const name = encodeURIComponent(album);
    this.#api = `${root}api/v1/albums/${name}/`;
    this.#stream = `${root}albums/${name}/events`;
  }

  /** Loads the newest photos and follows from there; resolves when the list is there, however long that takes. */
  async start() {
    document.addEventListener("visibilitychange", () => document.hidden || this.#resync());
    addEventListener("pageshow", (event) => event.persisted && this.#resync());
    addEventListener("pagehide", () => this.#close());
    addEventListener("online", () => this.#resync());
    setInterval(() => this.#expire(), 10_000);
    setInterval(() => this.#check(), CHECK_EVERY / 4);
    const loaded = new Promise((resolve) => this.addEventListener("reset", resolve, { once: true }));
    void this.#resync();
    await loaded;
  }

  /** Follows no more. */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#close();
  }

  /** Tries again at once, also where it had to stop. */
  resume() {
    this.#stopped = false;
    void this.#resync();
  }

  /** The loaded photos, newest first. */
  list() {
    return [...this.photos.values()].sort((a, b) => b.order - a.order);
  }

  /** Whether there are photos older than those that are loaded in one piece from the newest on. */
  get more() {
    return this.#runs.length > 0 && this.#runs[0].low > 0;
  }

  /** Whether a photo of this order would be among the loaded ones. */
  covers(order) {
    return this.run(order) !== null;
  }

  /** From which order to which everything is loaded around this one; null where nothing is. */
  run(order) {
    return this.#runs.find(({ low, high }) => low <= order && order <= high) ?? null;
  }

  /** Loads one more page behind the oldest of those loaded in one piece; false if that failed. */
  async older(limit = PAGE) {
    return !this.more || this.page(this.#runs[0].low, limit);
  }

  /** Loads the photos whose order is below this, anywhere in the album; false if that failed. */
  page(before, limit = PAGE) {
    let load = this.#loads.get(before);
    if (!load) {
      load = this.#page(before, limit).finally(() => {
        this.#loads.delete(before);
        if (this.#loads.size === 0) this.#touched.clear();
      });
      this.#loads.set(before, load);
    }
    return load;
  }

  async #page(before, limit) {
    const generation = this.#generation;
    let answer;
    try {
      answer = await this.#get(`photos?limit=${limit}&before=${before}`);
    } catch (error) {
      this.#refused(error);
      return false;
    }
    if (generation !== this.#generation) return false;
    this.#cover(lowest(answer), before - 1);
    for (const listed of answer.photos) {
      const photo = this.#touched.has(listed.id) ? this.#touched.get(listed.id) : listed;
      if (photo && !this.photos.has(photo.id)) this.#put(photo, false);
    }
    return true;
  }

  async #reload() {
    const answer = await this.#get(`photos?limit=${PAGE}`);
    this.#generation++;
    this.#go(answer.position);
    this.photos = new Map(answer.photos.map((photo) => [photo.id, photo]));
    for (const id of this.photos.keys()) this.pending.delete(id);
    this.#runs = [{ low: lowest(answer), high: Infinity }];
    this.#tell("reset");
  }

  async #catchUp() {
    for (let more = true; more; ) {
      const answer = await this.#get(`events?after=${this.#epoch}.${this.#seq}`);
      for (const { id, event, data } of answer.events) this.#event(id, event, data);
      more = answer.more && answer.events.length > 0;
    }
  }

  // Everything that may have been missed, then the stream anew: one that survived a sleep may be dead and not know it.
  #resync() {
    if (this.#stopped) return null;
    this.#sync ??= this.#synced().finally(() => (this.#sync = null));
    return this.#sync;
  }

  async #synced() {
    clearTimeout(this.#timer);
    this.#close();
    try {
      if (this.#epoch === "") await this.#reload();
      else await this.#catchUp();
    } catch (error) {
      if (this.#refused(error)) return;
      this.#later(() => this.#resync());
      return;
    }
    this.#open();
  }

  // Where one has to log in, or the album is not there, trying on helps nobody; a gap is answered by a new list.
  #refused(error) {
    if (error.status === 401) {
      clearTimeout(this.#timer);
      this.#close();
      this.#connect(false);
      this.#tell("locked");
      return true;
    }
    if (error.status === 404 || error.status === 403) {
      this.stop();
      this.#tell("gone");
    } else if (error.status === 410) this.#epoch = "";
    return this.#stopped;
  }

  #later(again) {
    this.#connect(false);
    clearTimeout(this.#timer);
    const wait = Math.min(SLOWEST, 500 * 2 ** this.#failures++);
    this.#timer = setTimeout(again, wait * (0.5 + Math.random()));
  }

  #open() {
    if (this.#stopped) return;
    this.#close();
    const source = new EventSource(`${this.#stream}?after=${encodeURIComponent(`${this.#epoch}.${this.#seq}`)}`);
    this.#source = source;
    this.#opened = false;
    this.#heard = performance.now();
    source.onopen = () => {
      this.#opened = true;
      this.#failures = 0;
      this.#connect(true);
    };
    // The browser would try again by itself, but gives up where it is refused and does not say why.
    source.onerror = () => {
      if (source !== this.#source) return;
      const opened = this.#opened;
      this.#close();
      this.#later(() => (opened ? this.#open() : this.#resync()));
    };
    const on = (kind, handle) =>
      source.addEventListener(kind, (event) => {
        if (source !== this.#source) return;
        this.#heard = performance.now();
        handle(JSON.parse(event.data), event.lastEventId);
      });
    for (const kind of PHOTO_EVENTS) on(kind, (data, id) => this.#event(id, kind, data));
    on("uploading", ({ id, key, author }) => {
      if (this.photos.has(id)) return;
      this.pending.set(id, { id, key, author: author ?? "", since: Date.now() });
      this.#tell("pending");
    });
    on("failed", ({ id, reason }) => {
      this.#unpend(id);
      this.#tell("failed", { id, reason });
    });
    on("duplicate", ({ id }) => this.#unpend(id));
    on("presence", ({ watching }) => {
      this.watching = watching;
      this.#tell("presence");
    });
    on("reset", () => this.#anew());
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }

  #anew() {
    this.#epoch = "";
    void this.#resync();
  }

  #event(id, kind, data) {
    const dot = id.lastIndexOf(".");
    const seq = Number(id.slice(dot + 1));
    if (id.slice(0, dot) !== this.#epoch) {
      if (this.#epoch !== "") this.#anew(); // another archive stands where this one stood
      return;
    }
    if (seq <= this.#seq) return;
    if (seq > this.#seq + 1) {
      void this.#resync();
      return;
    }
    this.#seq = seq;
    this.#unpend(data.id);
    if (data.gone) return;
    if (this.#loads.size > 0) this.#touched.set(data.id, UNSEEN[kind] ? null : data);
    if (UNSEEN[kind]) {
      this.photos.delete(data.id);
      this.#tell(kind === "waiting" ? "waiting" : "removed", { id: data.id });
    } else if (this.photos.has(data.id) || this.covers(data.order)) this.#put(data, true);
  }

  #put(photo, live) {
    const known = this.photos.has(photo.id);
    this.photos.set(photo.id, photo);
    this.#tell(known ? "changed" : "added", known ? { photo } : { photo, live });
  }

  #go(position) {
    const dot = position.lastIndexOf(".");
    this.#epoch = position.slice(0, dot);
    this.#seq = Number(position.slice(dot + 1));
  }

  // Joins what was loaded with what it touches.
  #cover(low, high) {
    const apart = this.#runs.filter((run) => run.high < low - 1 || run.low > high + 1);
    const joined = this.#runs.filter((run) => !apart.includes(run));
    low = Math.min(low, ...joined.map((run) => run.low));
    high = Math.max(high, ...joined.map((run) => run.high));
    this.#runs = [...apart, { low, high }].sort((a, b) => b.high - a.high);
  }

  #unpend(id) {
    if (this.pending.delete(id)) this.#tell("pending");
  }

  #expire() {
    const old = Date.now() - PENDING_FOR;
    for (const { id, since } of [...this.pending.values()]) if (since < old) this.#unpend(id);
  }

  // A stream whose other end has vanished stays silent for ever. If there is something it did not bring, it is dead.
  async #check() {
    if (document.hidden || !this.connected || performance.now() - this.#heard < CHECK_EVERY) return;
    const before = this.#seq;
    try {
      await this.#catchUp();
    } catch (error) {
      if (!this.#refused(error)) void this.#resync();
      return;
    }
    this.#heard = performance.now();
    if (this.#seq !== before) void this.#resync();
  }

  #connect(now) {
    if (this.connected === now) return;
    this.connected = now;
    this.#tell("state");
  }

  async #get(path) {
    const response = await fetch(this.#api + path, {
      signal: AbortSignal.timeout(PATIENCE),
      cache: "no-store",
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
    if (response.ok) return response.json();
    throw Object.assign(new Error(`the hub answered ${response.status}`), { status: response.status });
  }

  #tell(kind, detail = {}) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

function lowest({ photos, next }) {
  return next === null ? 0 : photos.at(-1).order;
}
