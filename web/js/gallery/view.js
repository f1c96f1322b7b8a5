// What the reader wants to see of a session, and in which order. Pure functions over the API's photo object.

import { instant, offset } from "../ui/instant.js";

/**
 * @typedef {{sort: string, favourite?: boolean, type?: string, tag?: string, from?: string, until?: string, total?: number}} View
 *   `sort`: `newest`, `oldest` (by arrival), `taken`, `latest` (by capture); `total`: how many there are, where that is known
 */
export const everything = Object.freeze({ sort: "newest" });

/** The list's query, without the page. */
export function query({ sort, favourite, type, tag, from, until }) {
  const wanted = { sort: sort === "newest" ? undefined : sort, favourite: favourite || undefined, type, tag, from, until };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

export const isFiltered = (view) => Boolean(view.favourite || view.type || view.tag || view.from);

/** Whether sections have headings: only by capture time does what belongs together stand together. */
export const isDivided = ({ sort }) => sort === "taken" || sort === "latest";

/** Whether a photo that an event tells of belongs here. */
export function includes(view, photo, zone) {
  if (view.favourite && !photo.isFavourite) return false;
  if (view.type && photo.kind !== view.type) return false;
  if (view.tag && !photo.tags?.includes(view.tag)) return false;
  if (!view.from) return true;
  const time = instant(photo, zone);
  return time >= Date.parse(view.from) && time < Date.parse(view.until);
}

/** The order of the API's pages. */
export function order(view, zone) {
  const sign = view.sort === "newest" || view.sort === "latest" ? -1 : 1;
  const key = isDivided(view) ? (photo) => instant(photo, zone) : (photo) => photo.createdAt;
  return (a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x !== y) return x < y ? -sign : sign;
    return a.id < b.id ? -sign : a.id > b.id ? sign : 0;
  };
}

/** The hour that a photo belongs to on the session's clock, as `2026-06-01T14`. */
export function hourOf(photo, zone = "UTC") {
  const time = instant(photo, zone);
  return new Date(time + offset(time, zone)).toISOString().slice(0, 13);
}
