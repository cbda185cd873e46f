// Turning a camera: by buttons that are held, by arrow keys, by dragging on the picture, to places it remembers.

import { ask, fill, place, tell, told } from "./device-parts.js";
import { isCommand } from "./page.js";

const AGAIN = 400; // ms between two calls while something is held: the camera stops by itself after a second
const SHORTEST = 160; // ms that a tap moves it
const SLOW = 0.4;
const FAST_AFTER = 800; // ms
const DEAD = 12; // px of a drag that are no drag yet
const DIRECTIONS = {
  up: { tilt: 1 },
  down: { tilt: -1 },
  left: { pan: -1 },
  right: { pan: 1 },
  closer: { zoom: 1 },
  farther: { zoom: -1 },
};
const KEYS = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  "+": "closer",
  "=": "closer",
  "-": "farther",
};

/** Moves while anything is held, in the direction of all that is; one call after the other, and at the end a stop. */
class Mover {
  #held = new Map();
  #running = false;
  #wake = () => {};
  #failed;

  constructor(failed) {
    this.#failed = failed;
  }

  hold(source, movement) {
    const since = this.#held.get(source)?.since ?? performance.now();
    this.#held.set(source, { movement, since });
    this.#wake();
    if (!this.#running) void this.#run();
  }

  release(source) {
    if (this.#held.delete(source)) this.#wake();
  }

  releaseAll() {
    this.#held.clear();
    this.#wake();
  }

  #sum() {
    const sum = { pan: 0, tilt: 0, zoom: 0 };
    for (const { movement, since } of this.#held.values()) {
      const speed = movement.speed ?? (performance.now() - since > FAST_AFTER ? 1 : SLOW);
      for (const axis of Object.keys(sum)) sum[axis] += (movement[axis] ?? 0) * speed;
    }
    for (const axis of Object.keys(sum)) sum[axis] = Math.min(1, Math.max(-1, Math.round(sum[axis] * 100) / 100));
    return sum;
  }

  async #run() {
    this.#running = true;
    try {
      while (this.#held.size) {
        const began = performance.now();
        await ask("POST", `${place}/move`, this.#sum());
        if (this.#held.size) await this.#pause(AGAIN);
        await this.#pause(SHORTEST - (performance.now() - began), false);
      }
    } catch (error) {
      this.#held.clear();
      this.#failed(error);
    }
    try {
      await ask("POST", `${place}/stop`);
    } catch (error) {
      this.#failed(error);
    }
    this.#running = false;
    if (this.#held.size) void this.#run();
  }

  #pause(ms, interrupted = true) {
    return new Promise((resolve) => {
      if (ms <= 0) return resolve();
      const timer = setTimeout(resolve, ms);
      if (interrupted) this.#wake = () => (clearTimeout(timer), resolve());
    });
  }
}

export function followMoves() {
  const box = document.getElementById("move");
  if (!box) return null;
  const stage = document.getElementById("stage");
  const said = document.getElementById("moved");
  const presets = document.getElementById("presets");
  const home = document.getElementById("home");
  const mover = new Mover((error) => tell(said, error.message, true));
  const can = new Set();
  let asked = false;

  for (const button of box.querySelectorAll("[data-push]")) pushes(button, mover, said);
  keys(box, mover, can);
  drags(stage, mover, can);
  addEventListener("blur", () => mover.releaseAll());
  document.addEventListener("visibilitychange", () => document.hidden && mover.releaseAll());

  async function go(address, done) {
    try {
      await ask("POST", address);
      tell(said, done);
    } catch (error) {
      tell(said, error.message, true);
    }
  }

  home.addEventListener("click", () => void go(`${place}/home`, told.lookingHome));

  async function readPresets() {
    asked = true;
    try {
      const found = (await ask("GET", `${place}/presets`)).presets;
      presets.replaceChildren(
        ...found.map(({ id, name }) => {
          const button = document.createElement("button");
          button.type = "button";
          button.className = "button plain";
          button.textContent = name || id;
          button.addEventListener("click", () =>
            void go(`${place}/presets/${encodeURIComponent(id)}`, fill(told.lookingAt, { name: name || id })),
          );
          return button;
        }),
      );
      presets.hidden = found.length === 0;
    } catch (error) {
      asked = error.status === 404;
    }
  }

  return {
    told({ abilities }) {
      can.clear();
      for (const ability of abilities) can.add(ability);
      box.querySelector(".ring").hidden = !can.has("move");
      box.querySelector(".zooms").hidden = !can.has("zoom");
      home.hidden = !can.has("home");
      box.hidden = !["move", "zoom", "presets", "home"].some((ability) => can.has(ability));
      stage.classList.toggle("moves", can.has("move"));
      if (can.has("presets") && !asked) void readPresets();
      return !box.hidden;
    },
  };
}

/** A button that moves while it is held, by finger, mouse or key. */
function pushes(button, mover, said) {
  const movement = DIRECTIONS[button.dataset.push];
  const hold = () => {
    tell(said, "");
    mover.hold(button, movement);
  };
  const release = () => mover.release(button);
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    hold();
  });
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(kind, release);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  for (const [kind, act] of [["keydown", hold], ["keyup", release]]) {
    button.addEventListener(kind, (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (!event.repeat) act();
    });
  }
  // Whoever clicks without finger or key, like a screen reader, means a small step.
  button.addEventListener("click", (event) => {
    if (event.detail !== 0) return;
    hold();
    setTimeout(release, AGAIN);
  });
}

function keys(box, mover, can) {
  const able = (name) => can.has(DIRECTIONS[name].zoom ? "zoom" : "move");
  const press = (event, name) => {
    if (!name || !able(name)) return;
    event.preventDefault();
    event.stopPropagation(); // arrows alone lead to the cameras beside this one
    if (!event.repeat) mover.hold(`key ${name}`, DIRECTIONS[name]);
  };
  box.querySelector(".pad").addEventListener("keydown", (event) => {
    if (isCommand(event)) press(event, KEYS[event.key]);
  });
  addEventListener("keydown", (event) => {
    if (event.shiftKey && !event.defaultPrevented && isCommand(event) && event.key.startsWith("Arrow")) press(event, KEYS[event.key]);
  });
  addEventListener("keyup", (event) => {
    if (KEYS[event.key]) mover.release(`key ${KEYS[event.key]}`);
  });
  box.querySelector(".pad").addEventListener("focusout", () => {
    for (const name of Object.keys(DIRECTIONS)) mover.release(`key ${name}`);
  });
}

/** Dragging on the picture: the farther from where it began, the faster that way. */
function drags(stage, mover, can) {
  let from = null;
  const line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  line.setAttribute("class", "drag");
  line.setAttribute("aria-hidden", "true");
  line.innerHTML = '<line/><circle r="6"/>';

  const end = () => {
    from = null;
    line.remove();
    mover.release(stage);
  };
  stage.addEventListener("pointerdown", (event) => {
    if (!can.has("move") || event.button !== 0 || !event.isPrimary) return;
    const { left, top } = stage.getBoundingClientRect();
    from = { x: event.clientX, y: event.clientY, left, top };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    const far = Math.hypot(x, y);
    if (far < DEAD && !line.isConnected) return;
    const reach = Math.min(stage.clientWidth, stage.clientHeight) / 2;
    if (!line.isConnected) stage.append(line);
    const ends = { x1: from.x - from.left, y1: from.y - from.top, x2: event.clientX - from.left, y2: event.clientY - from.top };
    for (const [name, value] of Object.entries(ends)) line.firstChild.setAttribute(name, value);
    line.lastChild.setAttribute("cx", ends.x1);
    line.lastChild.setAttribute("cy", ends.y1);
    const part = (one) => Math.min(1, Math.max(-1, one / reach));
    mover.hold(stage, { pan: part(x), tilt: part(-y), speed: 1 });
  });
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) stage.addEventListener(kind, end);
}
