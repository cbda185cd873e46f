// A camera's panel: asks now and then what it says of itself, draws that, and shows the parts for what it can do.

import { followCard } from "./device-card.js";
import { followFacts } from "./device-facts.js";
import { followMoves } from "./device-move.js";
import { followOptions } from "./device-options.js";
import { ask, place, tell } from "./device-parts.js";
import { followShots } from "./device-shot.js";

const EVERY = 10_000;

const panel = document.getElementById("device");
const trouble = document.getElementById("device-trouble");
const parts = [followFacts, followShots, followMoves, followOptions, followCard].map((start) => start(look)).filter(Boolean);
let timer = 0;
let asking = false;

/** Asks the camera at once, and from then on regularly while somebody looks. */
async function look() {
  clearTimeout(timer);
  if (document.hidden || asking) return;
  asking = true;
  try {
    const details = await ask("GET", place);
    trouble.hidden = true;
    const shown = parts.map((part) => part.told(details)); // every one of them, so no `some`
    panel.hidden = !shown.includes(true);
  } catch (error) {
    if (error.status === 404) {
      panel.hidden = true;
    } else {
      // What it can do is not known; what its kind can do stays, and says itself what does not work.
      panel.hidden = trouble.hidden = false;
      tell(trouble.querySelector("span"), error.message);
    }
  }
  asking = false;
  timer = setTimeout(look, EVERY);
}

document.addEventListener("visibilitychange", look);
void look();
