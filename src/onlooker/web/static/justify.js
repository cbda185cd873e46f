// Rows of photos that fill the width with the aspect of each kept: pure arithmetic, from aspects to places.

const NARROWEST = 0.45; // a photo beyond these is cut at its edges in the grid; whole when it is opened
const WIDEST = 3.2;
const STRETCH = 1.3; // how much higher than wished a last row may be to fill the width

/** The height a row should have in this width, for so many photos: few are shown larger. */
export function rowHeight(width, count) {
  const usual = Math.min(420, Math.max(112, 64 + width * 0.125));
  return usual * (count <= 3 ? 1.9 : count <= 9 ? 1.45 : 1);
}

/** Of a photo, as the grid shows it. */
export function aspectOf({ width, height }) {
  return Math.min(WIDEST, Math.max(NARROWEST, width / height || 4 / 3));
}

/**
 * Places in whole pixels, in the order of the aspects, and the height of all rows.
 * @returns {{tiles: {left: number, top: number, width: number, height: number}[], height: number}}
 */
export function justify(aspects, { width, height, gap, more = false }) {
  const tiles = [];
  let top = 0;
  for (let first = 0; first < aspects.length; ) {
    const { last, high } = row(aspects, first, width, height, gap, more);
    let left = 0;
    for (let i = first; i < last; i++) {
      const right = left + aspects[i] * high;
      tiles.push({
        left: Math.round(left),
        top,
        width: Math.max(1, Math.round(right) - Math.round(left)),
        height: Math.round(high),
      });
      left = right + gap;
    }
    top += Math.round(high) + gap;
    first = last;
  }
  return { tiles, height: Math.max(0, top - gap) };
}

/** The height that so many photos not known yet will need, about, if their aspects are like this on average. */
export function estimate(count, aspect, { width, height, gap }) {
  const aRow = Math.max(1, (width + gap) / (height * aspect + gap));
  return count > 0 ? Math.ceil(count / aRow) * (height + gap) : 0;
}

// Photos are added as long as that brings the row's height nearer to the wished one.
function row(aspects, first, width, height, gap, more) {
  let sum = 0;
  let before = Infinity;
  for (let last = first; last < aspects.length; last++) {
    sum += aspects[last];
    const high = (width - gap * (last - first)) / sum;
    if (high <= height) {
      const shorter = last > first && before - height < height - high && before <= height * STRETCH * 1.15;
      return shorter ? { last, high: before } : { last: last + 1, high };
    }
    before = high;
  }
  // The last row: filled if that does not make giants of it, or if more photos will join it.
  const high = before <= height * STRETCH || more ? Math.min(before, height * STRETCH * 1.5) : height;
  return { last: aspects.length, high };
}
