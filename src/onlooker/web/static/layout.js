// Where each tile of the wall goes: pure arithmetic, from a number of tiles and a space to places.

const SMALLEST = 152; // CSS pixels; below it a wall scrolls rather than shrinks
const NARROW = 600; // a phone held upright: people scroll there
const WORTH_IT = 1.15; // larger first tiles must win this much area over equal ones

/**
 * @returns {{tiles: {left: number, top: number, width: number, height: number}[], height: number, scrolls: boolean}}
 */
export function place(count, space) {
  const plan = count ? planned(count, space) : { tiles: [], height: 0 };
  return { ...plan, scrolls: plan.height > space.height + 1 };
}

function planned(count, { width, height, gap, aspect = 16 / 9 }) {
  if (width < NARROW && width < height) return stack(count, width, height, gap, aspect);
  const even = evenly(count, width, height, gap, aspect);
  if (even.unit < Math.min(SMALLEST, width)) return scrolling(count, width, gap, aspect);
  const led = withLeads(count, width, height, gap, aspect);
  return centred(led && led.area > even.area * WORTH_IT ? led : even, count, width, height, gap, aspect);
}

// One column or two, from the top down, under a thumb; an odd one out comes first, over the full width.
function stack(count, width, height, gap, aspect) {
  const columns = count <= 4 ? 1 : 2;
  const unit = (width - gap * (columns - 1)) / columns;
  const leads = columns === 2 && count % 2 === 1 ? 1 : 0;
  const rows = Math.ceil((count + leads * 3) / columns);
  return centred({ columns, rows, unit, leads, span: 2 }, count, width, count === 1 ? height : 0, gap, aspect);
}

// Equal tiles, as large as the space allows; of nearly equal sizes the one that uses the full width.
function evenly(count, width, height, gap, aspect) {
  let best = null;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const unit = fit(columns, rows, width, height, gap, aspect);
    if (!best || unit > best.unit * (columns > best.columns ? 0.93 : 1)) {
      best = { columns, rows, unit, leads: 0, span: 1, area: (count * unit * unit) / aspect };
    }
  }
  return best;
}

// The first cameras larger (2 × 2 or 3 × 3), where that fills a grid to its last cell.
function withLeads(count, width, height, gap, aspect) {
  let best = null;
  for (const span of [2, 3]) {
    for (let leads = 1; leads <= Math.min(4, count - 1); leads++) {
      const cells = count + leads * (span * span - 1);
      for (let columns = span + 1; columns <= cells / span; columns++) {
        const rows = cells / columns;
        if (!Number.isInteger(rows) || rows < Math.ceil(leads / Math.floor(columns / span)) * span) continue;
        const unit = fit(columns, rows, width, height, gap, aspect);
        const area = (cells * unit * unit) / aspect;
        if (unit >= SMALLEST && (!best || area > best.area * 1.02)) best = { columns, rows, unit, leads, span, area };
      }
    }
  }
  return best;
}

function fit(columns, rows, width, height, gap, aspect) {
  return Math.min((width - gap * (columns - 1)) / columns, ((height - gap * (rows - 1)) / rows) * aspect);
}

function scrolling(count, width, gap, aspect) {
  const columns = Math.max(1, Math.floor((width + gap) / (SMALLEST + gap)));
  const unit = (width - gap * (columns - 1)) / columns;
  return centred({ columns, rows: Math.ceil(count / columns), unit, leads: 0, span: 1 }, count, width, 0, gap, aspect);
}

function centred({ columns, rows, unit, leads, span }, count, width, height, gap, aspect) {
  const tall = unit / aspect;
  const used = rows * (tall + gap) - gap;
  const left = (width - columns * (unit + gap) + gap) / 2;
  const top = Math.max(0, (height - used) / 2);
  const taken = Array.from({ length: rows }, () => new Array(columns).fill(false));
  const lastRow = leads ? 0 : columns * rows - count;
  const tiles = [];
  for (let i = 0; i < count; i++) {
    const size = i < leads ? span : 1;
    const { row, column } = firstFree(taken, size);
    for (let r = row; r < row + size; r++) taken[r].fill(true, column, column + size);
    const shift = row === rows - 1 ? (lastRow * (unit + gap)) / 2 : 0;
    tiles.push({
      left: left + column * (unit + gap) + shift,
      top: top + row * (tall + gap),
      width: size * (unit + gap) - gap,
      height: size * (tall + gap) - gap,
    });
  }
  return { tiles, height: used };
}

function firstFree(taken, size) {
  for (let row = 0; row + size <= taken.length; row++) {
    for (let column = 0; column + size <= taken[row].length; column++) {
      if (taken.slice(row, row + size).every((cells) => cells.slice(column, column + size).every((cell) => !cell))) {
        return { row, column };
      }
    }
  }
  throw new RangeError("no room for a tile");
}
