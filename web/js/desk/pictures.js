// Which file of a photo to show, and how.

import { element } from "../ui/dom.js";

const preferred = { webp: 2, jpeg: 1, png: 1 };
const stills = ["thumb", "small", "medium", "large", "poster"];

/** The narrowest still that is at least so many pixels wide, else the widest; `null` when there is none yet. */
export function still(photo, width) {
  const usable = (photo.renditions ?? []).filter(({ name, format }) => stills.includes(name) && format in preferred);
  const wide = usable.filter((rendition) => rendition.width >= width);
  const best = (list, better) => list.reduce((held, next) => (!held || better(next, held) ? next : held), null);
  const finer = (a, b) => preferred[a.format] > preferred[b.format];
  return best(wide, (a, b) => a.width < b.width || (a.width === b.width && finer(a, b)))
    ?? best(usable, (a, b) => a.width > b.width || (a.width === b.width && finer(a, b)));
}

/**
 * URLs of events are the same for everybody, and signed here. Those of answers are signed already, but may have been read days
 * ago: where there is a grant that is kept fresh (`grants.js`), that opens them.
 */
export const signed = (account, url, sessionId) => (/[?&]grant=/.test(url) && !account.mediaToken(sessionId) ? url : account.sign(url, sessionId));

/** A picture of a photo that fades in over its colour; sizes are reserved by who places it. */
export function picture(account, photo, width, alt = "") {
  const file = still(photo, width * Math.min(devicePixelRatio, 2));
  const image = element("img", { class: "picture", alt, decoding: "async", draggable: false });
  if (photo.dominantColour) image.style.backgroundColor = photo.dominantColour;
  image.onload = () => image.classList.add("is-loaded");
  image.onerror = () => image.classList.add("is-lost");
  if (file) image.src = signed(account, file.url, photo.sessionId);
  return image;
}

export const aspect = (photo) => (photo.width > 0 && photo.height > 0 ? photo.width / photo.height : 1.5);

const covers = new Map();

/** Milliseconds: what opens a picture holds for a day at least. */
const coverHolds = 6 * 3_600_000;

/** The photo that stands for a session; kept for a while, not without bound. */
export function coverOf(account, id) {
  if (!(covers.get(id)?.until > Date.now())) {
    covers.delete(id);
    if (covers.size >= 300) covers.delete(covers.keys().next().value);
    const photo = account.ask(`/api/photos/${id}`).catch(() => (covers.delete(id), null));
    covers.set(id, { photo, until: Date.now() + coverHolds });
  }
  return covers.get(id).photo;
}
