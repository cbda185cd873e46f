// The viewfinder: what this device's own camera sees, over the whole page, and one button that shoots.

import { Lens, cameras, possible, troubleOf } from "./lens.js";
import { fill, say, words } from "./page.js";

const AT_ONCE = 6; // photos that are being made into files; a phone has memory for so many
// Phones have a camera program of their own, which the file button opens; other devices only have this one.
const hasProgram = "capture" in document.createElement("input");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Shows `opener` where there is a camera; whoever shoots hands `keep` a File, several in a row. */
export async function offerCamera(dialog, opener, keep) {
  if (!possible) return;
  const viewfinder = new Viewfinder(dialog, keep);
  opener.addEventListener("click", () => viewfinder.open());
  const look = async () => {
    const some = (await cameras()).length > 0;
    opener.hidden = !some;
    const first = some && !hasProgram;
    opener.closest(".buttons").dataset.camera = first ? "page" : "program";
    opener.classList.toggle("shutter", first);
    opener.classList.toggle("side", !first);
    opener.querySelector("use").setAttribute("href", first ? "#shutter" : "#sign-finder");
    opener.querySelector("span").classList.toggle("unseen", first);
  };
  navigator.mediaDevices.addEventListener("devicechange", () => void look().catch(() => {}));
  await look();
}

class Viewfinder {
  #dialog;
  #keep;
  #lens;
  #taken = 0;
  #developing = 0;

  constructor(dialog, keep) {
    this.#dialog = dialog;
    this.#keep = keep;
    this.#lens = new Lens(this.#part("video"));
    this.#lens.addEventListener("ended", () => this.#fail("cameraStopped"));
    const press = {
      close: () => dialog.close(),
      done: () => dialog.close(),
      again: () => this.#start(() => this.#lens.open()),
      switch: () => this.#start(() => this.#lens.next()),
      torch: () => this.#toggleTorch(),
      shoot: () => this.#shoot(),
    };
    for (const [name, act] of Object.entries(press)) this.#button(name).addEventListener("click", () => void act());
    dialog.addEventListener("close", () => this.#lens.close());
    dialog.addEventListener("keydown", (event) => this.#keyed(event));
    // A camera that nobody looks through is let go.
    document.addEventListener("visibilitychange", () => this.#looked(!document.hidden));
    addEventListener("pagehide", () => this.#looked(false));
    addEventListener("pageshow", ({ persisted }) => persisted && this.#looked(true));
  }

  open() {
    this.#taken = 0;
    this.#count();
    this.#dialog.showModal();
    this.#button("shoot").focus();
    void this.#start(() => this.#lens.open());
  }

  #looked(at) {
    if (!this.#dialog.open) return;
    if (at) void this.#start(() => this.#lens.open());
    else this.#lens.close();
  }

  async #start(open) {
    this.#state("opening", words.cameraOpening);
    try {
      if (!(await open())) return; // closed, or opened anew meanwhile
      this.#button("switch").hidden = (await cameras()).length < 2;
      this.#state("live", "");
    } catch (error) {
      if (this.#dialog.open && !document.hidden) this.#fail(troubleOf(error));
    }
  }

  #fail(problem) {
    this.#lens.close();
    this.#state("failed", words[problem]);
    this.#button("again").focus();
  }

  #state(state, sentence) {
    this.#dialog.dataset.state = state;
    say(this.#part(".saying"), sentence);
    if (document.activeElement === this.#button("again")) this.#button("shoot").focus(); // before it goes from under it
    this.#button("again").hidden = state !== "failed";
    this.#button("shoot").setAttribute("aria-disabled", String(state !== "live"));
    this.#button("torch").hidden = state !== "live" || !this.#lens.torch;
    this.#button("torch").setAttribute("aria-pressed", "false");
    this.#part("video").classList.toggle("mirrored", this.#lens.towardsUser);
  }

  async #shoot() {
    if (this.#dialog.dataset.state !== "live" || this.#developing >= AT_ONCE) return;
    this.#developing++;
    const taken = new Date();
    try {
      const photo = this.#lens.take();
      this.#flash();
      const blob = await photo;
      this.#keep(new File([blob], nameOf(taken, blob.type), { type: blob.type, lastModified: taken.getTime() }));
      this.#taken++;
      this.#count();
      say(this.#part(".saying"), "");
    } catch {
      say(this.#part(".saying"), words.cameraMissed);
    } finally {
      this.#developing--;
    }
  }

  /** The last photo small, in the corner where it goes. */
  #flash() {
    const video = this.#part("video");
    const canvas = this.#part("canvas");
    const side = Math.min(video.videoWidth, video.videoHeight);
    const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
    canvas.getContext("2d").drawImage(video, left, top, side, side, 0, 0, canvas.width, canvas.height);
    const [from, to, duration] = calm.matches ? [0.35, 0.35, 120] : [0.85, 0, 220]; // calm: a hint that does not move
    this.#part(".flash").animate([{ opacity: from }, { opacity: to }], { duration, easing: "ease-out" });
  }

  #count() {
    const n = this.#taken;
    this.#button("done").hidden = n === 0;
    say(this.#part(".count"), String(n));
    const sentence = n === 0 ? "" : fill(n === 1 ? words.takenOne : words.takenMany, { n });
    say(this.#part(".announcing"), sentence);
    this.#button("done").setAttribute("aria-label", `${sentence} ${words.cameraDone}`);
  }

  async #toggleTorch() {
    const button = this.#button("torch");
    const on = button.getAttribute("aria-pressed") !== "true";
    try {
      await this.#lens.light(on);
      button.setAttribute("aria-pressed", String(on));
    } catch {
      button.hidden = true; // it has none after all
    }
  }

  #keyed(event) {
    if (event.key !== " " && event.key !== "Enter") return;
    const onButton = event.target.closest("button");
    if (!onButton || event.repeat) event.preventDefault(); // a key that is held is one photo
    if (!onButton && !event.repeat) void this.#shoot();
  }

  #part = (selector) => this.#dialog.querySelector(selector);
  #button = (name) => this.#part(`[data-act="${name}"]`);
}

/** "photo-2026-11-21-180533.jpg", by the clock on the wall. */
function nameOf(date, type) {
  const two = (number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("");
  return `photo-${day}-${time}.${type === "image/jpeg" ? "jpg" : type.slice("image/".length)}`;
}
