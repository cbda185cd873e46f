// What the parts of a camera's panel share: its words, its place in the API, a job that is followed to its end.

import { ask } from "./ask.js";
import { fill } from "./page.js";

export const told = JSON.parse(document.getElementById("device-words").textContent);
export const place = `cameras/${encodeURIComponent(document.getElementById("stage").dataset.camera)}/device`;

const EVERY = 1000; // ms between two questions after a job
const MOST_SILENT = 60; // questions without an answer until it is given up

/** Says a sentence where it belongs; wrong: it is about something that did not work. */
export function tell(element, text, wrong = false) {
  element.classList.toggle("wrong-said", wrong);
  if (element.textContent !== text) element.textContent = text;
}

/** "4.2 MB", "512 kB". */
export function bytes(count) {
  const [value, unit] = count >= 1e9 ? [count / 1e9, "GB"] : count >= 1e6 ? [count / 1e6, "MB"] : [count / 1e3, "kB"];
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)}\u00a0${unit}`;
}

/** Asks after a job until it is over; heard(job) each time. An Error if the hub is silent for long, or forgot it. */
export async function follow(job, heard) {
  let silent = 0;
  while (job.state === "running") {
    heard(job);
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    try {
      job = await ask("GET", `${place}/jobs/${job.id}`);
      silent = 0;
    } catch (error) {
      if (error.status === 404 || ++silent > MOST_SILENT) throw error;
    }
  }
  if (job.state === "failed") throw new Error(job.error.detail);
  return job;
}

/** Where a photo is, with a link to it. */
export function photoPage(album, photo) {
  return `${album}#photo=${photo.id}`;
}

/** The words for a job that is done. */
export function outcome(job) {
  if (job.state === "stopped") return told.stopped;
  if (!job.new) return told.was;
  return job.photo.state === "waiting" ? told.takenWaits : told.taken;
}

/** A bar: how far a job's step is; without an end where nobody knows. */
export function advance(bar, job) {
  if (job.progress === null) bar.removeAttribute("value");
  else bar.value = job.progress;
}

export { ask, fill };
