// Keeps the screen on while the show runs, or while a phone sends its picture.

let lock = null;
let wanted = false;
let followed = false;

/** Whether the screen can be kept on here. */
export const possible = "wakeLock" in navigator;

/** Keeps the screen on from now on, also after the page was hidden for a while; told(on) hears whether it works. */
export async function keepAwake(told = () => {}) {
  if (!possible || wanted) return;
  wanted = true;
  if (!followed) document.addEventListener("visibilitychange", () => void acquire(told));
  followed = true;
  await acquire(told);
}

/** Lets the screen go off again. */
export function letSleep() {
  wanted = false;
  void lock?.release().catch(() => {});
  lock = null;
}

async function acquire(told) {
  if (!wanted || document.hidden || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    if (!wanted) return letSleep(); // meanwhile
    // The system takes it away for reasons of its own, too; a battery that runs low is one.
    lock.addEventListener("release", () => setTimeout(() => void acquire(told), 1000), { once: true });
    told(true);
  } catch {
    told(false);
  }
}
