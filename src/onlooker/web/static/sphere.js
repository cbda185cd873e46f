// A picture that shows all around, to be turned: a camera's, as its canvas is drawn, or a photo. The library for it is
// fetched when the first one opens.

const STEP = 6; // degrees a key turns, at the middle zoom
const NEARER = 8; // of the 100 steps there are between wide and near
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (radians) => (radians * 180) / Math.PI;

let graphics = null;

/** Whether this browser can turn pictures at all. */
export function canTurn() {
  if (graphics === null) {
    const context = document.createElement("canvas").getContext("webgl2");
    graphics = context !== null;
    context?.getExtension("WEBGL_lose_context")?.loseContext(); // browsers have few of them
  }
  return graphics;
}

let sheet = null;

/** The library's style sheet, once. */
function styled() {
  sheet ??= new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("./vendor/photo-sphere-viewer.css", import.meta.url).href;
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      sheet = null;
      reject(new Error("the style sheet is not there"));
    });
    document.head.append(link);
  });
  return sheet;
}

export class Sphere {
  #host;
  #picture;
  #view;
  #viewer = null;
  #closed = new AbortController();
  #size = "";
  #library = null;

  /**
   * host: an empty element that has a size and takes the focus. picture: {canvas, whose "drawn" says that it is another}
   * or {url, gpano}. view: {projection, heading, pitch}. lost(): the browser took its graphics away; the sphere is closed.
   */
  constructor(host, picture, view, lost = () => {}) {
    this.#host = host;
    this.#picture = picture;
    this.#view = view;
    const listen = (target, kind, handle) => target.addEventListener(kind, handle, { signal: this.#closed.signal });
    listen(host, "keydown", (event) => this.#key(event));
    listen(host, "pointerdown", (event) => {
      event.stopPropagation();
      host.focus({ preventScroll: true });
    });
    // Capturing, as it does not bubble: from whatever canvas the library has.
    host.addEventListener("webglcontextlost", () => (this.close(), lost()), { capture: true, signal: this.#closed.signal });
    if (picture.canvas) listen(picture.canvas, "drawn", () => this.#drawn());
    /** Fulfilled once the picture is there; rejected where it cannot be shown, or was closed before. */
    this.ready = this.#open();
  }

  async #open() {
    if (!canTurn()) throw new Error("this browser has no WebGL 2");
    const [library] = await Promise.all([import("./sphere-adapters.js"), styled()]);
    this.#mustBeOpen();
    this.#library = library;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#viewer = new library.Viewer({
      container: this.#host,
      adapter: library.adapterFor(this.#view.projection),
      plugins: [[library.GyroscopePlugin, { moveMode: calm ? "fast" : "smooth" }]],
      navbar: false,
      keyboard: false,
      canvasBackground: "transparent",
      defaultTransition: null,
      moveInertia: calm ? 0 : 0.8,
      maxFov: 100,
    });
    if (!this.#viewer.renderer) throw new Error("the library finds no graphics");
    await this.#load();
    const start = this.#picture.gpano ? startOf(this.#picture.gpano) : null;
    if (start) this.#viewer.rotate(start);
    this.#host.dataset.ready = "";
  }

  async #load() {
    const { canvas, url, gpano } = this.#picture;
    this.#size = canvas ? `${canvas.width} ${canvas.height}` : "";
    const panorama = canvas ? { canvas } : { path: url, data: gpano && panoramaOf(gpano) };
    await this.#viewer.setPanorama(panorama, { transition: false, showLoader: false });
    this.#mustBeOpen();
    this.#correct();
  }

  #mustBeOpen() {
    if (this.#closed.signal.aborted) throw new Error("closed");
  }

  // The world is turned: first to its front, then up or down at that front.
  #correct() {
    this.#viewer.renderer.sphereCorrection.set(radians(this.#view.pitch ?? 0), radians(this.#view.heading ?? 0), 0, "XYZ");
    this.#viewer.needsUpdate();
  }

  // One upload for each picture, at most one for each time the screen is drawn: the canvas is not drawn more often.
  #drawn() {
    const texture = this.#viewer?.state.textureData?.texture;
    if (!texture) return;
    const { canvas } = this.#picture;
    if (this.#size !== `${canvas.width} ${canvas.height}`) {
      void this.#load().catch(() => {}); // another texture; only closing prevents it
      return;
    }
    texture.needsUpdate = true;
    this.#viewer.needsUpdate();
  }

  /** Turn the world differently; the projection stays. */
  look({ heading, pitch }) {
    this.#view = { ...this.#view, heading, pitch };
    if (this.#viewer?.state.ready) this.#correct();
  }

  get projection() {
    return this.#view.projection;
  }

  /** How far it was turned from its front, to the right, in degrees. */
  get turnedBy() {
    return this.#viewer ? degrees(this.#viewer.getPosition().yaw) : 0;
  }

  /** Back to the front, upright, at the first zoom. */
  reset() {
    this.#viewer?.stopAll();
    this.#viewer?.rotate({ yaw: 0, pitch: 0 });
    this.#viewer?.zoom(50);
  }

  /** Whether it can follow the movements of this device. */
  async followsMotion() {
    const held = matchMedia("(any-pointer: coarse)").matches; // browsers cannot say it of a desk without asking first
    if (!held || !isSecureContext || !("DeviceOrientationEvent" in window)) return false;
    await this.ready;
    return this.#viewer.getPlugin("gyroscope").isSupported();
  }

  /** Follow them, or stop it; asks for permission where the system wants that. Says whether it does now. */
  async toggleMotion() {
    const gyroscope = this.#viewer.getPlugin("gyroscope");
    if (gyroscope.isEnabled()) gyroscope.stop();
    else await gyroscope.start().catch(() => {});
    return gyroscope.isEnabled();
  }

  /** Free everything it holds; a second time does nothing. */
  close() {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    delete this.#host.dataset.ready;
    const viewer = this.#viewer;
    this.#viewer = null;
    if (viewer?.renderer) {
      const drawing = viewer.renderer.renderer;
      if (viewer.state.textureData) viewer.adapter.disposeTexture(viewer.state.textureData);
      viewer.destroy();
      drawing.forceContextLoss(); // else the browser keeps its memory until somebody tidies up
    }
    this.#host.replaceChildren();
  }

  #key(event) {
    if (!this.#viewer || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const viewer = this.#viewer;
    const way = KEYS[event.key];
    if (way) {
      const { yaw, pitch } = viewer.getPosition();
      const step = radians((STEP * viewer.state.vFov) / 60);
      viewer.rotate({ yaw: yaw + way[0] * step, pitch: pitch + way[1] * step });
    } else if (event.key === "+" || event.key === "=") viewer.zoom(viewer.getZoomLevel() + NEARER);
    else if (event.key === "-") viewer.zoom(viewer.getZoomLevel() - NEARER);
    else if (event.key === "Home") this.reset();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page has other uses for these
  }
}

// What a photo says of itself (GPano). Its compass heading is not for us: without a compass, its middle is the front.
function panoramaOf(gpano) {
  return {
    fullWidth: gpano.FullPanoWidthPixels,
    fullHeight: gpano.FullPanoHeightPixels,
    croppedWidth: gpano.CroppedAreaImageWidthPixels,
    croppedHeight: gpano.CroppedAreaImageHeightPixels,
    croppedX: gpano.CroppedAreaLeftPixels,
    croppedY: gpano.CroppedAreaTopPixels,
    poseHeading: 0,
    posePitch: gpano.PosePitchDegrees,
    poseRoll: gpano.PoseRollDegrees,
  };
}

// Where it wants to be looked at first, which it says by the compass.
function startOf(gpano) {
  if (gpano.InitialViewHeadingDegrees === undefined) return null;
  return {
    yaw: radians(gpano.InitialViewHeadingDegrees - (gpano.PoseHeadingDegrees ?? 0)),
    pitch: radians(gpano.InitialViewPitchDegrees ?? 0),
  };
}
