// A camera that sees all around: its picture is turned where it stands, or lies flat; users say how it is to be looked at.

import { ask } from "./ask.js";
import { fill, say } from "./page.js";
import { Sphere, canTurn } from "./sphere.js";

const stage = document.getElementById("stage");
const canvas = stage.querySelector("canvas");
const tools = document.getElementById("sphere-tools");
const part = (id) => document.getElementById(id);
const words = JSON.parse(part("sphere-words").textContent);
const path = `cameras/${encodeURIComponent(stage.dataset.camera)}/view`;

const host = part("sphere");
canvas.after(host); // below the words over the picture

let told = JSON.parse(tools.dataset.view); // what the hub says
let tried = null; // what the form says, while it is open
let flat = false; // somebody wants it flat
let failed = false;
let sphere = null;

const view = () => tried ?? told;

/** Shows the picture as it is to be shown now. */
function show() {
  const round = view().projection !== "flat";
  const turned = round && !flat && !failed && canTurn();
  part("sphere-flat").hidden = !round || failed || !canTurn();
  part("sphere-flat").setAttribute("aria-pressed", String(!turned));
  say(part("sphere-cannot"), !round ? "" : !canTurn() ? words.cannot : failed ? words.failed : "");
  part("sphere-cannot").hidden = !part("sphere-cannot").textContent;
  if (sphere && (!turned || sphere.projection !== view().projection)) close();
  if (turned !== "turned" in stage.dataset) {
    stage.toggleAttribute("data-turned", turned);
    stage.dispatchEvent(new Event("turned"));
  }
  host.hidden = !turned;
  if (!turned || !("picture" in stage.dataset)) return; // the first picture opens it
  if (sphere) sphere.look(view());
  else void open();
}

async function open() {
  const opened = new Sphere(host, { canvas }, view(), () => fail(opened));
  sphere = opened;
  try {
    await opened.ready;
    part("sphere-motion").hidden = !(await opened.followsMotion()) || sphere !== opened;
  } catch {
    fail(opened);
  }
}

function fail(which) {
  if (sphere !== which) return;
  failed = true;
  close();
  show();
}

function close() {
  sphere?.close();
  sphere = null;
  part("sphere-motion").hidden = true;
  part("sphere-motion").setAttribute("aria-pressed", "false");
}

part("sphere-flat").addEventListener("click", () => {
  flat = !flat;
  show();
});
part("sphere-motion").addEventListener("click", async () => {
  part("sphere-motion").setAttribute("aria-pressed", String(await sphere.toggleMotion()));
});
stage.addEventListener("told", ({ detail }) => {
  told = detail.view;
  if (!tried) show();
});
canvas.addEventListener("drawn", () => sphere || host.hidden || show());
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => event.persisted && show());

/* How it is to be looked at: tried at once, kept when it is saved. */

const form = part("sphere-form");
if (form) {
  const field = (name) => form.elements[name];
  let automatic = "flat"; // what the camera says itself

  const read = () => ({
    projection: field("projection").value === "auto" ? automatic : field("projection").value,
    heading: field("heading").valueAsNumber || 0,
    pitch: field("pitch").valueAsNumber || 0,
  });

  const write = (name, value) => {
    field(name).value = value;
    field(`${name}-slider`).value = value;
  };

  const attempt = () => {
    tried = read();
    for (const one of form.querySelectorAll(".for-sphere")) one.hidden = tried.projection === "flat";
    if (tried.projection !== "flat") flat = false;
    show();
  };

  const leave = () => {
    form.hidden = true;
    tried = null;
    part("sphere-settings").setAttribute("aria-expanded", "false");
    part("sphere-settings").focus();
    show();
  };

  part("sphere-settings").addEventListener("click", async () => {
    if (!form.hidden) return leave();
    say(part("sphere-wrong"), "");
    form.hidden = false;
    part("sphere-settings").setAttribute("aria-expanded", "true");
    field("projection").focus();
    try {
      const kept = await ask("GET", path);
      automatic = kept.automatic;
      for (const option of field("projection").options) {
        if (option.value === "auto") option.textContent = fill(words.auto, { projection: words[automatic] });
      }
      field("projection").value = kept.projection;
      write("heading", kept.heading);
      write("pitch", kept.pitch);
      attempt();
    } catch (error) {
      say(part("sphere-wrong"), error.message || words.noAnswer);
    }
  });
  for (const name of ["heading", "pitch"]) {
    field(name).addEventListener("input", () => (field(`${name}-slider`).value = field(name).value));
    field(`${name}-slider`).addEventListener("input", () => (field(name).value = field(`${name}-slider`).value));
  }
  form.addEventListener("input", attempt);
  part("sphere-front").addEventListener("click", () => {
    const heading = read().heading + (sphere?.turnedBy ?? 0);
    write("heading", Math.round(((heading + 540) % 360) - 180));
    sphere?.reset();
    attempt();
  });
  part("sphere-leave").addEventListener("click", leave);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // it leaves the form, not the page
    leave();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(part("sphere-wrong"), "");
    try {
      const { shown } = await ask("PUT", path, { ...read(), projection: field("projection").value });
      told = shown;
      leave();
    } catch (error) {
      say(part("sphere-wrong"), error.message || words.noAnswer);
    }
  });
}

show();
