import { everything, matches, order, toQuery } from "./photoquery.js";

const pageSize = 80;

/** More than a session is likely to have; what is beyond is found by filters. */
const limit = 20_000;

/** The photos of a session that fit a filter: read page by page, and kept as it is told live. */
export class PhotoList extends EventTarget {
  items = [];
  isLoading = false;
  problem = null;
  #page;
  #filter = everything;
  #places = new Map();
  #cursor = null;
  #turn = 0;
  #loading = null;

  constructor(page) {
    super();
    this.#page = page;
  }

  get filter() {
    return this.#filter;
  }

  get hasMore() {
    return this.#cursor !== null;
  }

  get(id) {
    return this.items[this.indexOf(id)];
  }

  indexOf(id) {
    return this.#places.get(id) ?? -1;
  }

  /** Begins anew, with this filter. What is there stays until the new list comes. */
  begin(filter = this.#filter) {
    this.#turn += 1;
    this.#filter = filter;
    this.#cursor = undefined;
    this.#loading = null;
    return this.more({ isFirst: true });
  }

  /** Reads the next page; who asks while that is under way waits for the same one. */
  more({ isFirst = false } = {}) {
    if (this.#cursor === null || this.items.length >= limit) return Promise.resolve();
    this.#loading ??= this.#load(this.#turn, isFirst).finally(() => (this.#loading = null));
    return this.#loading;
  }

  /** Reads all there is. @param {AbortSignal} [signal] */
  async all() {
    const turn = this.#turn;
    while (this.hasMore && turn === this.#turn && !this.problem && this.items.length < limit) await this.more();
  }

  async #load(turn, isFirst) {
    this.isLoading = true;
    this.problem = null;
    this.#tell();
    try {
      const query = { ...toQuery(this.#filter), session: this.#page.id, limit: pageSize, cursor: this.#cursor };
      const { items, nextCursor } = await this.#page.account.ask("/api/photos", { query });
      if (turn !== this.#turn) return;
      this.#cursor = nextCursor ?? null;
      this.items = isFirst ? items : [...this.items, ...items.filter(({ id }) => !this.#places.has(id))];
    } catch (problem) {
      if (turn === this.#turn) this.problem = problem;
    } finally {
      if (turn === this.#turn) {
        this.isLoading = false;
        this.#index();
      }
    }
  }

  /** A photo is new or different. */
  put(photo) {
    const at = this.indexOf(photo.id);
    const held = at < 0 ? photo : { ...this.items[at], ...photo };
    if (!matches(held, this.#filter)) return at < 0 ? undefined : this.remove([photo.id]);
    const rest = at < 0 ? this.items : this.items.toSpliced(at, 1);
    const place = this.#placeOf(held, rest);
    // What belongs behind the last page that was read comes with the next one.
    if (at < 0 && place === rest.length && this.hasMore) return;
    this.items = rest.toSpliced(place, 0, held);
    this.#index();
  }

  /** @param {string[]} ids */
  remove(ids) {
    const gone = new Set(ids);
    if (!ids.some((id) => this.#places.has(id))) return;
    this.items = this.items.filter(({ id }) => !gone.has(id));
    this.#index();
  }

  #placeOf(photo, items) {
    const compare = order(this.#filter.sort);
    let [low, high] = [0, items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(items[middle], photo) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #index() {
    this.#places = new Map(this.items.map(({ id }, index) => [id, index]));
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
