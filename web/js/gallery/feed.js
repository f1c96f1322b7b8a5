import { everything, includes, isFiltered, order } from "./view.js";

/**
 * The photos of a session as the reader wants to see them, without gaps from the first to where paging stands.
 * Knows nothing of the page.
 */
export class Feed {
  /** In the view's order. Read only. */
  photos = [];
  #view = everything;
  #zone;
  #known = new Map();
  #places = null;
  #held = new Map();
  /** Where the next page starts; `undefined` when there is none. */
  #cursor;
  /** How many there are by what the server said; grows and shrinks with events. */
  #total = 0;

  get view() {
    return this.#view;
  }

  get hasMore() {
    return this.#cursor !== undefined;
  }

  get cursor() {
    return this.#cursor;
  }

  /** How many have come that are not shown yet. */
  get heldCount() {
    return this.#held.size;
  }

  /** Loaded or not; of a view whose length nobody has told, a little more than is loaded. */
  get total() {
    if (!this.hasMore) return this.photos.length;
    return Math.max(this.photos.length + 1, this.#total);
  }

  get(id) {
    return this.#known.get(id);
  }

  knows(id) {
    return this.#known.has(id) || this.#held.has(id);
  }

  /** The neighbour of a photo, `step` places further down; `undefined` beyond the ends. */
  neighbour(id, step) {
    const index = this.indexOf(id);
    return index < 0 ? undefined : this.photos[index + step];
  }

  indexOf(id) {
    this.#places ??= new Map(this.photos.map((photo, index) => [photo.id, index]));
    return this.#places.get(id) ?? -1;
  }

  /** Everything is about another view, or another session's clock, from now on. */
  look(view, zone) {
    [this.#view, this.#zone] = [view, zone];
    this.replace([], undefined);
  }

  expect(total) {
    this.#total = total;
  }

  /** Starts over from the first pages of the list. */
  replace(photos, cursor) {
    this.#known.clear();
    this.#held.clear();
    this.photos = [];
    this.append(photos, cursor);
  }

  /** Adds the next page. The server has put it in order. */
  append(photos, cursor) {
    this.#cursor = cursor;
    const fresh = photos.filter((photo) => !this.#known.has(photo.id) && isShown(photo)).map(slim);
    for (const photo of fresh) this.#known.set(photo.id, photo);
    this.#set([...this.photos, ...fresh]);
  }

  /**
   * Takes a photo from an event, or one that was asked for alone: new, or in a new state.
   * @param {boolean} [hold] keep a new one back until `release`
   * @param {boolean} [hasCome] it was not in the session before
   */
  put(photo, hold = false, hasCome = false) {
    const former = this.#known.get(photo.id) ?? this.#held.get(photo.id);
    const next = slim(former ? { ...photo, ...kept(former, photo) } : photo);
    if (!isShown(next) || !includes(this.#view, next, this.#zone)) return void this.#drop(photo.id);
    if (!former && this.#isBeyond(next)) return void (this.#total += hasCome ? 1 : 0);
    if (this.#held.has(photo.id) || (hold && !former)) this.#held.set(photo.id, next);
    else this.#insert(next, former);
    if (!former) this.#total += 1;
  }

  /** Writes on a known photo what its reader, or somebody else, thinks of it. */
  mark(id, marks) {
    for (const map of [this.#known, this.#held]) {
      const photo = map.get(id);
      if (photo) map.set(id, { ...photo, ...marks });
    }
    const index = this.indexOf(id);
    if (index >= 0) this.photos = replaced(this.photos, index, this.#known.get(id));
  }

  /** Lets those kept back appear. */
  release() {
    const fresh = [...this.#held.values()];
    this.#held.clear();
    for (const photo of fresh) this.#insert(photo);
  }

  /** It is in the session no more. */
  remove(id) {
    if (this.#drop(id)) return;
    // One that is not loaded counts as well; but of a part, nobody knows whether it was in it.
    if (this.hasMore && !isFiltered(this.#view)) this.#total -= 1;
  }

  /** @returns {boolean} whether it was here */
  #drop(id) {
    const wasHere = this.knows(id);
    if (wasHere) this.#total -= 1;
    this.#held.delete(id);
    if (this.#known.delete(id)) this.#set(this.photos.filter((photo) => photo.id !== id));
    return wasHere;
  }

  /** Further down than all that is loaded: it comes with its page, and was counted with it unless it has just come. */
  #isBeyond(photo) {
    const last = this.photos.at(-1);
    return this.hasMore && last !== undefined && order(this.#view, this.#zone)(photo, last) > 0;
  }

  #insert(photo, former) {
    if (!former && this.#isBeyond(photo)) return;
    const compare = order(this.#view, this.#zone);
    this.#known.set(photo.id, photo);
    const rest = former ? this.photos.filter(({ id }) => id !== photo.id) : this.photos;
    const place = firstAfter(rest, (other) => compare(photo, other) < 0);
    this.#set([...rest.slice(0, place), photo, ...rest.slice(place)]);
  }

  #set(photos) {
    this.photos = photos;
    this.#places = null;
  }
}

/** What an event does not tell, for it tells everybody the same, is as it was. */
function kept(former, photo) {
  const { isLiked = former.isLiked, isFavourite = former.isFavourite } = photo;
  return { isLiked, isFavourite };
}

/** A file that could not be processed has nothing to look at. */
const isShown = (photo) => photo.status !== "failed" || photo.renditions.length > 0;

/**
 * Only what this page will ever use, for there may be thousands: pictures as WebP where there are any, and paths without the
 * grant, which is signed anew when one is fetched.
 */
function slim(photo) {
  const hasWebP = new Set(photo.renditions.filter(({ format }) => format === "webp").map(({ name }) => name));
  const wanted = photo.renditions.filter(({ name, format }) => format !== "avif" && format !== "png"
    && (format !== "jpeg" || name === "large" || !hasWebP.has(name)));
  return { ...photo, renditions: wanted.map((rendition) => ({ ...rendition, url: rendition.url.split("?")[0] })) };
}

function firstAfter(photos, isBefore) {
  let [low, high] = [0, photos.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(photos[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

const replaced = (list, index, item) => list.map((old, at) => (at === index ? item : old));
