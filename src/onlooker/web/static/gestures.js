// Fingers, pen and mouse on the opened photo: swipe to the next, pull down to close, pinch, double tap and wheel to zoom.

const MOST = 6; // times
const DOUBLE = 300; // ms between two taps
const DECIDED = 8; // px after which a drag has a direction
const FLICK = 0.35; // px a ms

/**
 * stage: what is touched. handle: {frame(): the element that zooms, drag(dx), turn(step) or stay when 0, pull(dy),
 * close(), tap(event), zoomed(scale)}.
 */
export class Gestures {
  #stage;
  #handle;
  #pointers = new Map();
  #drag = null; // {x, y, time, axis}
  #pinch = null; // {distance, scale, x, y}
  #tapped = { time: 0, x: 0, y: 0 };
  #scale = 1;
  #x = 0;
  #y = 0;

  constructor(stage, handle) {
    this.#stage = stage;
    this.#handle = handle;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) stage.addEventListener(kind, (event) => this.#up(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** Back to the whole photo. */
  reset() {
    this.#scale = 1;
    this.#x = this.#y = 0;
    this.#pointers.clear();
    this.#drag = this.#pinch = null;
    this.#apply();
  }

  #down(event) {
    if (event.button !== 0) return;
    this.#stage.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.#pointers.size === 2) {
      this.#handle.turn(0);
      const [a, b] = [...this.#pointers.values()];
      this.#drag = null;
      this.#pinch = { distance: distance(a, b), scale: this.#scale, ...middle(a, b) };
    } else if (this.#pointers.size === 1) {
      this.#drag = { x: event.clientX, y: event.clientY, time: event.timeStamp, axis: "", fromX: this.#x, fromY: this.#y };
    }
  }

  #move(event) {
    if (!this.#pointers.has(event.pointerId)) return;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.#pinch && this.#pointers.size === 2) {
      const [a, b] = [...this.#pointers.values()];
      const now = middle(a, b);
      this.#x += now.x - this.#pinch.x;
      this.#y += now.y - this.#pinch.y;
      Object.assign(this.#pinch, now);
      this.#zoom((this.#pinch.scale * distance(a, b)) / this.#pinch.distance, now.x, now.y);
    } else if (this.#drag) this.#dragged(event);
  }

  #dragged(event) {
    const dx = event.clientX - this.#drag.x;
    const dy = event.clientY - this.#drag.y;
    if (!this.#drag.axis && Math.hypot(dx, dy) > DECIDED) this.#drag.axis = Math.abs(dx) > Math.abs(dy) ? "x" : "y";
    if (!this.#drag.axis) return;
    if (this.#scale > 1) {
      this.#x = this.#drag.fromX + dx;
      this.#y = this.#drag.fromY + dy;
      this.#apply();
    } else if (this.#drag.axis === "x") this.#handle.drag(dx);
    else this.#handle.pull(Math.max(0, dy));
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    const drag = this.#drag;
    if (this.#pinch && this.#pointers.size < 2) {
      this.#pinch = null;
      if (this.#scale < 1.05) this.reset();
    }
    if (!drag || this.#pointers.size > 0) return;
    this.#drag = null;
    const dx = event.clientX - drag.x;
    const dy = event.clientY - drag.y;
    if (!drag.axis) {
      if (event.type === "pointerup") this.#tap(event);
    } else if (this.#scale > 1) return;
    else if (event.type === "pointercancel") this.#handle.turn(0);
    else if (drag.axis === "x") {
      const fast = Math.abs(dx) / Math.max(1, event.timeStamp - drag.time) > FLICK;
      this.#handle.turn(fast || Math.abs(dx) > this.#stage.clientWidth / 3 ? -Math.sign(dx) : 0);
    } else if (dy > this.#stage.clientHeight / 6) this.#handle.close();
    else this.#handle.turn(0);
  }

  #tap(event) {
    const { time, x, y } = this.#tapped;
    const twice = event.timeStamp - time < DOUBLE && Math.hypot(event.clientX - x, event.clientY - y) < 30;
    this.#tapped = { time: twice ? 0 : event.timeStamp, x: event.clientX, y: event.clientY };
    if (!twice) this.#handle.tap(event);
    else if (this.#scale > 1) this.reset();
    else this.#zoom(2.5, event.clientX, event.clientY);
  }

  #wheel(event) {
    event.preventDefault();
    this.#zoom(this.#scale * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event.clientX, event.clientY);
    if (this.#scale === 1) this.reset();
  }

  // What is under this point of the screen stays under it.
  #zoom(scale, x, y) {
    const box = this.#stage.getBoundingClientRect();
    const cx = x - box.left - box.width / 2;
    const cy = y - box.top - box.height / 2;
    const next = Math.min(MOST, Math.max(1, scale));
    this.#x = cx - ((cx - this.#x) * next) / this.#scale;
    this.#y = cy - ((cy - this.#y) * next) / this.#scale;
    this.#scale = next;
    this.#apply();
    this.#handle.zoomed(next);
  }

  #apply() {
    const frame = this.#handle.frame();
    if (!frame) return;
    const spanX = Math.max(0, (frame.offsetWidth * this.#scale - this.#stage.clientWidth) / 2);
    const spanY = Math.max(0, (frame.offsetHeight * this.#scale - this.#stage.clientHeight) / 2);
    this.#x = Math.min(spanX, Math.max(-spanX, this.#x));
    this.#y = Math.min(spanY, Math.max(-spanY, this.#y));
    frame.style.transform = this.#scale === 1 ? "" : `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
  }
}

const distance = (a, b) => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
