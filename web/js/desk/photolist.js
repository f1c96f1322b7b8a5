import { Again } from "../lumiere/again.js";
import { everything, matches, order, toQuery } from "./photoquery.js";

/** Photos of the first page, which should come at once, and of those after it, which should be few. */
const firstPage = 80;
const laterPage = 200;

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
  /** How many photos the next reading from the start has to bring: as many as there were. */
  #wanted = 0;
  /** What was told while a page was on its way, which may be older: id to photo, `null` for one that is gone. */
  #told = new Map();
  /** A page could not be read: until that is tried again, nobody gets it by asking. */
  #isHalted = false;
  #again = new Again(() => this.#goOn());

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

  /** Begins anew, with this filter; with the same one, all that was there is read again. What is there stays until the new list comes. */
  begin(filter = this.#filter) {
    this.#turn += 1;
    this.#wanted = filter === this.#filter ? this.items.length : 0;
    this.#filter = filter;
    this.#cursor = undefined;
    this.#loading = null;
    this.problem = null;
    return this.#goOn();
  }

  /** Reads the next page; who asks while that is under way waits for the same one. After a failure, time has to pass. */
  more() {
    if (this.#loading) return this.#loading;
    if (this.#isHalted) return Promise.resolve();
    if (this.#cursor === null || (this.#cursor && this.items.length >= limit)) return Promise.resolve();
    const loading = this.#load(this.#turn).finally(() => {
      if (this.#loading === loading) this.#loading = null;
    });
    this.#loading = loading;
    return loading;
  }

  /** Reads all there is. @param {AbortSignal} [signal] */
  async all() {
    const turn = this.#turn;
    if (this.problem) await this.#goOn();
    while (this.hasMore && turn === this.#turn && !this.problem && this.items.length < limit) await this.more();
  }

  /** Nobody looks at it any more. */
  close() {
    this.#again.cancel();
    this.#turn += 1;
  }

  #goOn() {
    this.#again.cancel();
    this.#isHalted = false;
    return this.more();
  }

  async #load(turn) {
    this.isLoading = true;
    // Who is told may ask for more at once, which is to be the same page.
    await null;
    this.#tell();
    try {
      const isFirst = this.#cursor === undefined;
      const { items, cursor } = await this.#read(turn, isFirst ? this.#wanted : 0);
      if (turn !== this.#turn) return;
      this.#cursor = cursor;
      this.items = unique(isFirst ? items : [...this.items, ...items]);
      this.problem = null;
      this.#again.worked();
    } catch (problem) {
      if (turn === this.#turn) this.#failed(problem);
    } finally {
      if (turn === this.#turn) this.#loaded();
    }
  }

  #failed(problem) {
    this.problem = problem;
    this.#isHalted = true;
    this.#again.after(problem);
  }

  /** The next page, and those after it until there are so many. */
  async #read(turn, wanted) {
    const items = [];
    let cursor = this.#cursor;
    do {
      const limit = cursor || wanted > firstPage ? laterPage : firstPage;
      const page = await this.#page.account.ask("/api/photos", { query: { ...toQuery(this.#filter), session: this.#page.id, limit, cursor } });
      items.push(...page.items);
      cursor = page.nextCursor ?? null;
    } while (cursor && items.length < wanted && turn === this.#turn);
    return { items, cursor };
  }

  #loaded() {
    this.isLoading = false;
    this.#locate();
    const told = [...this.#told];
    this.#told.clear();
    for (const [id, photo] of told) if (photo) this.#take(photo); else this.#drop([id]);
    this.#tell();
  }

  /** A photo is new or different: this is all of it. */
  put(photo) {
    if (this.isLoading) this.#told.set(photo.id, photo);
    if (this.#take(photo)) this.#tell();
  }

  /** @param {string[]} ids */
  remove(ids) {
    if (this.isLoading) for (const id of ids) this.#told.set(id, null);
    if (this.#drop(ids)) this.#tell();
  }

  /** @returns {boolean} whether that makes a difference */
  #take(photo) {
    const at = this.indexOf(photo.id);
    const held = at < 0 ? photo : { ...kept(this.items[at]), ...photo };
    if (!matches(held, this.#filter)) return this.#drop([photo.id]);
    const rest = at < 0 ? this.items : this.items.toSpliced(at, 1);
    const place = this.#placeOf(held, rest);
    // What belongs behind the last page that was read comes with the next one.
    if (at < 0 && place === rest.length && this.hasMore) return false;
    this.items = rest.toSpliced(place, 0, held);
    this.#locate();
    return true;
  }

  #drop(ids) {
    const gone = new Set(ids);
    if (!ids.some((id) => this.#places.has(id))) return false;
    this.items = this.items.filter(({ id }) => !gone.has(id));
    this.#locate();
    return true;
  }

  #placeOf(photo, items) {
    const compare = order(this.#filter.sort, this.#page.session?.timeZone);
    let [low, high] = [0, items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(items[middle], photo) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #locate() {
    this.#places = new Map(this.items.map(({ id }, index) => [id, index]));
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

const unique = (photos) => [...new Map(photos.map((photo) => [photo.id, photo]).toReversed()).values()].toReversed();

/** What an event does not tell, for it tells everybody the same, is as it was; what else it leaves out is not there any more. */
const kept = ({ isLiked, isFavourite, original, originals }) => ({ isLiked, isFavourite, original, originals });
