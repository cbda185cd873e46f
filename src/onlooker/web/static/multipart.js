// Reads multipart/x-mixed-replace as the hub writes it: headers, then exactly Content-Length bytes.
// Bytes in, parts out; no I/O. Any split of the bytes gives the same parts, memory is bounded.

const MAX_HEADER = 8 * 1024;
const MAX_BODY = 64 * 1024 * 1024;
const LF = 10;
const CR = 13;
const latin = new TextDecoder("latin1");

/** @typedef {{headers: Map<string, string>, body: Uint8Array}} Part */

export class MultipartReader {
  #header = new Uint8Array(MAX_HEADER);
  #headerLength = 0;
  #headers = null; // set while a body is being read
  #body = null;
  #bodyLength = 0;

  /** Takes the next bytes of the stream and returns the parts that they complete. @returns {Part[]} */
  push(bytes) {
    const parts = [];
    let at = 0;
    while (at < bytes.length || (this.#body && this.#bodyLength === this.#body.length)) {
      if (this.#body) {
        const take = Math.min(this.#body.length - this.#bodyLength, bytes.length - at);
        this.#body.set(bytes.subarray(at, at + take), this.#bodyLength);
        this.#bodyLength += take;
        at += take;
        if (this.#bodyLength === this.#body.length) {
          parts.push({ headers: this.#headers, body: this.#body });
          this.#headers = this.#body = null;
        }
        continue;
      }
      if (this.#headerLength === MAX_HEADER) throw new Error("a part's header does not end");
      this.#header[this.#headerLength++] = bytes[at++];
      if (this.#headerEnds()) this.#begin();
    }
    return parts;
  }

  #headerEnds() {
    const n = this.#headerLength;
    const h = this.#header;
    return n >= 4 && h[n - 1] === LF && h[n - 2] === CR && h[n - 3] === LF && h[n - 4] === CR;
  }

  #begin() {
    const lines = latin.decode(this.#header.subarray(0, this.#headerLength)).split("\r\n");
    this.#headerLength = 0;
    const headers = new Map();
    for (const line of lines) {
      const colon = line.indexOf(":");
      if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    if (headers.size === 0) return; // the empty line between a body and the next boundary
    const length = headers.get("content-length") ?? "";
    if (!/^\d{1,9}$/.test(length) || Number(length) > MAX_BODY) throw new Error("a part has no usable Content-Length");
    this.#headers = headers;
    this.#body = new Uint8Array(Number(length));
    this.#bodyLength = 0;
  }
}
