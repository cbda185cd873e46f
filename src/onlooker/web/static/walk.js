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
  const aside = direction.along === "x" ? "y" : "x";
  let best = null;
  let least = Infinity;
  rects.forEach((rect, index) => {
    const ahead = direction.sign > 0 ? between(start, rect, direction.along) : between(rect, start, direction.along);
    if (index === from || ahead < -1) return;
    const across = Math.max(0, between(start, rect, aside), between(rect, start, aside));
    const cost = ahead + ASIDE * across + 0.01 * Math.abs(middle(start, aside) - middle(rect, aside));
    if (cost < least) [best, least] = [index, cost];
  });
  if (best === null && direction.along === "x") {
    const next = from + direction.sign; // past the end of a row, reading goes on in the next
    return next >= 0 && next < rects.length ? next : null;
  }
  return best;
}

const SIDES = { x: ["left", "width"], y: ["top", "height"] };

function middle(rect, axis) {
  const [start, size] = SIDES[axis];
  return rect[start] + rect[size] / 2;
}

// From the end of `a` to the beginning of `b`; negative where they overlap.
function between(a, b, axis) {
  const [start, size] = SIDES[axis];
  return b[start] - (a[start] + a[size]);
}
