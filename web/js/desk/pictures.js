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

/** URLs of answers are signed; those of events are the same for everybody and are not. */
export const signed = (account, url, sessionId) => (/[?&]grant=/.test(url) ? url : account.sign(url, sessionId));

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

/** The photo that stands for a session; kept for a while, not without bound. */
export function coverOf(account, id) {
  if (!covers.has(id)) {
    if (covers.size >= 300) covers.delete(covers.keys().next().value);
    covers.set(id, account.ask(`/api/photos/${id}`).catch(() => (covers.delete(id), null)));
  }
  return covers.get(id);
}
