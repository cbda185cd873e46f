// Where an arrow key leads from one tile: to the nearest in that direction, whatever the layout.

const DIRECTIONS = {
  ArrowLeft: { along: "x", sign: -1 },
  ArrowRight: { along: "x", sign: 1 },
  ArrowUp: { along: "y", sign: -1 },
  ArrowDown: { along: "y", sign: 1 },
};
const ASIDE = 4; // leaving the row or column costs this many times the way along it

/** The index to go to, or null to stay. `from` is -1 when no tile has the focus. */
export function nearest(key, from, rects) {
  if (rects.length === 0) return null;
  if (key === "Home") return 0;
  if (key === "End") return rects.length - 1;
  const direction = DIRECTIONS[key];
  if (!direction) return null;
  if (from < 0) return 0;
  const start = rects[from];
  let best = null;
  let least = Infinity;
  rects.forEach((rect, index) => {
    const x = middle(rect, "x") - middle(start, "x");
    const y = middle(rect, "y") - middle(start, "y");
    const ahead = direction.sign * (direction.along === "x" ? x : y);
    if (index === from || ahead <= 1) return;
    const across = direction.along === "x" ? gapBetween(start, rect, "y") : gapBetween(start, rect, "x");
    const cost = ahead + ASIDE * across + 0.01 * Math.abs(direction.along === "x" ? y : x);
    if (cost < least) [best, least] = [index, cost];
  });
  if (best === null && direction.along === "x") {
    const next = from + direction.sign; // past the end of a row, reading goes on in the next
    return next >= 0 && next < rects.length ? next : null;
  }
  return best;
}

const middle = (rect, axis) => (axis === "x" ? rect.left + rect.width / 2 : rect.top + rect.height / 2);

function gapBetween(a, b, axis) {
  const [start, size] = axis === "x" ? ["left", "width"] : ["top", "height"];
  return Math.max(0, Math.max(a[start], b[start]) - Math.min(a[start] + a[size], b[start] + b[size]));
}
