// Numbers and times as people read them. Pure functions.

/** That of the page, which follows the reader. */
const language = () => globalThis.document?.documentElement.lang || undefined;

/** Bytes, in decimal units as cameras and shops count them. */
export function bytes(size) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  const number = { style: "unit", unit: units[unit], minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language(), number).format(size);
}

/** Seconds as photographers write them: 1/200 s, 0.5 s, 30 s. */
export function shutter(seconds) {
  if (!(seconds > 0)) return "";
  // From about a third of a second on, cameras show the decimal instead of the fraction.
  return seconds < 0.3 ? `1/${Math.round(1 / seconds)} s` : `${trimmed(seconds)} s`;
}

export const aperture = (number) => `ƒ/${trimmed(number)}`;

export const focalLength = (millimetres) => `${trimmed(millimetres)} mm`;

/** Milliseconds as 0:08 or 1:02:03. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] > 0 ? parts : parts.slice(1);
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** Make and model without saying the make twice: "Canon Canon EOS R5" is "Canon EOS R5". */
export function camera(make, model) {
  if (!make || !model) return make || model || "";
  return model.toLowerCase().startsWith(make.split(" ")[0].toLowerCase()) ? model : `${make} ${model}`;
}

/** Date and time of an RFC 3339 moment, see `moment`. */
export function dateAndTime(text) {
  const date = moment(text);
  return date ? clock("both", { dateStyle: "medium", timeStyle: "short" }).format(date) : "";
}

/** Time of day only. */
export function timeOfDay(text) {
  const date = moment(text);
  return date ? clock("time", { hour: "2-digit", minute: "2-digit" }).format(date) : "";
}

const clocks = new Map();

/** Making one takes longer than all that it writes, and a page writes hundreds of times. */
function clock(name, options) {
  const key = `${name} ${language()}`;
  if (!clocks.has(key)) clocks.set(key, new Intl.DateTimeFormat(language(), options));
  return clocks.get(key);
}

/**
 * UTC moments are shown in the reader's zone. Times with another offset, or none, are what the clock on the camera
 * said: the offset is dropped, for a picture of noon should say noon wherever it is looked at.
 */
function moment(text) {
  const date = new Date((text ?? "").replace(/[+-]\d{2}:\d{2}$/, ""));
  return Number.isNaN(date.getTime()) ? null : date;
}

const trimmed = (number) => String(Math.round(number * 10) / 10);
