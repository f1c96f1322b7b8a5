/**
 * The photos of a session as the reader has them: newest first, without gaps from the newest to where paging stands.
 * Knows nothing of the page.
 */
export class Feed {
  /** Newest first. Read only. */
  photos = [];
  #known = new Map();
  #held = new Map();
  /** Where the next page starts; `undefined` when there is none. */
  #cursor;

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

  get(id) {
    return this.#known.get(id);
  }

  knows(id) {
    return this.#known.has(id) || this.#held.has(id);
  }

  /** The neighbour of a photo, `step` places further down; `undefined` beyond the ends. */
  neighbour(id, step) {
    return this.photos[this.indexOf(id) + step];
  }

  indexOf(id) {
    return this.photos.findIndex((photo) => photo.id === id);
  }

  /** Starts over from the first pages of the list. */
  replace(photos, cursor) {
    this.#known.clear();
    this.#held.clear();
    this.append(photos, cursor);
  }

  /** Adds the next page. */
  append(photos, cursor) {
    this.#cursor = cursor;
    for (const photo of photos) this.#known.set(photo.id, photo);
    this.#sort();
  }

  /**
   * Takes a photo from an event, or one that was asked for alone: new, or in a new state.
   * @param {boolean} hold keep a new one back until `release`
   */
  put(photo, hold) {
    if (this.#held.has(photo.id) || (hold && !this.#known.has(photo.id))) {
      this.#held.set(photo.id, photo);
      return;
    }
    // Older than all that is loaded: it comes with its page.
    const last = this.photos.at(-1);
    if (this.hasMore && last && newestFirst(photo, last) > 0) return;
    this.#known.set(photo.id, photo);
    this.#sort();
  }

  /** Lets those kept back appear. */
  release() {
    for (const [id, photo] of this.#held) this.#known.set(id, photo);
    this.#held.clear();
    this.#sort();
  }

  remove(id) {
    this.#held.delete(id);
    if (this.#known.delete(id)) this.#sort();
  }

  #sort() {
    this.photos = [...this.#known.values()].filter(isShown).sort(newestFirst);
  }
}

/** A file that could not be processed has nothing to look at. */
const isShown = (photo) => photo.status !== "failed" || photo.renditions.length > 0;

/** The order of the API's pages: both keys are of fixed length, so comparing text is right. */
function newestFirst(a, b) {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
