// An opened photo that shows all around: turned where it stands, or flat if somebody wants that.

import { fill } from "./page.js";
import { Sphere, canTurn } from "./sphere.js";
import { toast } from "./toast.js";

const words = JSON.parse(document.getElementById("sphere-words")?.textContent ?? "{}");

export class PhotoSphere {
  #host;
  #flatButton;
  #motionButton;
  #details;
  #photo = null;
  #sphere = null;
  #flat = false;
  #failed = false;

  /** element: the lightbox; details(photo): what the hub knows of it, null if it does not say. */
  constructor(element, details) {
    this.#details = details;
    this.#host = element.querySelector(".sphere");
    this.#flatButton = element.querySelector("#sphere-flat");
    this.#motionButton = element.querySelector("#sphere-motion");
    this.#flatButton.addEventListener("click", () => {
      this.#flat = !this.#flat;
      const photo = this.#photo;
      this.close();
      this.show(photo);
    });
    this.#motionButton.addEventListener("click", async () => {
      this.#motionButton.setAttribute("aria-pressed", String(await this.#sphere.toggleMotion()));
    });
    this.close();
  }

  /** This photo is looked at now; the same one again changes nothing. */
  show(photo) {
    if (this.#photo?.id === photo.id) return;
    this.close();
    this.#photo = photo;
    if (!photo.panorama) return;
    if (this.#failed || !canTurn()) return this.#fail();
    this.#flatButton.hidden = false;
    this.#flatButton.setAttribute("aria-pressed", String(this.#flat));
    if (!this.#flat) void this.#open(photo);
  }

  /** None is looked at. */
  close() {
    this.#sphere?.close();
    this.#sphere = null;
    this.#photo = null;
    this.#host.hidden = this.#flatButton.hidden = this.#motionButton.hidden = true;
    this.#motionButton.setAttribute("aria-pressed", "false");
  }

  async #open(photo) {
    const gpano = (await this.#details(photo))?.gpano ?? {};
    if (this.#photo !== photo || this.#flat) return;
    // What is seen at a time is a small part of it: as large as it is kept. Where the graphics take less it is shrunk.
    const url = photo.url.replace(/1440\.jpg$/, "2160.webp");
    this.#host.hidden = false;
    this.#host.setAttribute("aria-label", fill(words.sphere, { title: photo.caption || words.photo }));
    const sphere = new Sphere(this.#host, { url, gpano }, { projection: "equirectangular" }, () => this.#fail(sphere));
    this.#sphere = sphere;
    try {
      await sphere.ready;
      this.#motionButton.hidden = !(await sphere.followsMotion()) || this.#sphere !== sphere;
    } catch {
      this.#fail(sphere);
    }
  }

  // The flat picture is there anyway; why, is said once.
  #fail(sphere = this.#sphere) {
    if (sphere !== this.#sphere) return;
    const photo = this.#photo;
    this.close();
    this.#photo = photo;
    if (!this.#failed) toast(canTurn() ? words.failed : words.cannot);
    this.#failed = true;
  }
}
