// This device's own camera: opened at the highest resolution it has, switched, lit, and asked for photos.

const PATIENCE = 5000; // ms for a photo by the camera itself; some never give one
const LARGEST = { width: { ideal: 4096 }, height: { ideal: 3072 } };
const QUALITY = 0.95;
const TROUBLES = {
  NotAllowedError: "cameraRefused",
  SecurityError: "cameraRefused",
  NotFoundError: "cameraMissing",
  OverconstrainedError: "cameraMissing",
  NotReadableError: "cameraBusy",
  AbortError: "cameraBusy",
};

/** Whether a page may use cameras here at all: a browser that can, over HTTPS or on this very machine. */
export const possible = isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);

/** The cameras there are; without names until one of them was allowed. */
export async function cameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === "videoinput");
}

/** Which words say what went wrong when a camera was opened. */
export const troubleOf = (error) => TROUBLES[error?.name] ?? "cameraFailed";

/** Dispatches "ended" when the camera goes away by itself: unplugged, taken by another program, no longer allowed. */
export class Lens extends EventTarget {
  #video;
  #size;
  // Which of them; exactly, as the resolution would weigh more than a mere wish.
  #wanted = { facingMode: { exact: "environment" } };
  #stream = null;
  #track = null;
  #still = null; // takes photos of higher resolution than the video has, where the browser can
  #busy = false; // it does so just now
  #attempt = 0;

  /** video: the element that shows what the camera sees; size: what to ask of it, as constraints. */
  constructor(video, size = LARGEST) {
    super();
    this.#video = video;
    this.#size = size;
  }

  /** Resolves when the picture is there: true, or false if it was closed meanwhile. Rejects as getUserMedia does. */
  async open() {
    this.close();
    const attempt = this.#attempt;
    let stream;
    try {
      stream = await this.#ask();
    } catch (error) {
      if (attempt !== this.#attempt) return false;
      throw error;
    }
    if (attempt !== this.#attempt) {
      for (const track of stream.getTracks()) track.stop();
      return false;
    }
    this.#stream = stream;
    [this.#track] = stream.getVideoTracks();
    this.#track.addEventListener("ended", () => attempt === this.#attempt && this.dispatchEvent(new Event("ended")));
    this.#still = "ImageCapture" in window && ImageCapture.prototype.takePhoto ? new ImageCapture(this.#track) : null;
    this.#video.srcObject = stream;
    await this.#video.play().catch(() => {}); // closed while it was about to play
    return attempt === this.#attempt;
  }

  async #ask() {
    const ask = (which) => navigator.mediaDevices.getUserMedia({ audio: false, video: { ...this.#size, ...which } });
    try {
      return await ask(this.#wanted);
    } catch (error) {
      if (error?.name !== "OverconstrainedError") throw error;
      this.#wanted = {}; // there is none such: any other will do
      return ask({});
    }
  }

  /** Lets the camera go; its light goes out. */
  close() {
    this.#attempt++;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = this.#track = this.#still = null;
    this.#video.srcObject = null;
  }

  /** Whether it looks at whom holds it, and is shown as in a mirror. */
  get towardsUser() {
    return this.#track?.getSettings().facingMode === "user";
  }

  /** The other side's camera, or the next one where they have no sides; opens it. */
  async next() {
    const { facingMode, deviceId } = this.#track?.getSettings() ?? {};
    if (facingMode) this.#wanted = { facingMode: { exact: facingMode === "user" ? "environment" : "user" } };
    else {
      const all = (await cameras()).map((camera) => camera.deviceId);
      this.#wanted = { deviceId: { exact: all[(all.indexOf(deviceId) + 1) % all.length] } };
    }
    return this.open();
  }

  /** Whether there is a light. */
  get torch() {
    return Boolean(this.#track?.getCapabilities?.().torch);
  }

  async light(on) {
    await this.#track.applyConstraints({ advanced: [{ torch: on }] });
  }

  /** A photo: a JPEG, or what the camera itself makes that is none the worse (HEIC). */
  async take() {
    // What is seen at this instant; it stands in where the camera itself fails, and while it is at work on another.
    const frame = draw(this.#video, this.#video.videoWidth, this.#video.videoHeight);
    return (await this.#fullPhoto()) ?? encode(frame);
  }

  async #fullPhoto() {
    const still = this.#still;
    if (!still || this.#busy) return null;
    this.#busy = true;
    try {
      const photo = await within(PATIENCE, largest(still, this.#track).then((size) => still.takePhoto(size)));
      return photo.type === "image/png" ? await asJpeg(photo) : photo;
    } catch {
      if (this.#still === still) this.#still = null; // it would fail, and be waited for, again
      return null;
    } finally {
      this.#busy = false;
    }
  }
}

/** The size to ask for, where the camera's photos are larger than its video. */
async function largest(still, track) {
  const { imageWidth, imageHeight } = await still.getPhotoCapabilities();
  const { width, height } = track.getSettings();
  const larger = imageWidth?.max * imageHeight?.max > width * height;
  return larger ? { imageWidth: imageWidth.max, imageHeight: imageHeight.max } : {};
}

/** Webcams have no photos of their own; browsers then give a frame as PNG, many times as large and no better. */
async function asJpeg(blob) {
  const bitmap = await createImageBitmap(blob);
  try {
    return await encode(draw(bitmap, bitmap.width, bitmap.height));
  } finally {
    bitmap.close();
  }
}

function draw(picture, width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas;
}

async function encode(canvas) {
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  canvas.width = canvas.height = 0; // phones keep little memory for canvases
  if (!blob) throw new Error("no picture");
  return blob;
}

function within(ms, promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("too slow")), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
