// When a photo was taken, as the server has it. Pure functions over the API's photo object.

/** When it was taken, in milliseconds; a camera's clock without an offset is taken for one of the session's zone. */
export function instant({ capturedAt, createdAt }, zone = "UTC") {
  const text = capturedAt ?? createdAt;
  if (/(Z|[+-]\d{2}:\d{2})$/.test(text)) return Date.parse(text);
  const asUTC = Date.parse(`${text}Z`);
  return asUTC - offset(asUTC, zone);
}

const clocks = new Map();

/** Milliseconds that the zone is ahead of UTC. */
export function offset(time, zone) {
  const hour = Math.floor(time / 3_600_000);
  const known = clocks.get(zone);
  if (known?.hour === hour) return known.ahead;
  const ahead = measured(time, zone);
  clocks.set(zone, { hour, ahead });
  return ahead;
}

function measured(time, zone) {
  try {
    const text = new Date(time).toLocaleString("sv-SE", { timeZone: zone });
    return Date.parse(`${text.replace(" ", "T")}Z`) - Math.floor(time / 1000) * 1000;
  } catch {
    return 0;
  }
}
