import { call, Problem } from "./api.js";
import { Caller } from "./caller.js";
import { storage } from "./storage.js";

/**
 * What lets this tab into one session: the grant token, got for the access code or by a link, and the media token for URLs.
 *
 * It is kept in the tab's session storage so that a reload does not count as another guest.
 */
export class Pass extends Caller {
  #store = storage("sessionStorage");
  #door;
  #entry;
  #renewal = null;
  #entersAgain;
  /** What a link asks for; kept for as long as the page lives. */
  password = null;
  /** How the guest wants to be called. */
  name = null;

  /**
   * @param {{code?: string, link?: string}} door the access code, or the token of a link
   * @param {{base?: string, entersAgain?: boolean}} [options] `entersAgain`: as another guest, when the token is not accepted any more;
   *   without, somebody has to ask for that, by `forget` and `enter`
   */
  constructor(door, { entersAgain = true, ...options } = {}) {
    super(options);
    [this.#door, this.#entersAgain] = [door, entersAgain];
    this.#entry = this.#recall();
    if (!this.#entry) return;
    this.name = this.#entry.name ?? null;
    this.keepMediaToken(this.sessionId, this.#entry.mediaToken);
  }

  /** The session's id. Only once inside, as is the session below. */
  get sessionId() {
    return this.#entry.session.id;
  }

  /** The session as it was on entry. */
  get session() {
    return this.#entry.session;
  }

  /** Whether the guest is in, as far as is known here. */
  get isInside() {
    return Boolean(this.#entry);
  }

  get token() {
    return this.#entry?.token ?? null;
  }

  /** The guest's id, which messages and lists name as their author; `null` if it cannot be told. */
  get guestId() {
    return this.#entry ? guestIn(this.#entry.token) : null;
  }

  /** Makes sure there is a token. */
  async enter() {
    if (!this.#entry) await this.renew();
  }

  /**
   * Gets a new token. Who asks while that is under way waits for the same one.
   * @param {string} [stale] the token that was refused: if there is another by now, nobody enters once more
   * @throws {Problem} `wrong_code`, `password_required`, `too_many_requests`, `unreachable` ...
   */
  async renew(stale) {
    if (stale && this.token !== stale) return;
    if (stale && !this.#entersAgain) throw new Problem({ status: 401, code: "unauthorized", detail: "The pass is not accepted any more." });
    this.#renewal ??= this.#fetch().finally(() => (this.#renewal = null));
    await this.#renewal;
  }

  /**
   * Takes a name, or another one: whatever is said from now on bears it.
   * @param {string} name 1 to 80 characters
   * @throws {Problem}
   */
  async rename(name) {
    const before = this.name;
    this.name = name;
    try {
      this.#keep(await this.#knockAgain());
    } catch (problem) {
      this.name = before;
      throw problem;
    }
  }

  /** Leaves: the token is taken back, and forgotten here; a server that cannot be asked does not stop that. */
  async leave() {
    const { token, base } = this;
    if (token === null) return;
    const path = `/api/sessions/${this.sessionId}/entry`;
    this.forget();
    await call(path, { method: "DELETE", token, base }).catch(() => {});
  }

  /** A pass that is over is kept no longer: who enters is a new guest, by the same name. */
  forget() {
    this.#store.forget(this.#key);
    this.#entry = null;
    this.forgetMediaTokens();
  }

  async #fetch() {
    // The old entry stays until then: it still says which session this is.
    this.#store.forget(this.#key);
    this.#keep(await this.#knock());
  }

  #keep(entry) {
    this.#entry = { ...entry, name: this.name };
    this.keepMediaToken(this.sessionId, entry.mediaToken);
    this.#store.remember(this.#key, this.#entry);
    this.dispatchEvent(new Event("token"));
  }

  #knock() {
    const { code, link } = this.#door;
    const body = { name: this.name ?? undefined };
    const options = { method: "POST", base: this.base };
    if (link === undefined) return call("/api/access", { ...options, body: { ...body, accessCode: code } });
    return call(this.#linkPath, { ...options, body: { ...body, password: this.password ?? undefined } });
  }

  /** Enters once more with the token that there is, so that the guest's favourites, likes and lists come along. */
  #knockAgain() {
    const { code, link } = this.#door;
    const { token, base } = this;
    // Of who came by a link no password is asked again, and no use is counted.
    const way = link === undefined ? { accessCode: code } : {};
    const path = link === undefined ? `/api/sessions/${this.sessionId}/verify` : this.#linkPath;
    return call(path, { method: "POST", token, base, body: { ...way, name: this.name ?? undefined } });
  }

  get #linkPath() {
    return `/api/links/${encodeURIComponent(this.#door.link)}/enter`;
  }

  #recall() {
    const entry = this.#store.recall(this.#key);
    // A minute's margin: a token must outlive the requests it is about to be used for.
    return entry?.mediaToken && Date.parse(entry.expiresAt) > Date.now() + 60_000 ? entry : null;
  }

  get #key() {
    const { code, link } = this.#door;
    return `lumiere.pass.${this.base}${link === undefined ? code.toUpperCase() : `link.${link}`}`;
  }
}

/** A guest's token begins with the id of what let them in: 16 bytes in Base64. */
function guestIn(token) {
  const [kind, body = ""] = token.split(".");
  if (kind !== "lg1" || body.length < 22) return null;
  const bytes = atob(body.slice(0, 24).replaceAll("-", "+").replaceAll("_", "/")).slice(0, 16);
  const hex = [...bytes].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
