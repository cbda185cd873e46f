// Codes what a canvas shows: H.264 where the browser can, else JPEG. One picture in, one out, as soon as possible.

const JPEG = 1;
const H264 = 2;
const BASELINE = "avc1.42E028"; // up to 1920 × 1088, no B-frames
const KEY_EVERY = 2000; // ms

const settings = (width, height, { bits, rate }) => ({
  codec: BASELINE,
  width,
  height,
  bitrate: bits,
  framerate: rate,
  latencyMode: "realtime",
  avc: { format: "annexb" },
});

/** The best coder there is. deliver({codec, key, timestamp, width, height, data}, taken); failed(): it works no more. */
export async function coderFor(level, deliver, failed, only = "") {
  if (only !== "jpeg" && (await canCode(level))) return new VideoCoder(deliver, failed);
  return new StillCoder(deliver);
}

async function canCode(level) {
  if (!("VideoEncoder" in window)) return false;
  const side = level.side;
  const answer = await VideoEncoder.isConfigSupported(settings(side, side, level)).catch(() => null);
  return answer?.supported === true;
}

class VideoCoder {
  name = "H.264";
  #encoder = null;
  #deliver;
  #failed;
  #size = "";
  #level = null;
  #keyAt = -Infinity;
  #keyWanted = true;
  #taken = new Map(); // by timestamp

  constructor(deliver, failed) {
    this.#deliver = deliver;
    this.#failed = failed;
  }

  /** Pictures that are being coded. */
  get underway() {
    return this.#taken.size;
  }

  /** The next picture is one that decoding can start with. */
  wantKey() {
    this.#keyWanted = true;
  }

  code(canvas, level, taken) {
    const { width, height } = canvas;
    this.#encoder ??= this.#started();
    const size = `${width}x${height}`;
    if (size !== this.#size || level !== this.#level) {
      this.#encoder.configure(settings(width, height, level));
      if (size !== this.#size) this.#keyWanted = true;
      [this.#size, this.#level] = [size, level];
    }
    const keyFrame = this.#keyWanted || taken - this.#keyAt > KEY_EVERY;
    const timestamp = Math.round(taken * 1000);
    const frame = new VideoFrame(canvas, { timestamp });
    this.#taken.set(timestamp, { taken, width, height });
    try {
      this.#encoder.encode(frame, { keyFrame });
    } finally {
      frame.close();
    }
    if (keyFrame) {
      this.#keyAt = taken;
      this.#keyWanted = false;
    }
  }

  close() {
    if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
    this.#encoder = null;
    this.#taken.clear();
    this.#size = "";
    this.#keyWanted = true;
  }

  #started() {
    const encoder = new VideoEncoder({
      output: (chunk) => encoder === this.#encoder && this.#out(chunk),
      error: () => encoder === this.#encoder && (this.close(), this.#failed()),
    });
    return encoder;
  }

  #out(chunk) {
    const about = this.#taken.get(chunk.timestamp);
    this.#taken.delete(chunk.timestamp);
    if (!about) return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const { taken, width, height } = about;
    this.#deliver({ codec: H264, key: chunk.type === "key", timestamp: chunk.timestamp, width, height, data }, taken);
  }
}

class StillCoder {
  name = "JPEG";
  underway = 0;
  #deliver;
  #era = 0;

  constructor(deliver) {
    this.#deliver = deliver;
  }

  wantKey() {} // each is one

  async code(canvas, level, taken) {
    const { width, height } = canvas;
    const era = this.#era;
    this.underway++;
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", level.quality));
    const data = blob && new Uint8Array(await blob.arrayBuffer());
    if (era !== this.#era) return;
    this.underway--;
    if (data) this.#deliver({ codec: JPEG, key: true, timestamp: taken * 1000, width, height, data }, taken);
  }

  close() {
    this.#era++;
    this.underway = 0;
  }
}
