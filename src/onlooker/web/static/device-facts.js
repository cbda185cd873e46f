// What a camera says of itself: model, battery and storage drawn, what it does, and what is wrong with it.

import { bytes, fill, told } from "./device-parts.js";

const SVG = "http://www.w3.org/2000/svg";
const LOW = 0.2;

export function followFacts() {
  const list = document.getElementById("facts");
  const problems = document.getElementById("problems");
  let before = "";
  return {
    /** Whether there is anything to show. */
    told(details) {
      const { as_of: _, ...lasting } = details;
      const now = JSON.stringify(lasting);
      if (now !== before) {
        before = now;
        list.replaceChildren(...facts(details));
        problems.replaceChildren(...details.problems.map((text) => made("li", text)));
        problems.hidden = details.problems.length === 0;
      }
      return list.childElementCount > 0 || !problems.hidden;
    },
  };
}

function facts(details) {
  const model = [details.maker, details.model].filter(Boolean);
  // Many a maker's name is the beginning of the model's.
  if (model.length === 2 && model[1].toLowerCase().startsWith(model[0].toLowerCase())) model.shift();
  const found = [];
  if (model.length || details.firmware) {
    const version = details.firmware ? fill(told.firmware, { version: details.firmware }) : "";
    found.push(fact(told.model, null, model.join(" ") || version, model.length ? version : "", details.serial));
  }
  if (details.battery !== null) {
    const low = details.battery < LOW;
    const about = details.charging ? told.charging : low ? told.low : "";
    found.push(fact(told.battery, battery(details.battery, low), percent(details.battery), about));
  }
  if (details.storage_left !== null || details.pictures_left !== null) {
    const { storage, storage_left: left, pictures_left: pictures } = details;
    const count = pictures === null ? "" : fill(told.picturesLeft, { n: pictures });
    const known = left !== null && storage;
    const space = left === null ? "" : fill(known ? told.left : told.leftAlone, { left: bytes(left), whole: bytes(storage ?? 0) });
    found.push(fact(told.storage, known ? bar(1 - left / storage) : null, space || count, space ? count : ""));
  }
  if (details.capture) found.push(fact(told.capture, null, told.captures[details.capture] ?? details.capture));
  return found;
}

function fact(name, drawing, text, about = "", title = "") {
  const part = document.createElement("div");
  const value = document.createElement("dd");
  if (drawing) value.append(drawing);
  value.append(text);
  value.title = title;
  if (about) value.append(made("small", about));
  part.append(made("dt", name), value);
  return part;
}

function made(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function drawn(width, height, ...shapes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("gauge");
  for (const [name, attributes] of shapes) {
    const shape = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    svg.append(shape);
  }
  return svg;
}

const within = (share) => Math.min(1, Math.max(0, share));

function battery(share, low) {
  const fill = { class: low ? "full low" : "full", x: 3, y: 3, width: (21 * within(share)).toFixed(1), height: 10, rx: 1 };
  return drawn(30, 16, ["rect", { class: "case", x: 1, y: 1, width: 25, height: 14, rx: 3 }], ["path", { class: "case", d: "M28.5 6v4" }], ["rect", fill]);
}

function bar(share) {
  const full = { class: share > 0.95 ? "full low" : "full", x: 0, y: 4, width: (48 * within(share)).toFixed(1), height: 8, rx: 2 };
  return drawn(48, 16, ["rect", { class: "rest", x: 0, y: 4, width: 48, height: 8, rx: 2 }], ["rect", full]);
}

const percent = (share) => new Intl.NumberFormat(undefined, { style: "percent" }).format(within(share));
