// Days and instants in the reader's words: "Today", "12 min ago", "Saturday, 21 November".

import { duration, fill, words } from "./page.js";

const DAY = 86_400_000;
const REVEAL = 1500; // ms
const known = new Map();

/** Minutes east of UTC, now: when a day begins on this page, and in what the hub is asked. */
export const offset = -new Date().getTimezoneOffset();

/** The day of an instant as "2026-11-21". */
export function dayOf(ms) {
  return new Date(ms + offset * 60_000).toISOString().slice(0, 10);
}

/** The day on which a photo came into the album: `show_at` is a moment later, so that all screens are ready. */
export function dayOfPhoto({ show_at: showAt }) {
  let day = known.get(showAt);
  if (!day) known.set(showAt, (day = dayOf(Date.parse(showAt) - REVEAL)));
  return day;
}

/** A day as a heading. */
export function dayTitle(day) {
  const now = Date.now();
  if (day === dayOf(now)) return words.today;
  if (day === dayOf(now - DAY)) return words.yesterday;
  const thisYear = day.slice(0, 4) === dayOf(now).slice(0, 4);
  return of(day, { weekday: "long", day: "numeric", month: "long", ...(thisYear ? {} : { year: "numeric" }) });
}

/** A day in few letters, for the rail: "21 Nov", or with its year. */
export function shortDay(day, year) {
  return of(day, year ? { month: "short", year: "numeric" } : { day: "numeric", month: "short" });
}

/** "3 min ago" for a day, then the date and the time. */
export function when(ms) {
  const ago = Date.now() - ms;
  if (ago >= 0 && ago < 10_000) return words.justNow;
  if (ago >= 0 && ago < DAY) return fill(words.ago, { time: duration(ago) });
  return new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" }).format(ms);
}

function of(day, options) {
  return new Intl.DateTimeFormat(undefined, { ...options, timeZone: "UTC" }).format(Date.parse(`${day}T00:00:00Z`));
}
