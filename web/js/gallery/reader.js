import { backoff } from "../lumiere/backoff.js";
import { pause } from "../ui/dom.js";
import { isFiltered, query } from "./view.js";

/** Photos of the first page, which should come at once, and of those after it, which should be few. */
const firstPage = 60;
const laterPage = 200;

/** How many photos are read again at most after events were lost; further ones come by scrolling. */
const rereadLimit = 600;

/**
 * Fills the feed: from the list's pages and from events, one after the other. An event that comes while a page is
 * being fetched waits for it, for the page may show an older state.
 */
export class Reader {
  #feed;
  #pass;
  #turn = Promise.resolve();
  #isRereading = false;
  #isStale = false;
  #isPaging = false;

  constructor(feed, pass) {
    this.#feed = feed;
    this.#pass = pass;
  }

  /** Runs `act` when no page is under way. */
  inTurn(act) {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /**
   * Reads the session and as much of the list as was loaded, until it succeeds.
   * @returns {Promise<object|undefined>} the session; `undefined` when an earlier call will bring it
   * @throws {Problem} that trying again cannot help
   */
  async reread() {
    // What is under way may have read a state from before the reason for this call: it goes round once more.
    this.#isStale = true;
    if (this.#isRereading) return undefined;
    this.#isRereading = true;
    try {
      return await this.inTurn(() => insistently(() => this.#fetchUntilFresh()));
    } finally {
      this.#isRereading = false;
    }
  }

  /**
   * Reads what an event did not tell of a photo, unless that has been done.
   * @returns {Promise<object|undefined>} the photo, if there is more to show than before
   */
  complete(id) {
    return this.inTurn(async () => {
      if (!this.#feed.get(id)?.isExcerpt) return undefined;
      this.#feed.put(await this.#pass.ask(`/api/photos/${id}`), false);
      return this.#feed.get(id);
    });
  }

  /** Reads the next page, if there is one. @returns {Promise<boolean>} whether photos have come */
  async more() {
    if (this.#isPaging || !this.#feed.hasMore) return false;
    this.#isPaging = true;
    try {
      return await this.inTurn(() => this.#fetchNext());
    } finally {
      this.#isPaging = false;
    }
  }

  async #fetchUntilFresh() {
    let session;
    while (this.#isStale) {
      this.#isStale = false;
      // Failed reads are tried again from here, so the wish must survive them.
      session = await this.#fetchAll().catch((problem) => {
        this.#isStale = true;
        throw problem;
      });
    }
    return session;
  }

  async #fetchAll() {
    const wanted = Math.min(this.#feed.photos.length, rereadLimit);
    const { view } = this.#feed;
    const reading = this.#pass.ask(`/api/sessions/${this.#pass.sessionId}`);
    // Should a page fail first, this one is not waited for.
    reading.catch(() => {});
    const photos = [];
    let cursor;
    do {
      const page = await this.#page(view, cursor);
      photos.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor && photos.length < wanted);
    // Another view was chosen meanwhile: this one is nobody's any more.
    if (view !== this.#feed.view) return this.#fetchAll();
    this.#feed.replace(photos, cursor);
    const session = await reading;
    this.#feed.expect(view.total ?? (isFiltered(view) ? photos.length + laterPage : session.photoCount));
    return session;
  }

  async #fetchNext() {
    const { view, cursor, hasMore } = this.#feed;
    // The list may have been read again meanwhile, to its end.
    if (!hasMore) return false;
    const page = await this.#page(view, cursor);
    if (view === this.#feed.view) this.#feed.append(page.items, page.nextCursor);
    return true;
  }

  #page(view, cursor) {
    const wanted = { session: this.#pass.sessionId, limit: cursor ? laterPage : firstPage, ...query(view) };
    if (cursor) wanted.cursor = cursor;
    return this.#pass.ask(`/api/photos?${new URLSearchParams(wanted)}`);
  }
}

/** Tries until it works or cannot work. @throws what `act` throws, unless it is a passing problem */
export async function insistently(act, report = () => {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await act();
    } catch (problem) {
      if (!problem.isPassing) throw problem;
      report(problem);
      await pause(Math.max(backoff(attempt), (problem.retryAfter ?? 0) * 1000));
    }
  }
}
