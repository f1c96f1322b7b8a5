import { backoff } from "../lumiere/backoff.js";
import { pause } from "../ui/dom.js";

/** Photos per page. */
const pageSize = 60;

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
    const session = await this.#pass.ask(`/api/sessions/${this.#pass.sessionId}`);
    const photos = [];
    let cursor;
    do {
      const page = await this.#page(cursor);
      photos.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor && photos.length < wanted);
    this.#feed.replace(photos, cursor);
    return session;
  }

  async #fetchNext() {
    // The list may have been read again meanwhile, to its end.
    if (!this.#feed.hasMore) return false;
    const page = await this.#page(this.#feed.cursor);
    this.#feed.append(page.items, page.nextCursor);
    return true;
  }

  #page(cursor) {
    const query = new URLSearchParams({ session: this.#pass.sessionId, limit: pageSize });
    if (cursor) query.set("cursor", cursor);
    return this.#pass.ask(`/api/photos?${query}`);
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
