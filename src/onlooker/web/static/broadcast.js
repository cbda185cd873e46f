// This phone as a live camera: what it sees goes to the hub as it happens, and old pictures never go out.

import { coderFor } from "./broadcast-coder.js";
import { Link } from "./broadcast-link.js";
import { Pace } from "./broadcast-pace.js";
import { Lens, cameras, possible, troubleOf } from "./lens.js";
import { fill, isCommand, logIn, root, say, words } from "./page.js";
import { keepAwake, letSleep } from "./show-awake.js";

const MOST_UNDERWAY = 2; // pictures in the coder and on the line, until the hub has acknowledged one
const EARLY = 4; // ms by which a picture may come before its time

const stage = document.getElementById("broadcast");
const part = (selector) => stage.querySelector(selector);
const button = (name) => part(`[data-act="${name}"]`);
const name = encodeURIComponent(stage.dataset.camera);
const video = part("video");
const canvas = document.createElement("canvas");
const context = canvas.getContext("2d", { alpha: false, desynchronized: true });

const lens = new Lens(video, { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } });
const pace = new Pace();
const link = new Link(new URL(`${root}cameras/${name}/broadcast/socket`, location.href).href.replace(/^http/, "ws"), {
  opened,
  acked,
  cut,
  ended,
});

let only = new URLSearchParams(location.search).get("codec") ?? "";
let coder = null;
let sending = false; // as the person wants it
let turn = 0; // degrees by which the picture is turned by hand
let last = -Infinity; // when the newest picture was taken
let lastKey = 0; // its sequence
let delay = 0; // ms until the hub has a picture, smoothed
let said = -Infinity;

lens.addEventListener("ended", () => fail("cameraStopped"));
const press = {
  go: () => (sending ? stop("stopped") : start()),
  again: () => openWith(() => lens.open()),
  switch: () => openWith(() => lens.next()),
  torch: toggleTorch,
  turn: turnOn,
};
for (const [act, does] of Object.entries(press)) button(act).addEventListener("click", () => void does());
addEventListener("keydown", (event) => {
  if (!isCommand(event) || event.repeat || event.target.closest("button, a")) return;
  if (event.key === " " && !button("go").disabled) {
    event.preventDefault();
    void press.go();
  }
});
// A camera that nobody looks through is let go; browsers stop its picture anyway.
document.addEventListener("visibilitychange", () => (document.hidden ? rest() : void wake()));
addEventListener("pagehide", rest);
addEventListener("pageshow", ({ persisted }) => persisted && void wake());

if (possible) await openWith(() => lens.open());
else fail(isSecureContext ? "noCameras" : "insecure");
nextPicture();
stage.dataset.ready = "";

async function openWith(open) {
  state("opening", words.cameraOpening);
  try {
    if (!(await open())) return; // closed, or opened anew meanwhile
    button("switch").hidden = (await cameras()).length < 2;
    state("live", "");
  } catch (error) {
    if (!document.hidden) fail(troubleOf(error));
  }
}

function fail(trouble) {
  lens.close();
  if (sending) stop("");
  state("failed", words[trouble]);
  button("again").hidden = !possible;
}

function state(now, sentence) {
  const live = now === "live";
  stage.dataset.state = now;
  tell(sentence);
  button("again").hidden = true;
  button("go").disabled = !live;
  button("torch").hidden = !live || !lens.torch;
  button("torch").setAttribute("aria-pressed", "false");
  button("turn").hidden = !live;
}

function tell(sentence) {
  say(part(".saying"), sentence);
}

async function start() {
  sending = true;
  coder?.close();
  const made = await coderFor(pace.level, deliver, coderFailed, only);
  if (!sending) return;
  coder = made;
  show("cut", words.connecting);
  void keepAwake();
  link.open();
}

/** why: one of the words, said to the person. */
function stop(why) {
  sending = false;
  link.close();
  coder?.close();
  letSleep();
  show("off", words[why] ?? "");
}

function show(now, sentence) {
  stage.dataset.sending = now;
  const label = sending ? words.stop : words.start;
  button("go").setAttribute("aria-label", label);
  say(part(".doing"), label);
  tell(sentence);
  say(part(".onair .word"), now === "live" ? words.live : now === "cut" ? words.waiting : words.off);
  part(".onair use").setAttribute("href", now === "live" ? "#live" : "#waiting");
  if (now !== "live") for (const fact of [".watching", ".delay"]) say(part(fact), "");
}

function rest() {
  if (sending) link.close();
  coder?.close();
  lens.close();
}

async function wake() {
  if (!possible || stage.dataset.state === "failed") return;
  await openWith(() => lens.open());
  if (!sending || document.hidden) return;
  show("cut", words.connecting);
  link.open();
}

// What the line says

function opened() {
  pace.renew(performance.now());
  coder.close(); // a new line starts with a key picture
  lastKey = 0;
}

function acked({ sequence, viewers, key, delay: now }) {
  if (stage.dataset.sending !== "live") show("live", "");
  if (key && sequence >= lastKey) coder.wantKey();
  pace.acked(now, performance.now());
  delay += (now - delay) * (delay ? 0.1 : 1);
  if (performance.now() - said < 500) return;
  said = performance.now();
  say(part(".watching"), viewers === 1 ? words.oneWatching : fill(words.watching, { n: viewers }));
  say(part(".delay"), fill(words.delay, { n: Math.max(1, Math.round(delay)), codec: coder.name }));
}

function cut(heard) {
  if (!sending) return;
  show("cut", words.cut);
  if (!heard) void askWhy();
}

/** A socket that is refused does not say why. */
async function askWhy() {
  const answer = await fetch(`${root}api/v1/cameras/${name}`, { cache: "no-store", credentials: "same-origin" }).catch(() => null);
  if (!sending || !answer || answer.ok || answer.status >= 500) return;
  if (stage.dataset.guest === "true") stop("withdrawn");
  else if (answer.status === 401) logIn();
  else stop("gone");
}

function ended(why) {
  stop(why);
}

// Pictures

function nextPicture() {
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(picture);
  else requestAnimationFrame(picture);
}

function picture() {
  nextPicture();
  const now = performance.now();
  if (!sending || !link.ready || stage.dataset.state !== "live" || !video.videoWidth) return;
  if (link.underway + coder.underway >= MOST_UNDERWAY || now - last < 1000 / pace.level.rate - EARLY) return;
  last = now;
  draw(pace.level.side);
  try {
    void coder.code(canvas, pace.level, now);
  } catch {
    coderFailed();
  }
}

/** What the camera sees, upright, at most so large, of even sides. */
function draw(side) {
  const { videoWidth, videoHeight } = video;
  const scale = Math.min(1, side / Math.max(videoWidth, videoHeight));
  const width = Math.max(2, 2 * Math.round((videoWidth * scale) / 2));
  const height = Math.max(2, 2 * Math.round((videoHeight * scale) / 2));
  const [across, down] = turn % 180 ? [height, width] : [width, height];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  context.setTransform(1, 0, 0, 1, across / 2, down / 2);
  context.rotate((turn * Math.PI) / 180);
  context.drawImage(video, -width / 2, -height / 2, width, height);
}

function deliver(coded, taken) {
  if (!link.ready) return;
  const sequence = link.send(coded, taken);
  if (coded.key) lastKey = sequence;
}

async function coderFailed() {
  if (only === "jpeg") return stop("refused");
  only = "jpeg";
  coder?.close();
  coder = await coderFor(pace.level, deliver, coderFailed, only);
  link.renew(); // one connection has one codec
}

function turnOn() {
  turn = (turn + 90) % 360;
  video.dataset.turn = turn;
}

async function toggleTorch() {
  const on = button("torch").getAttribute("aria-pressed") !== "true";
  try {
    await lens.light(on);
    button("torch").setAttribute("aria-pressed", String(on));
  } catch {
    button("torch").hidden = true; // it has none after all
  }
}
