// Sends the queue: two photos at a time, each from where it was cut off, until the hub says it is safe.

import "./vendor/tus.min.js"; // sets window.tus
import { exclusively } from "./queue-lease.js";
import { fingerprint } from "./thumbnail.js";

const AT_ONCE = 2;
const STALLED = 60_000; // ms without progress after which a connection is taken for dead
const PAUSES = [1, 2, 5, 10, 20, 30, 60]; // seconds between tries
const TELL_EVERY = 200; // ms
const PATIENCE = 20_000;
const BLOCKED = 5_000; // ms until it is asked again whether another window is done
// What will not be otherwise the next time: the photo is refused, and the hub's own sentence says why.
const FINAL = [400, 403, 404, 413, 415, 422, 460];

/** Dispatches "state" when one of its three facts changes. */
export class Sender extends EventTarget {
  /** Whether the hub was not reached the last time. */
  cut = false;
  /** Whether the hub lets this browser in no more. */
  refused = false;
  /** Whether something is being sent, by this window. */
  busy = false;

  #queue;
  #root;
  #running = null;
  #again = false;
  #timer = 0;
  #failures = 0;

  constructor(queue, root) {
    super();
    this.#queue = queue;
    this.#root = root;
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    addEventListener("pageshow", (event) => event.persisted && this.wake());
  }

  /** Tries at once what waits. */
  wake() {
    this.#failures = 0;
    this.#state({ refused: false });
    this.#go();
  }

  /** Tries one photo again that was refused or waits. */
  async retry(id) {
    await this.#queue.change(id, { state: "queued", problem: null, tries: 0, notBefore: 0 });
    this.wake();
  }

  #go() {
    clearTimeout(this.#timer);
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#drain().finally(() => {
      this.#running = null;
      if (this.#again) {
        this.#again = false;
        this.#go();
      }
    });
  }

  async #drain() {
    if (this.#queue.unsent().length === 0) return;
    let blocked = false;
    try {
      blocked = !(await exclusively(this.#queue, async () => {
        await this.#queue.load();
        this.#state({ busy: true });
        const taken = new Set();
        await Promise.all(Array.from({ length: AT_ONCE }, () => this.#work(taken)));
      }));
    } finally {
      this.#state({ busy: false });
    }
    const waiting = this.#queue.unsent();
    if (waiting.length === 0 || this.refused) return;
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)] * 1000;
    if (this.cut) this.#failures++;
    const next = this.cut ? pause : Math.min(...waiting.map(({ notBefore }) => notBefore - Date.now()));
    this.#timer = setTimeout(() => this.#go(), blocked ? BLOCKED : Math.min(60_000, Math.max(next, 500)));
  }

  async #work(taken) {
    for (;;) {
      const due = this.#queue.unsent().find(({ id, notBefore }) => !taken.has(id) && notBefore <= Date.now());
      if (!due || this.refused) return;
      taken.add(due.id);
      if (!(await this.#deliver(due.id))) return;
    }
  }

  /** False when there is no sense in trying the next one now. */
  async #deliver(id) {
    let blob = null;
    try {
      blob = await this.#queue.bytes(id);
    } catch {
      // Told below: it cannot be read.
    }
    if (!blob) {
      await this.#queue.change(id, { state: "refused", problem: "lost" });
      return true;
    }
    try {
      if (!this.#queue.records.get(id).sha256) await this.#queue.change(id, { sha256: await fingerprint(blob) });
      this.#queue.progress(id, this.#queue.records.get(id).sent);
      const photo = await this.#upload(id, blob);
      this.#failures = 0;
      this.#state({ cut: false });
      await this.#receipt(id, photo);
      return true;
    } catch (failure) {
      return this.#failed(id, failure);
    }
  }

  #upload(id, blob) {
    const record = this.#queue.records.get(id);
    const metadata = {
      album: record.album,
      filename: record.name,
      filetype: record.type,
      sha256: record.sha256,
      taken_at: record.takenAt,
      caption: record.caption,
      author: record.author,
    };
    return new Promise((resolve, reject) => {
      let watch = 0;
      let told = 0;
      const settle = (finish, value) => (clearTimeout(watch), finish(value));
      const alive = () => {
        clearTimeout(watch);
        watch = setTimeout(() => {
          void upload.abort().catch(() => {});
          settle(reject, new Error("stalled"));
        }, STALLED);
      };
      const upload = new window.tus.Upload(blob, {
        endpoint: `${this.#root}api/v1/uploads`,
        uploadUrl: record.url,
        metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => value)),
        storeFingerprintForResuming: false, // where it is stands in the queue
        retryDelays: null, // and when it is tried again, too
        onAfterResponse(request, response) {
          alive();
          // The library would begin anew where the hub only has no time just now.
          if (request.getMethod() === "HEAD" && response.getStatus() >= 429) throw new Error("busy");
        },
        onUploadUrlAvailable: () => void this.#queue.change(id, { url: upload.url }),
        onProgress: (sent) => {
          alive();
          const now = performance.now();
          if (now - told < TELL_EVERY && sent < blob.size) return;
          told = now;
          this.#queue.progress(id, sent);
        },
        onSuccess: ({ lastResponse }) => settle(resolve, lastResponse.getHeader("Onlooker-Photo")),
        onError: (error) => settle(reject, error),
      });
      alive();
      upload.start();
    });
  }

  // What the hub has is asked for, not assumed; guests hear of it by the album's events.
  async #receipt(id, photo) {
    const record = this.#queue.records.get(id);
    const done = { state: "safe", photo, sent: record.size, problem: null, doneAt: Date.now() };
    try {
      const address = `${this.#root}api/v1/albums/${encodeURIComponent(record.album)}/photos/${photo}`;
      const answer = await fetch(address, {
        signal: AbortSignal.timeout(PATIENCE),
        cache: "no-store",
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      });
      if (answer.ok) {
        const facts = await answer.json();
        if (record.sha256 && facts.sha256 !== record.sha256) {
          await this.#queue.change(id, { state: "refused", problem: "differs", url: null });
          return;
        }
        Object.assign(done, { sha256: facts.sha256, state: { shown: "seen", waiting: "waiting" }[facts.state] ?? "safe" });
        if (!record.thumb && facts.state === "shown") done.picture = facts.thumbnail;
      }
    } catch {
      // No network for this question; the hub has the photo all the same.
    }
    await this.#queue.change(id, done);
  }

  async #failed(id, failure) {
    const record = this.#queue.records.get(id);
    const answer = failure.originalResponse;
    const status = answer?.getStatus() ?? 0;
    const problem = sentence(answer);
    const tries = record.tries + 1;
    const later = Date.now() + PAUSES[Math.min(tries, PAUSES.length) - 1] * 1000;
    if (status === 0) {
      await this.#queue.change(id, { state: "queued", tries });
      this.#state({ cut: true });
      return false;
    }
    this.#state({ cut: false });
    if (status === 401) {
      await this.#queue.change(id, { state: "queued" });
      this.#state({ refused: true });
      return false;
    }
    if ([404, 409, 410].includes(status) && record.url && tries < 4) {
      // The upload has moved on, or the hub has forgotten it: it is asked again, or begun anew.
      await this.#queue.change(id, { state: "queued", tries, url: status === 409 ? record.url : null, notBefore: later });
      return true;
    }
    if (FINAL.includes(status)) await this.#queue.change(id, { state: "refused", problem, tries, url: null });
    else {
      const wait = Number(answer.getHeader("Retry-After")) * 1000 || 0;
      await this.#queue.change(id, { state: "queued", problem, tries, notBefore: Math.max(later, Date.now() + wait) });
    }
    return true;
  }

  #state(facts) {
    const news = Object.keys(facts).some((name) => this[name] !== facts[name]);
    Object.assign(this, facts);
    if (news) this.dispatchEvent(new Event("state"));
  }
}

/** The hub's own sentence on why not. */
function sentence(answer) {
  try {
    return JSON.parse(answer.getBody()).detail ?? null;
  } catch {
    return null;
  }
}
