// One camera: the same stream and the same words as the wall, for one picture; below it the figures.

import { HubStatus } from "./hub.js";
import { duration, fill, instant, isCommand, logIn, root, say, words } from "./page.js";
import { LiveStream } from "./stream.js";
import { LiveView } from "./view.js";
import { pictureWidth } from "./width.js";

const CODECS = { mjpeg: "JPEG", jpeg: "JPEG", h264: "H.264", hevc: "H.265", h265: "H.265" };

const stage = document.getElementById("stage");
const banner = document.getElementById("banner");
const figure = (name) => document.getElementById(name);
const name = encodeURIComponent(stage.dataset.camera);

const hub = new HubStatus(`api/v1/cameras/${name}`, { told, failed, refused: logIn, gone: () => location.reload() });
const view = new LiveView(stage, hub, (now) => {
  figure("state").dataset.state = now;
  figure("state").querySelector("use").setAttribute("href", `#${now}`);
  say(figure("state").querySelector("span"), words[now]);
  const take = figure("take"); // a camera that shows nothing has no picture to take
  if (now === "lost" || now === "ended") take.removeAttribute("href");
  else take.setAttribute("href", take.dataset.href);
});
const stream = new LiveStream({
  part(part) {
    if (view.part(part)) void hub.ask();
  },
  answered() {
    banner.hidden = true;
  },
  failed,
  refused: logIn,
  ended: (gone) => (gone ? view.cut() : view.renew()),
});

function told(camera) {
  banner.hidden = true;
  view.told(camera);
  say(figure("rate"), camera.state === "live" ? fill(words.rate, { n: rounded(camera.frame_rate) }) : words.none);
  say(figure("age"), age(camera));
  const last = Date.parse(camera.last_frame_at ?? "");
  figure("age").title = Number.isNaN(last) ? "" : instant(last);
  const codec = CODECS[camera.codec] ?? camera.codec.toUpperCase();
  say(figure("size"), camera.width ? `${camera.width} × ${camera.height} ${codec}` : words.none);
  say(figure("viewers"), fill(words.watching, { n: camera.viewers }));
}

function age(camera) {
  if (camera.age === null) return words.none;
  return camera.age < 1 ? words.now : fill(words.old, { age: duration(camera.age * 1000) });
}

const rounded = (rate) => new Intl.NumberFormat(undefined, { maximumFractionDigits: rate < 3 ? 1 : 0 }).format(rate);

function failed() {
  banner.hidden = document.hidden;
  view.cut();
}

function settle() {
  if (document.hidden) return stream.open(null);
  // One that is turned shows a part of the picture at a time: it needs the whole of what there is.
  const width = "turned" in stage.dataset ? 0 : pictureWidth(stage.clientWidth);
  stream.open(`${root}live?cameras=${name}${width ? `&width=${width}` : ""}`);
}

addEventListener("keydown", (event) => {
  if (!isCommand(event) || event.shiftKey) return;
  const link = { Escape: "wall", ArrowLeft: "previous", ArrowRight: "next" }[event.key];
  const target = link && document.getElementById(link);
  if (target) {
    event.preventDefault();
    target.click();
  }
});

let resizing = 0;
new ResizeObserver(() => {
  clearTimeout(resizing);
  resizing = setTimeout(settle, 150);
}).observe(stage);
document.addEventListener("visibilitychange", settle);
stage.addEventListener("turned", settle);
addEventListener("pagehide", () => stream.open(null));
addEventListener("pageshow", (event) => event.persisted && settle());
setInterval(() => document.hidden || view.tick(), 1000);

try {
  sessionStorage.setItem("onlooker.camera", stage.dataset.camera);
} catch {
  // Storage is refused: the wall starts at its first tile.
}
void hub.ask();
