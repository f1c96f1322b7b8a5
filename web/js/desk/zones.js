// Times on the clock of a place. Pure functions.

/** What a clock in that zone shows at a moment, as `<input type="datetime-local">` wants it: to the minute, or to the second. */
export function wallTime(moment, zone, { seconds = false } = {}) {
  if (!moment) return "";
  const date = new Date(moment);
  return new Date(date.getTime() + offset(date, zone)).toISOString().slice(0, seconds ? 19 : 16);
}

/** The moment at which a clock in that zone shows this; `null` for nothing. */
export function momentOf(wall, zone) {
  if (!wall) return null;
  const asUTC = Date.parse(`${wall.slice(0, 19)}Z`);
  if (Number.isNaN(asUTC)) return null;
  // The offset of the moment that is looked for decides, which near a change of the clocks is not the first guess.
  const guess = asUTC - offset(new Date(asUTC), zone);
  return new Date(asUTC - offset(new Date(guess), zone)).toISOString();
}

/** Milliseconds that the zone is ahead of UTC. */
function offset(date, zone) {
  try {
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone: zone || undefined, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
        second: "numeric",
    }).formatToParts(date);
    const value = (type) => Number(parts.find((part) => part.type === type).value);
    const shown = Date.UTC(value("year"), value("month") - 1, value("day"), value("hour"), value("minute"), value("second"));
    return shown - Math.floor(date.getTime() / 1000) * 1000;
  } catch {
    return 0;
  }
}

/** The zones that this browser knows, with the one asked for among them. */
export function zones(present) {
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  return [...new Set([present, localZone(), "UTC", ...known].filter(Boolean))];
}

export const localZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
