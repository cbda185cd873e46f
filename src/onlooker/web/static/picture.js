// A camera's picture on a canvas: decoded off the main thread, latest wins, drawn with the screen. The canvas hears of
// each one as the event "drawn".

const due = new Set();
let scheduled = false;

function draw() {
  scheduled = false;
  for (const picture of due) picture.draw();
  due.clear();
}

export class Picture {
  #canvas;
  #context = null;
  #decoding = false;
  #next = null; // newest part that waits for the decoder
  #bitmap = null; // newest picture that waits for the screen
  #sequence = "";
  #drawn;
  #era = 0; // pictures asked for before `forget()` are never shown

  /** drawn(): called after each picture that reached the canvas. */
  constructor(canvas, drawn) {
    this.#canvas = canvas;
    this.#drawn = drawn;
  }

  /** Offers a JPEG; if an earlier one is still being decoded only the newest is kept. */
  show(jpeg, sequence) {
    this.#next = { jpeg, sequence };
    if (!this.#decoding) void this.#decode();
  }

  /** Drops what is on its way; what is on the canvas stays. */
  forget() {
    this.#era++;
    this.#next = null;
    this.#bitmap?.close();
    this.#bitmap = null;
    due.delete(this);
  }

  async #decode() {
    this.#decoding = true;
    while (this.#next) {
      const { jpeg, sequence } = this.#next;
      const era = this.#era;
      this.#next = null;
      try {
        const bitmap = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
        if (era !== this.#era) {
          bitmap.close();
          continue;
        }
        this.#bitmap?.close();
        this.#bitmap = bitmap;
        this.#sequence = sequence;
        due.add(this);
        if (!scheduled) {
          scheduled = true;
          requestAnimationFrame(draw);
        }
      } catch {
        // A damaged picture: the one before stays until the next.
      }
    }
    this.#decoding = false;
  }

  draw() {
    const bitmap = this.#bitmap;
    if (!bitmap) return;
    this.#bitmap = null;
    if (this.#canvas.width !== bitmap.width || this.#canvas.height !== bitmap.height) {
      this.#canvas.width = bitmap.width;
      this.#canvas.height = bitmap.height;
    }
    this.#context ??= this.#canvas.getContext("2d", { alpha: false });
    this.#context.drawImage(bitmap, 0, 0);
    bitmap.close();
    this.#canvas.dataset.sequence = this.#sequence;
    this.#drawn();
    this.#canvas.dispatchEvent(new Event("drawn"));
  }
}
