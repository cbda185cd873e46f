// The photos that wait on this phone, in IndexedDB: they survive a closed page, a flat battery and a day without network.
//
// Where a browser refuses that (private windows, no space left) a photo is only held by the page, and `add` says so.

const VERSION = 1;
const SETTLED = ["safe", "waiting", "seen"];
const REMEMBERED = 40; // photos that are done and still listed, per album

/**
 * A record: {id, album, name, type, size, sha256, url, state, sent, caption, author, takenAt, created, photo, doneAt,
 * problem, tries, notBefore, thumb, fleeting}; state is "queued", "sending", "safe", "waiting", "seen" or "refused".
 * Its bytes lie beside it, until they are safe at the hub. Dispatches "changed" after every change, here or in another
 * window of this browser.
 */
export class Queue extends EventTarget {
  /** Every record, by id. */
  records = new Map();

  #name;
  #opening = null;
  #sending = new Map(); // how many bytes of what this window sends have arrived, by id
  #held = new Map(); // bytes of photos that only this page has, by id
  #channel = "BroadcastChannel" in window ? new BroadcastChannel("onlooker.queue") : null;

  constructor(name) {
    super();
    this.#name = name;
    this.#channel?.addEventListener("message", ({ data }) => {
      if (data.progress) this.#progress(data.id, data.progress);
      else void this.load();
    });
  }

  /** Reads what is kept; leaves what only this page holds alone. */
  async load() {
    try {
      const kept = await this.#run(["photos"], "readonly", (photos) => photos.getAll());
      const fleeting = [...this.records.values()].filter((record) => record.fleeting);
      this.records = new Map([...kept, ...fleeting].map((record) => [record.id, record]));
      // How far this window has come with what it sends is not written.
      for (const [id, sent] of this.#sending) this.#progress(id, sent);
    } catch {
      // This browser keeps nothing; `add` tells whom it concerns.
    }
    this.#tell();
  }

  /** This album's records, the newest first. */
  of(album) {
    return [...this.records.values()].filter((record) => record.album === album).sort((a, b) => b.created - a.created);
  }

  /** What has not arrived yet, of every album, the oldest first. */
  unsent() {
    const open = [...this.records.values()].filter(({ state }) => state === "queued" || state === "sending");
    return open.sort((a, b) => a.created - b.created);
  }

  /** Keeps a photo; "kept", or why only this page holds it: "full" or "refused". */
  async add(about, blob) {
    const record = {
      ...{ id: randomId(), state: "queued", sent: 0, url: null, sha256: null, photo: null, doneAt: null, problem: null },
      ...{ tries: 0, notBefore: 0, thumb: null, fleeting: false, created: this.#newest() },
      ...about,
    };
    let outcome = "kept";
    try {
      await this.#run(["photos", "blobs"], "readwrite", (photos, blobs) => {
        photos.put(record);
        return blobs.put(blob, record.id);
      });
    } catch (error) {
      outcome = error?.name === "QuotaExceededError" ? "full" : "refused";
      record.fleeting = true;
      this.#held.set(record.id, blob);
    }
    this.records.set(record.id, record);
    this.#tell(true);
    return { record, outcome };
  }

  /** The bytes of a photo; null if they are gone. */
  async bytes(id) {
    if (this.#held.has(id)) return this.#held.get(id);
    return (await this.#run(["blobs"], "readonly", (blobs) => blobs.get(id))) ?? null;
  }

  /** Changes fields of a record; one that arrived needs its bytes here no more. */
  async change(id, fields) {
    const record = this.records.get(id);
    if (!record) return;
    const next = { ...record, ...fields };
    this.records.set(id, next);
    const done = SETTLED.includes(next.state);
    if (next.state !== "sending") this.#sending.delete(id);
    if (done) this.#held.delete(id);
    if (!next.fleeting) {
      // What is under way is written as waiting: who reads it after a crash has to begin where that left off.
      const kept = { ...next, state: next.state === "sending" ? "queued" : next.state };
      await this.#run(["photos", "blobs"], "readwrite", (photos, blobs) => {
        if (done) blobs.delete(id);
        return photos.put(kept);
      });
    }
    this.#tell(true);
    if (done) await this.#forgetOldest(next.album);
  }

  /** How far a photo has come; not written, but told to the other windows. */
  progress(id, sent) {
    this.#sending.set(id, sent);
    this.#progress(id, sent);
    this.#channel?.postMessage({ id, progress: sent });
  }

  async remove(id) {
    const record = this.records.get(id);
    this.records.delete(id);
    this.#held.delete(id);
    if (record && !record.fleeting) {
      await this.#run(["photos", "blobs"], "readwrite", (photos, blobs) => {
        blobs.delete(id);
        return photos.delete(id);
      });
    }
    this.#tell(true);
  }

  /** True if `owner` is the one who sends until then (ms); for browsers without Web Locks. */
  async lease(owner, until) {
    try {
      return await this.#run(["leases"], "readwrite", (leases, settle) => {
        const asked = leases.get("sender");
        asked.onsuccess = () => {
          const free = !asked.result || asked.result.owner === owner || asked.result.until < Date.now();
          if (free) leases.put({ owner, until }, "sender");
          settle(free);
        };
      });
    } catch {
      return true; // nothing is shared with other windows then
    }
  }

  async #forgetOldest(album) {
    const settled = this.of(album).filter(({ state }) => SETTLED.includes(state));
    for (const { id } of settled.slice(REMEMBERED)) await this.remove(id);
  }

  // Two photos that are added in the same millisecond keep their order.
  #newest() {
    return Math.max(Date.now(), ...[...this.records.values()].map(({ created }) => created + 1));
  }

  #progress(id, sent) {
    const record = this.records.get(id);
    if (!record || SETTLED.includes(record.state)) return;
    this.records.set(id, { ...record, state: "sending", sent });
    this.dispatchEvent(new Event("changed"));
  }

  #tell(others = false) {
    if (others) this.#channel?.postMessage({});
    this.dispatchEvent(new Event("changed"));
  }

  /** work(...stores, settle) returns a request whose result counts, or calls settle(value). */
  async #run(names, mode, work) {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(names, mode, { durability: "strict" });
      let value;
      let request = null;
      transaction.oncomplete = () => resolve(request ? request.result : value);
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
      try {
        const settle = (given) => (value = given);
        request = work(...names.map((name) => transaction.objectStore(name)), settle) ?? null;
      } catch (error) {
        transaction.abort();
        reject(error);
      }
    });
  }

  #open() {
    this.#opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(this.#name, VERSION);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("photos", { keyPath: "id" });
        request.result.createObjectStore("blobs");
        request.result.createObjectStore("leases");
      };
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const again = () => (this.#opening = null); // phones close it behind a page that slept
        database.onclose = again;
        database.onversionchange = () => (database.close(), again());
        resolve(database);
      };
    });
    return this.#opening.catch((error) => {
      this.#opening = null;
      throw error;
    });
  }
}

function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
