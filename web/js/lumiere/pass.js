import { call } from "./api.js";

/**
 * What lets this tab into one session: the grant token, got for the access code or by a link, and the media token for URLs.
 *
 * It is kept in the tab's session storage so that a reload does not count as another guest.
 */
export class Pass {
  #door;
  #entry;
  #renewal = null;
  /** What a link asks for; kept for as long as the page lives. */
  password = null;
  /** Called when there is a new token: URLs signed with the one before may no longer load. */
  onRenewed = () => {};

  /** @param {{code?: string, link?: string}} door the access code, or the token of a link */
  constructor(door) {
    this.#door = door;
    this.#entry = recall(this.#key);
  }

  /** The session's id. Only once inside, as are the others below. */
  get sessionId() {
    return this.#entry.session.id;
  }

  get token() {
    return this.#entry.token;
  }

  /** The session as it was on entry. */
  get session() {
    return this.#entry.session;
  }

  /** Makes sure there is a token. */
  async enter() {
    if (!this.#entry) await this.renew();
  }

  /**
   * Gets a new token. Who asks while that is under way waits for the same one.
   * @throws {Problem} `wrong_code`, `password_required`, `too_many_requests`, `unreachable` ...
   */
  async renew() {
    this.#renewal ??= this.#fetch().finally(() => (this.#renewal = null));
    await this.#renewal;
  }

  /** Asks the API as this guest; a token that is no longer accepted is renewed once. */
  async ask(path) {
    try {
      return await call(path, { token: this.token });
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      await this.renew();
      return call(path, { token: this.token });
    }
  }

  /** A media URL with the present media token; URLs in events come without, those of older answers with an older one. */
  sign(url) {
    const signed = new URL(url, location.origin);
    signed.searchParams.set("grant", this.#entry.mediaToken);
    return signed.pathname + signed.search;
  }

  async #fetch() {
    // The old entry stays until then: it still says which session this is.
    forget(this.#key);
    this.#entry = await this.#knock();
    remember(this.#key, this.#entry);
    this.onRenewed();
  }

  #knock() {
    const { code, link } = this.#door;
    if (link === undefined) return call("/api/access", { method: "POST", body: { accessCode: code } });
    const body = this.password === null ? {} : { password: this.password };
    return call(`/api/links/${encodeURIComponent(link)}/enter`, { method: "POST", body });
  }

  get #key() {
    const { code, link } = this.#door;
    return link === undefined ? `lumiere.pass.${code.toUpperCase()}` : `lumiere.pass.link.${link}`;
  }
}

// Storage may be forbidden or full; the pass then lives as long as the page.

function recall(key) {
  try {
    const entry = JSON.parse(sessionStorage.getItem(key));
    // A minute's margin: a token must outlive the requests it is about to be used for.
    return entry?.mediaToken && Date.parse(entry.expiresAt) > Date.now() + 60_000 ? entry : null;
  } catch {
    return null;
  }
}

function remember(key, entry) {
  try {
    sessionStorage.setItem(key, JSON.stringify(entry));
  } catch {}
}

function forget(key) {
  try {
    sessionStorage.removeItem(key);
  } catch {}
}
