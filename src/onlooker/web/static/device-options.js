// A camera's settings: each as the control that fits it, saved at once, with what the camera says to it beside it.

import { ask, fill, place, tell, told } from "./device-parts.js";

const CAPITALS = { iso: "ISO", gps: "GPS", id: "ID", url: "URL", wlan: "WLAN" };

export function followOptions() {
  const drawer = document.getElementById("options");
  if (!drawer) return null;
  const list = drawer.querySelector(".settings");
  const said = drawer.querySelector(".said");
  const rows = new Map();
  let shape = "";

  async function read() {
    try {
      if (!rows.size) tell(said, told.reading);
      const { options } = await ask("GET", `${place}/options`);
      show(options);
      if (said.textContent === told.reading || said.classList.contains("wrong-said") || !options.length)
        tell(said, options.length ? "" : told.noSettings);
    } catch (error) {
      tell(said, error.message, true);
    }
  }

  function show(options) {
    const now = canonical(options.map(({ value: _, ...rest }) => rest));
    if (now !== shape) {
      shape = now;
      const focused = document.activeElement?.id;
      rows.clear();
      for (const option of options) rows.set(option.name, row(option, save));
      list.replaceChildren(...[...rows.values()].map(({ element }) => element));
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
    for (const option of options) rows.get(option.name)?.show(option);
  }

  async function save(name, value) {
    const { show: put, say, shown } = rows.get(name);
    say(told.saving);
    try {
      put(await ask("PUT", `${place}/options/${encodeURIComponent(name)}`, { value }));
      rows.get(name)?.say(told.saved);
      tell(said, fill(told.savedOne, { name: readable(name) }));
      void read(); // one setting may change another
    } catch (error) {
      put(shown());
      say(error.message, true);
      tell(said, error.message, true);
    }
  }

  drawer.addEventListener("toggle", () => drawer.open && void read());
  return {
    told({ abilities }) {
      drawer.hidden = !abilities.includes("options");
      return !drawer.hidden;
    },
  };
}

function row(option, save) {
  const element = document.createElement("div");
  const id = `setting-${option.name}`;
  const control = fitting(option);
  const label = document.createElement(control.input ? "label" : "span");
  const note = document.createElement("span");
  element.className = "setting";
  label.textContent = readable(option.name);
  label.title = option.name;
  note.className = "note";
  note.id = `${id}-note`;
  if (control.input) {
    label.htmlFor = control.input.id = id;
    control.input.setAttribute("aria-describedby", note.id);
    control.input.addEventListener("change", () => {
      const value = control.read();
      if (value === undefined) control.input.reportValidity();
      else void save(option.name, value);
    });
  }
  element.append(label, control.element, note);
  let last = option;
  let timer = 0;
  return {
    element,
    shown: () => last,
    show(now) {
      last = now;
      control.show(now.value);
    },
    say(text, wrong = false) {
      clearTimeout(timer);
      tell(note, text, wrong);
      control.input?.toggleAttribute("aria-invalid", wrong);
      if (!wrong && text !== told.saving) timer = setTimeout(() => tell(note, ""), 4000);
    },
  };
}

/** A control: its element, the input in it (none if nothing can be set), read() and show(value). */
function fitting(option) {
  if (option.choices?.length > 1) return choices(option);
  if (option.choices === null && typeof option.value === "boolean") return checkbox();
  if (typeof option.value === "number" && (option.minimum !== null || option.maximum !== null)) return number(option);
  const output = document.createElement("output");
  return { element: output, show: (value) => (output.textContent = readableValue(value, option.name)) };
}

function choices(option) {
  const input = document.createElement("select");
  const values = new Map(option.choices.map((value) => [canonical(value), value]));
  for (const [key, value] of values) input.add(new Option(readableValue(value, option.name), key));
  return {
    element: input,
    input,
    read: () => values.get(input.value),
    show(value) {
      const key = canonical(value);
      input.querySelector("option[data-other]")?.remove();
      if (!values.has(key)) {
        // Cameras report values that they do not take; it can be seen, and not be chosen.
        const other = new Option(readableValue(value, option.name), key);
        other.dataset.other = "";
        other.disabled = true;
        input.add(other, 0);
      }
      input.value = key;
    },
  };
}

function checkbox() {
  const element = document.createElement("span");
  const input = document.createElement("input");
  input.type = "checkbox";
  element.className = "switch";
  element.append(input);
  return { element, input, read: () => input.checked, show: (value) => (input.checked = Boolean(value)) };
}

function number(option) {
  const input = document.createElement("input");
  input.type = "number";
  input.required = true;
  input.step = [option.value, option.minimum, option.maximum].every((n) => n === null || Number.isInteger(n)) ? "1" : "any";
  if (option.minimum !== null) input.min = option.minimum;
  if (option.maximum !== null) input.max = option.maximum;
  return {
    element: input,
    input,
    read: () => (input.checkValidity() ? input.valueAsNumber : undefined),
    show(value) {
      if (document.activeElement !== input || !input.validity.valid || input.value === "") input.value = value;
    },
  };
}

/** "previewFormat" → "Preview format". */
export function readable(name) {
  const parts = name.replace(/^_+/, "").replace(/_+/g, " ").replace(/([a-z\d])([A-Z])/g, "$1 $2").split(" ");
  const text = parts.map((part) => CAPITALS[part.toLowerCase()] ?? (/^[A-Z][a-z]/.test(part) ? part.toLowerCase() : part)).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value as people read it. */
export function readableValue(value, name = "") {
  if (value === null || value === "") return "–";
  if (typeof value === "boolean") return value ? told.on : told.off;
  if (typeof value === "number") {
    const known = told.values[name]?.[value]; // what OSC says with a number
    if (known) return known;
    return /shutterSpeed$/i.test(name) && value > 0 && value < 0.5 ? `1/${Math.round(1 / value)} s` : String(value);
  }
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map((one) => readableValue(one)).join(", ");
  const { width, height, framerate, ...rest } = value;
  const shown = [];
  if (width !== undefined && height !== undefined) shown.push(`${width} × ${height}`);
  else Object.assign(rest, width === undefined ? {} : { width }, height === undefined ? {} : { height });
  if (framerate !== undefined) shown.push(fill(told.frameRate, { n: framerate }));
  for (const [key, one] of Object.entries(rest)) {
    const text = readableValue(one, key);
    shown.push(key === "type" ? text : `${readable(key)} ${text}`);
  }
  return shown.join(", ");
}

/** JSON that is the same for the same value, in whatever order its members came. */
function canonical(value) {
  return JSON.stringify(value, (_, one) =>
    one && typeof one === "object" && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  );
}
