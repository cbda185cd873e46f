// The line to the hub: pictures out, acknowledgements back (docs/broadcast.md). It comes back by itself when it is cut.

const VERSION = 1;
const HEAD = 20;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
const FINAL = new Map([
  [4000, "replaced"],
  [4001, "withdrawn"],
  [4002, "refused"],
  [4003, "refused"],
  [4004, "gone"],
]);

/** The bytes of one message. timestamp in microseconds. */
export function message({ codec, key, timestamp, width, height, data }, sequence) {
  const bytes = new Uint8Array(HEAD + data.byteLength);
  const head = new DataView(bytes.buffer);
  head.setUint8(0, VERSION);
  head.setUint8(1, codec);
  head.setUint8(2, key ? 1 : 0);
  head.setUint32(4, sequence);
  head.setBigUint64(8, BigInt(Math.round(timestamp)));
  head.setUint16(16, width);
  head.setUint16(18, height);
  bytes.set(data, HEAD);
  return bytes;
}

export class Link {
  #address;
  #handlers;
  #socket = null;
  #sequence = 0;
  #unheard = new Map(); // by sequence: when the picture was taken
  #wanted = false;
  #pause = FIRST_PAUSE;
  #timer = 0;

  /** handlers: opened(), acked({sequence, delay, viewers, key}), cut(heard): it is tried again; heard: the hub had
   * answered; ended(why): replaced, withdrawn, refused or gone; it is not tried again. */
  constructor(address, handlers) {
    this.#address = address;
    this.#handlers = handlers;
  }

  open() {
    this.#wanted = true;
    this.#pause = FIRST_PAUSE;
    this.#connect();
  }

  close() {
    this.#wanted = false;
    this.#drop();
  }

  /** The same from its beginning. */
  renew() {
    if (this.#wanted) this.#connect();
  }

  get ready() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** How many pictures are on their way. */
  get underway() {
    return this.#unheard.size;
  }

  /** Sends a picture that was taken at this instant (performance.now()); gives its sequence. */
  send(picture, taken) {
    const sequence = ++this.#sequence;
    this.#unheard.set(sequence, taken);
    this.#socket.send(message(picture, sequence));
    return sequence;
  }

  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#unheard.clear();
    socket?.close();
  }

  #connect() {
    this.#drop();
    const socket = (this.#socket = new WebSocket(this.#address));
    let heard = false;
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      heard = true;
      this.#pause = FIRST_PAUSE;
      this.#handlers.opened();
    });
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#hear(data));
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#cut(code, heard));
  }

  #hear(text) {
    const { type, sequence, viewers, key } = JSON.parse(text);
    const taken = this.#unheard.get(sequence);
    if (type !== "ack" || taken === undefined) return;
    this.#unheard.delete(sequence);
    this.#handlers.acked({ sequence, viewers, key: key === true, delay: performance.now() - taken });
  }

  #cut(code, heard) {
    this.#drop();
    if (FINAL.has(code)) {
      this.#wanted = false;
      this.#handlers.ended(FINAL.get(code));
      return;
    }
    this.#handlers.cut(heard);
    if (!this.#wanted) return;
    this.#timer = setTimeout(() => this.#connect(), this.#pause * (0.8 + 0.4 * Math.random()));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }
}
