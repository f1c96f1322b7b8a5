// Bars of a chart over time. Pure functions.

const lengths = { hour: 3_600_000, day: 86_400_000 };

/** So many are drawn at least, so that one lonely bar does not look like all there was, and at most. */
const least = { hour: 12, day: 7 };
const most = { hour: 72, day: 60 };

/**
 * The server tells of the times in which something happened: those in between, in which nothing did, are filled in.
 * @param {{from: string, byCode: number, byLink: number}[]} bars from the earliest on
 * @param {"hour"|"day"} per
 * @param {string} zone whose days they are
 */
export function filled(bars, per, zone) {
  if (bars.length === 0) return [];
  const key = keyOf(per, zone);
  const known = new Map(bars.map((bar) => [key(bar.from), bar]));
  const end = Date.parse(bars.at(-1).from);
  const count = Math.round((end - Date.parse(bars[0].from)) / lengths[per]) + 1;
  const shown = Math.min(most[per], Math.max(least[per], count));
  return Array.from({ length: shown }, (_, index) => {
    const from = new Date(end - (shown - 1 - index) * lengths[per]).toISOString();
    return known.get(key(from)) ?? { from, byCode: 0, byLink: 0, entries: 0 };
  });
}

/** Days are not all as long: where clocks change, the date tells them apart. */
function keyOf(per, zone) {
  if (per === "hour") return (moment) => Math.floor(Date.parse(moment) / lengths.hour);
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  return (moment) => format.format(new Date(moment));
}
