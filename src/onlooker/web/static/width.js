// Which rendition to ask for: few sizes, so that onlookers share what is encoded once.

const WIDTHS = [320, 640, 960, 1280, 1920];
const CLOSE = 0.9; // a picture a little smaller than its place looks the same

/** The width in pixels to ask for, given a place in CSS pixels; 0: as it comes. */
export function pictureWidth(place) {
  const needed = place * Math.min(devicePixelRatio || 1, 2) * CLOSE;
  return WIDTHS.find((width) => width >= needed) ?? 0;
}
