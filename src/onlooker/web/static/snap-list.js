// The photos of this phone in this album as a list: where each one is, and what can be done about it.

import { fill, instant, say, words } from "./page.js";

const SIGNS = { waiting: "waiting", refused: "lost" }; // the others have signs of their own
const OURS = { lost: "problemLost", differs: "problemDiffers" };

export class SnapList {
  #list;
  #template;
  #rows = new Map(); // {item, address} by id
  #handlers;

  /** list: the <ol>; template: of one photo; handlers: retry(id), remove(id). */
  constructor(list, template, handlers) {
    this.#list = list;
    this.#template = template;
    this.#handlers = handlers;
  }

  /** Shows these records, the newest first, with as few changes as possible. */
  show(records, { cut, approve }) {
    const ids = new Set(records.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      if (row.address) URL.revokeObjectURL(row.address);
      row.item.remove();
      this.#rows.delete(id);
    }
    records.forEach((record, place) => {
      const row = this.#rows.get(record.id) ?? this.#row(record.id);
      if (this.#list.children[place] !== row.item) this.#list.insertBefore(row.item, this.#list.children[place] ?? null);
      // A photo that nobody has seen yet in an album with approval waits for that.
      const state = record.state === "safe" && approve ? "waiting" : record.state;
      this.#fill(row, { ...record, state }, cut);
    });
  }

  #row(id) {
    const item = this.#template.content.firstElementChild.cloneNode(true);
    item.querySelector(".again").addEventListener("click", () => this.#handlers.retry(id));
    item.querySelector(".remove").addEventListener("click", () => this.#handlers.remove(id));
    const row = { item, address: "" };
    this.#rows.set(id, row);
    return row;
  }

  #fill(row, record, cut) {
    const { item } = row;
    const part = (name) => item.querySelector(name);
    item.dataset.state = record.state;
    item.dataset.id = record.id;
    this.#picture(row, record);
    part(".stating use").setAttribute("href", `#${SIGNS[record.state] ?? `sign-${record.state}`}`);
    say(part(".what"), this.#what(record, cut));
    say(part(".why"), this.#why(record));
    part(".why").hidden = part(".why").textContent === "";
    say(part(".name"), record.caption || record.name || words.photo);
    const bar = part("progress");
    bar.hidden = record.state !== "sending";
    bar.max = record.size || 1;
    bar.value = record.sent;
    const receipt = part(".receipt");
    receipt.hidden = !record.photo;
    if (record.photo) {
      say(receipt.querySelector(".when"), time(record.doneAt));
      receipt.querySelector(".when").title = instant(record.doneAt);
      say(receipt.querySelector(".proof"), record.sha256 ? fill(words.proof, { start: record.sha256.slice(0, 12) }) : "");
      receipt.querySelector(".proof").title = record.sha256 ? `SHA-256 ${record.sha256}` : "";
      say(receipt.querySelector(".id"), fill(words.photoId, { id: record.photo }));
    }
    const waits = record.state === "queued" && (record.problem !== null || record.tries > 0);
    part(".again").hidden = !(record.state === "refused" && record.problem !== "lost") && !waits;
    part(".remove").hidden = record.state !== "refused" && !waits;
    for (const button of [part(".again"), part(".remove")]) button.setAttribute("aria-describedby", `name-${record.id}`);
    part(".name").id = `name-${record.id}`;
  }

  #picture(row, record) {
    const image = row.item.querySelector("img");
    if (record.thumb && !row.address) {
      row.address = URL.createObjectURL(record.thumb);
      image.src = row.address;
    } else if (!record.thumb && record.picture && image.getAttribute("src") !== record.picture) image.src = record.picture;
    row.item.dataset.pictured = String(Boolean(record.thumb || record.picture));
  }

  #what(record, cut) {
    if (record.state === "queued") {
      if (record.problem) return words.stateLater;
      return cut ? words.stateNoNetwork : words.stateQueued;
    }
    if (record.state === "sending") {
      const percent = Math.floor((100 * record.sent) / (record.size || 1));
      return fill(percent >= 100 ? words.stateChecking : words.stateSending, { percent, sent: amount(record.sent), size: amount(record.size) });
    }
    return { safe: words.stateSafe, waiting: words.stateWaiting, seen: words.stateSeen, refused: words.stateRefused }[record.state];
  }

  #why(record) {
    if (record.state !== "refused" && record.state !== "queued") return "";
    if (OURS[record.problem]) return words[OURS[record.problem]];
    return record.problem ?? (record.state === "refused" ? words.problemUnknown : "");
  }
}

/** "3.1 MB", as people count. */
export function amount(bytes) {
  const [value, unit] = bytes >= 1e6 ? [bytes / 1e6, words.megabytes] : [bytes / 1e3, words.kilobytes];
  const digits = unit === words.megabytes && value < 100 ? 1 : 0;
  return fill(unit, { n: new Intl.NumberFormat(undefined, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value) });
}

function time(ms) {
  return new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" }).format(ms);
}
