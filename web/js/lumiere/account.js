import { alone } from "./alone.js";
import { call, Problem } from "./api.js";
import { Caller } from "./caller.js";
import { later } from "./later.js";
import { storage } from "./storage.js";
import { endOf, freshFor } from "./tokenclock.js";

/**
 * Somebody with an account, signed in on this device; all tabs share it.
 *
 * A refresh token is good for one use, and using it twice signs the device out: so exactly one tab refreshes at a time, and
 * the others take what it got.
 */
export class Account extends Caller {
  #store = storage("localStorage");
  /** `{user, accessToken, refreshToken, deviceId, receivedAt, expiresAt}` */
  #entry;
  #renewal = null;
  /** Called when somebody signs in or out, here or in another tab. */
  onChange = () => {};

  /** @param {{base?: string}} [options] */
  constructor(options) {
    super(options);
    this.#entry = this.#recall();
    globalThis.addEventListener?.("storage", ({ key }) => (key === this.#key || key === null) && this.#take(this.#recall()));
  }

  /** `{id, username, email, role}`; `null` when nobody is signed in. */
  get user() {
    return this.#entry?.user ?? null;
  }

  get deviceId() {
    return this.#entry?.deviceId ?? null;
  }

  get token() {
    return this.#entry?.accessToken ?? null;
  }

  get freshFor() {
    return this.#entry ? freshFor(this.#entry, Date.now()) : Infinity;
  }

  /**
   * @param {{login: string, password: string, deviceName?: string}} credentials
   * @throws {Problem} `wrong_credentials`, `too_many_requests` ...
   */
  async signIn(credentials) {
    await this.#enter("/api/auth/login", credentials);
  }

  /** @param {{email: string, username: string, password: string}} details */
  async register(details) {
    await this.#enter("/api/auth/register", details);
  }

  /**
   * Signs out here, in all tabs; a server that cannot be asked does not stop that.
   * @param {{everywhere?: boolean}} [options] all other devices, too
   */
  async signOut({ everywhere = false } = {}) {
    if (everywhere) await this.#signOutOthers();
    const { user } = this;
    if (user) await this.ask("/api/auth/logout", { method: "POST" }).catch(() => {});
    this.#keep(null);
    if (user) await this.#clearAway(user).catch(() => {});
  }

  /** What was still to be sent is not left on a device that others may use. */
  async #clearAway({ id }) {
    const { Shelf } = await later("./shelf.js", import.meta.url);
    await new Shelf("").forget((name) => name.startsWith(`${this.base} `) && name.endsWith(` ${id}`));
  }

  async renew(stale = this.token) {
    this.#renewal ??= alone(`${this.#key}.refresh`, () => this.#refresh(stale)).finally(() => (this.#renewal = null));
    await this.#renewal;
  }

  async #enter(path, body) {
    this.#keep(entryOf(await call(path, { method: "POST", body, base: this.base })));
  }

  async #refresh(stale) {
    const kept = this.#recall();
    if (!kept || kept.accessToken !== stale) return this.#follow(kept);
    const isCurrent = () => this.#recall()?.refreshToken === kept.refreshToken;
    try {
      const body = { refreshToken: kept.refreshToken };
      const entry = entryOf(await call("/api/auth/refresh", { method: "POST", body, base: this.base }));
      if (isCurrent()) return this.#keep(entry);
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      if (isCurrent()) return this.#endWith(problem);
    }
    // Meanwhile somebody has signed out or in, here or in another tab: the answer is about nobody any more.
    this.#follow(this.#recall());
  }

  /** Takes what another tab has got. */
  #follow(entry) {
    if (!entry) return this.#endWith(new Problem({ status: 401, code: "signed_out", detail: "Nobody is signed in." }));
    this.#take(entry);
  }

  /** The device is signed out, whether by another one or because it was away for too long. */
  #endWith(problem) {
    this.#keep(null);
    throw problem;
  }

  async #signOutOthers() {
    for await (const devices of this.pages("/api/auth/devices")) {
      for (const { id } of devices) {
        if (id !== this.deviceId) await this.ask(`/api/auth/devices/${id}`, { method: "DELETE" });
      }
    }
  }

  #keep(entry) {
    if (entry) this.#store.remember(this.#key, entry);
    else this.#store.forget(this.#key);
    this.#take(entry);
  }

  #take(entry) {
    const before = this.#entry;
    this.#entry = entry;
    if (entry?.accessToken !== before?.accessToken) this.dispatchEvent(new Event("token"));
    if (entry?.user.id === before?.user.id) return;
    this.forgetMediaTokens();
    this.onChange();
  }

  #recall() {
    const entry = this.#store.recall(this.#key);
    return entry?.refreshToken ? entry : null;
  }

  get #key() {
    return this.base ? `lumiere.account.${this.base}` : "lumiere.account";
  }
}

function entryOf({ user, accessToken, refreshToken, deviceId, expiresIn }) {
  const receivedAt = Date.now();
  return { user, accessToken, refreshToken, deviceId, receivedAt, expiresAt: endOf(receivedAt, expiresIn) };
}
