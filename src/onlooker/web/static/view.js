// One camera as a person sees it: its picture, and in words how true that picture is.
//
// Four states are shown. live: the picture is current. waiting: none yet. lost: there should be one;
// the last one is dimmed, with since when, why, and what the hub is doing about it. ended: whoever sent
// has stopped, and nothing is wrong.

import { Picture } from "./picture.js";
import { duration, fill, instant, say, words } from "./page.js";

const SAME_SHAPE = 0.03; // a picture this close to its place's shape fills it rather than leaving hairlines
const SOON = 1500; // ms that a picture may take to follow the one before on a new connection
const OLD = 5000; // ms without a new picture after which its age is said
const NAMES = { live: "live", connecting: "waiting", idle: "waiting", lost: "lost", refused: "lost", ended: "ended" };

export class LiveView {
  #element;
  #hub;
  #changed;
  #picture;
  #camera = null; // what the API said last
  #state; // what was heard last, from the API or with a picture
  #current = false; // the canvas shows what the camera sees
  #arrived = 0; // when the newest picture came, monotonic ms
  #broken = false; // was lost and has not been live since

  /** element holds canvas, .word, .mark use, .since, .reason, .next; changed(now, before) hears of each new state. */
  constructor(element, hub, changed = () => {}) {
    this.#element = element;
    this.#hub = hub;
    this.#changed = changed;
    this.#state = element.dataset.first || "connecting";
    this.#picture = new Picture(element.querySelector("canvas"), () => this.#drawn());
    this.tick();
  }

  get camera() {
    return this.#camera;
  }

  /** The API's word on this camera; the element hears of it as the event "told". */
  told(camera) {
    this.#camera = camera;
    this.#hear(camera.state);
    this.tick();
    this.#element.dispatchEvent(new CustomEvent("told", { detail: camera }));
  }

  /** A part of the live stream; returns true if its state is news. */
  part({ headers, body }) {
    const state = headers.get("x-state") ?? "live";
    const news = state !== this.#state && !(this.#state === "idle" && state === "connecting");
    this.#hear(state);
    if (state === "live") this.#picture.show(body, headers.get("x-sequence") ?? "");
    if (news) this.tick();
    return news;
  }

  /** The stream is gone: whatever the canvas shows is the past. */
  cut() {
    this.#picture.forget();
    this.#current = false;
    this.tick();
  }

  /** The stream is being opened anew: the canvas is the past unless a picture comes soon. */
  renew() {
    if (!this.#current) return;
    const before = this.#arrived;
    setTimeout(() => this.#arrived === before && this.cut(), SOON);
  }

  /** Brings words about time up to date; call it once a second. */
  tick() {
    const name = this.#shown();
    const element = this.#element;
    const before = element.dataset.state;
    if (before !== name) {
      element.dataset.state = name;
      element.querySelector(".mark use").setAttribute("href", `#${name}`);
      this.#changed(name, before);
    }
    const silent = performance.now() - this.#arrived;
    const aged = name === "live" && silent > OLD ? fill(words.old, { age: duration(silent) }) : words[name];
    say(element.querySelector(".word"), aged);
    this.#explain(name);
    this.#fit();
  }

  #fit() {
    const canvas = this.#element.querySelector("canvas");
    const shape = (canvas.width / canvas.height) * (this.#element.clientHeight / this.#element.clientWidth);
    const fit = Math.abs(shape - 1) < SAME_SHAPE ? "cover" : "contain";
    if (canvas.style.objectFit !== fit) canvas.style.objectFit = fit;
  }

  #hear(state) {
    this.#state = state;
    if (NAMES[state] === "lost") this.#broken = true;
    if (state === "ended") this.#broken = false;
    if (state !== "live") {
      this.#picture.forget();
      this.#current = false;
    }
  }

  #drawn() {
    this.#arrived = performance.now();
    if (this.#current) return;
    this.#current = true;
    this.#broken = false;
    this.#element.dataset.picture = "";
    this.tick();
  }

  #shown() {
    const name = NAMES[this.#state] ?? "waiting";
    if (name === "live") return this.#current ? "live" : this.#broken ? "lost" : "waiting";
    return name === "waiting" && this.#broken ? "lost" : name;
  }

  #explain(name) {
    const [since, reason, next] = [".since", ".reason", ".next"].map((part) => this.#element.querySelector(part));
    const camera = this.#camera;
    const last = Date.parse(camera?.last_frame_at ?? "");
    if (name === "ended") {
      say(since, Number.isNaN(last) ? words.notStarted : fill(words.endedFor, { time: duration(this.#hub.now() - last) }));
      since.title = Number.isNaN(last) ? "" : fill(words.since, { time: instant(last) });
      say(reason, "");
      say(next, "");
      return;
    }
    if (name !== "lost") {
      say(since, "");
      say(reason, "");
      say(next, name === "waiting" ? words.connecting : "");
      return;
    }
    const gone = Number.isNaN(last) ? Date.parse(camera?.since ?? "") : last;
    const away = this.#hub.now() - gone;
    say(since, Number.isNaN(gone) ? words.noVideo : fill(words.noVideoFor, { time: duration(away) }));
    since.title = Number.isNaN(gone) ? "" : fill(words.since, { time: instant(gone) });
    say(reason, camera?.reason ?? "");
    const retry = Date.parse(camera?.retry_at ?? "") - this.#hub.now();
    say(next, retry > 500 ? fill(words.tryingIn, { time: duration(retry) }) : words.trying);
  }
}
