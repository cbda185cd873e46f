// Adding a camera: choose what was found or paste an address, see its picture, name it.

import { FoundList } from "./add-search.js";
import { Trial } from "./add-trial.js";

const choosing = document.getElementById("choosing");
const trial = new Trial(() => {
  choosing.hidden = false;
  last?.focus();
});
let last = null; // what led to the trial, to come back to

function begin(thing) {
  last = document.activeElement;
  choosing.hidden = true;
  trial.begin(thing);
}

const list = new FoundList(begin);
document.getElementById("paste").addEventListener("submit", (event) => {
  event.preventDefault();
  const url = document.getElementById("source").value.trim();
  if (url) begin({ url: address(url), title: "" });
});
for (const button of document.querySelectorAll("[data-source]")) {
  button.addEventListener("click", () => begin({ url: button.dataset.source, title: "" }));
}
void list.search();

// A bare “192.168.1.20” is meant as a network camera.
function address(url) {
  return /^[a-z][a-z0-9+.-]*:(?!\d+(\/|$))/i.test(url) ? url : `onvif://${url}`;
}
