import { language } from "../ui/messages.js";
import { hourOf } from "./view.js";

// Sections of a session: what the server counts, and the headings between photos in the order of their taking.

/** More hours than these, and whole days say it better. */
const mostHours = 40;

/**
 * What the chips are made of.
 * @returns {Promise<{tags: object[], times: object[], hasFilms: boolean}>}
 */
export async function readSections(pass) {
  const path = `/api/sessions/${pass.sessionId}/sections`;
  const films = { session: pass.sessionId, type: "video", limit: 1 };
  const [byTag, byHour, { items }] = await Promise.all([
    pass.ask(path, { query: { by: "tag" } }), pass.ask(path, { query: { by: "hour" } }), pass.ask("/api/photos", { query: films })]);
  const isLong = byHour.sections.length > mostHours;
  const times = isLong ? (await pass.ask(path, { query: { by: "day" } })).sections : byHour.sections;
  return { tags: byTag.sections.sort((a, b) => b.count - a.count), times: labelled(times), hasFilms: items.length > 0 };
}

function labelled(sections) {
  const days = new Set(sections.map(({ key }) => key.slice(0, 10)));
  return sections.map(({ key, from, until, count }) => ({
    key, count, from, label: nameOf(key, days.size > 1),
    // The list wants the first moment that is not in it any more; this one is that of the last photo.
    until: new Date(Date.parse(until) + 1).toISOString(),
  }));
}

const hours = new WeakMap();

/**
 * Where headings stand, and what they say.
 * @param {object[]} photos in the order of their taking, either way
 * @returns {{index: number, label: string}[]}
 */
export function headings(photos, zone) {
  const keys = photos.map((photo) => hours.get(photo) ?? remembered(photo, zone));
  const hasDays = keys.length > 0 && keys[0].slice(0, 10) !== keys.at(-1).slice(0, 10);
  const starts = [];
  keys.forEach((key, index) => {
    if (key !== keys[index - 1]) starts.push({ index, label: nameOf(key, hasDays) });
  });
  return starts;
}

function remembered(photo, zone) {
  const hour = hourOf(photo, zone);
  hours.set(photo, hour);
  return hour;
}

/** `2026-06-01` or `2026-06-01T14` in words. */
function nameOf(key, hasDay) {
  const date = new Date(`${key.slice(0, 10)}T${key.slice(11, 13) || "00"}:00:00Z`);
  const isHour = key.length > 10;
  const day = { day: "numeric", month: "long", ...(date.getUTCFullYear() === new Date().getUTCFullYear() ? {} : { year: "numeric" }) };
  const clock = { hour: "numeric", minute: "2-digit" };
  const parts = { ...(hasDay || !isHour ? day : {}), ...(isHour ? clock : {}) };
  return new Intl.DateTimeFormat(language(), { ...parts, timeZone: "UTC" }).format(date);
}
