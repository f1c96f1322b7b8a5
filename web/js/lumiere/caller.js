import { call, contentOf, request } from "./api.js";

/**
 * Somebody who asks the API with a token: an `Account`, a guest's `Pass`, a `Key`. They differ in where the token comes from.
 *
 * Dispatches `token` when there is a new one: URLs that were signed with the one before may no longer load.
 */
export class Caller extends EventTarget {
  /** Where the server is: "" for that of this page, else an origin without a slash at the end. */
  base;
  /** Session's id to media token. */
  #mediaTokens = new Map();

  /** @param {{base?: string}} [options] */
  constructor({ base = "" } = {}) {
    super();
    this.base = base.replace(/\/+$/, "");
  }

  /** The present bearer; `null` for none. */
  get token() {
    return null;
  }

  /** Milliseconds for which the token is good enough to start something with. */
  get freshFor() {
    return Infinity;
  }

  /**
   * Gets another token. Who asks while that is under way waits for the same one.
   * @param {string} [stale] the token that was refused: if there is another by now, nothing is asked for
   * @throws {Problem}
   */
  async renew(stale) {
    throw new Error(`There is no way to renew ${stale}.`);
  }

  /** Makes sure that the token holds for a while. */
  async fresh() {
    if (this.freshFor <= 0) await this.renew(this.token);
  }

  /** Asks the API: JSON, or `undefined` when the answer has no content. A token that is no longer accepted is renewed once. */
  ask(path, options) {
    return this.authorised((held) => call(path, { ...options, ...held }));
  }

  /** Fetches a file that needs the bearer: a QR code, an export, the preview of a watermark. */
  async blob(path, options) {
    return contentOf((await this.request(path, options)).blob(), options?.signal);
  }

  /** As `ask`, with the whole answer. @returns {Promise<Response>} */
  request(path, options) {
    return this.authorised((held) => request(path, { ...options, ...held }));
  }

  /**
   * Does something with the token; once more if it was not accepted and could be renewed.
   * @param {(held: {token: string, base: string}) => Promise<any>} act
   */
  async authorised(act) {
    await this.fresh();
    const { token, base } = this;
    try {
      return await act({ token, base });
    } catch (problem) {
      if (problem.status !== 401 || token === null) throw problem;
      await this.renew(token);
      return act({ token: this.token, base });
    }
  }

  /** The pages of a list, each an array of items. */
  async *pages(path, { query = {}, limit = 100, signal } = {}) {
    let cursor;
    do {
      const page = await this.ask(path, { query: { ...query, limit, cursor }, signal });
      yield page.items;
      cursor = page.nextCursor;
    } while (cursor);
  }

  /**
   * A media URL that works in an `<img>`. Those of events come without a grant; those of answers are signed already, and get
   * the present one all the same, if there is one.
   * @param {string} url
   * @param {string} [sessionId] the one entered last unless said
   */
  sign(url, sessionId) {
    const grant = this.mediaToken(sessionId);
    const [path, search = ""] = this.#local(url).split("?");
    const query = new URLSearchParams(search);
    if (grant) query.set("grant", grant);
    return this.base + path + (query.size > 0 ? `?${query}` : "");
  }

  mediaToken(sessionId) {
    return sessionId === undefined ? [...this.#mediaTokens.values()].at(-1) : this.#mediaTokens.get(sessionId);
  }

  /** Remembers what media of a session are fetched with: it comes with a guest's entry and with `session_joined`. */
  keepMediaToken(sessionId, token) {
    this.#mediaTokens.delete(sessionId);
    this.#mediaTokens.set(sessionId, token);
    if (this.#mediaTokens.size > 64) this.#mediaTokens.delete(this.#mediaTokens.keys().next().value);
  }

  /** Somebody else may not see what they were for. */
  forgetMediaTokens() {
    this.#mediaTokens.clear();
  }

  #local(url) {
    const parsed = new URL(url, this.base || globalThis.location?.origin || "http://localhost");
    return parsed.pathname + parsed.search;
  }
}
