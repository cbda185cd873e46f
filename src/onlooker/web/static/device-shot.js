// A picture in full resolution: asked for, followed on its way into the album, shown there.

import { advance, ask, follow, outcome, photoPage, place, tell, told } from "./device-parts.js";

export function followShots(look) {
  const button = document.getElementById("shoot");
  const box = document.getElementById("shot");
  if (!button || !box) return null;
  const [said, bar, stop] = [".said", "progress", "button"].map((part) => box.querySelector(part));
  const link = box.querySelector(".taken");
  const image = link.querySelector("img");
  let running = null;

  function enter(state) {
    box.dataset.state = state;
    const busy = state === "busy";
    button.setAttribute("aria-disabled", String(busy)); // not `disabled`: the focus stays where it is
    bar.hidden = stop.hidden = !busy;
  }

  function heard(job) {
    running = job;
    const step = job.step === "taking" ? told.taking : told.fetching;
    tell(said, step);
    bar.setAttribute("aria-label", step);
    advance(bar, job);
  }

  async function bring(begun) {
    enter("busy");
    tell(said, told.taking);
    bar.removeAttribute("value");
    try {
      const job = await follow(await begun, heard);
      tell(said, outcome(job));
      enter(job.state);
      if (job.photo) show(job.photo);
    } catch (error) {
      tell(said, error.message, true);
      enter("failed");
    }
    running = null;
    void look(); // it has less room now
  }

  function show(photo) {
    image.src = photo.thumbnail;
    image.hidden = false;
    link.querySelector("svg").classList.add("unseen");
    link.href = photoPage(link.dataset.album, photo);
  }

  button.addEventListener("click", () => {
    if (box.dataset.state !== "busy") void bring(ask("POST", `${place}/shoot`));
  });
  stop.addEventListener("click", async () => {
    if (running) await ask("DELETE", `${place}/jobs/${running.id}`).catch((error) => tell(said, error.message, true));
  });
  button.disabled = false;
  // One that was begun before this page was opened.
  void ask("GET", `${place}/jobs`).then(
    ({ jobs }) => {
      const begun = jobs.find(({ kind, state }) => kind === "shoot" && state === "running");
      if (begun && box.dataset.state !== "busy") void bring(Promise.resolve(begun));
    },
    () => {},
  );

  return {
    told({ abilities }) {
      button.hidden = box.hidden = !abilities.includes("shoot") && box.dataset.state === "idle";
      return !box.hidden;
    },
  };
}
