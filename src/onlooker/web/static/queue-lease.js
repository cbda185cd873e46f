// Several windows of one browser share one queue: only one of them sends at a time.

const LEASE = 15_000; // ms after which a window that vanished no longer counts
const RENEW = 5_000;

const owner = [...crypto.getRandomValues(new Uint32Array(2))].join("-");

/** Runs `work` while no other window does; false if another one is at it (and this browser cannot wait for it). */
export async function exclusively(queue, work) {
  if (navigator.locks) {
    await navigator.locks.request("onlooker.queue", work);
    return true;
  }
  if (!(await queue.lease(owner, Date.now() + LEASE))) return false;
  const renewing = setInterval(() => void queue.lease(owner, Date.now() + LEASE), RENEW);
  try {
    await work();
  } finally {
    clearInterval(renewing);
    await queue.lease(owner, 0);
  }
  return true;
}
