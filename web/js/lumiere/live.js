import { Problem } from "./api.js";
import { later } from "./later.js";
import { advance, beginning } from "./livestate.js";

/** The server closes with this code when the token has come to its end. */
const expired = 3005;

/** What is followed: the command for it, the event that tells of it, and what it is called in both. */
export const rooms = Object.freeze({
  session: Object.freeze({ join: "join_session", joined: "session_joined", name: "sessionId", wish: Object.freeze({ state: false }) }),
  party: Object.freeze({ join: "join_party", joined: "party_joined", name: "partyId", wish: Object.freeze({}) }),
});

/**
 * The live connection to one session: follows it, comes back after losses, hands on every event once, and carries commands.
 * Dispatches `phase` when that changes. All decisions are in `livestate.js`; this is its hands.
 */
export class Live extends EventTarget {
  #state = beginning;
  #socket = null;
  #timer;
  #renewal;
  #caller;
  #sessionId;
  #listener;
  #room;
  /** Fetched when the first is sent: most pages only listen. */
  #commands = null;
  /** Of what is listened to while the connection is wanted. */
  #ear = null;
  #mustRenew = false;

  /**
   * @param {Caller} caller
   * @param {string} sessionId
   * @param {{event(message), joined(facts), phase(name), refused(code), dismissed(ending), own(facts)}} listener all but `event` optional
   *   `joined`: with `recovered` false, what happened in between is lost and the list must be read again.
   *   `refused`: the pass is over; renew it and `start` again. With a code, it is the server's reason.
   *   `dismissed`: the server has ended it with this `{code, reason}`; `start` again only when a person asks for it.
   *   `own`: the same as `joined` for what is for this account alone (`user:`).
   * @param {object} [room] of `rooms`; a session unless said
   */
  constructor(caller, sessionId, listener, room = rooms.session) {
    super();
    this.#room = room;
    this.#caller = caller;
    this.#sessionId = sessionId;
    this.#listener = listener;
  }

  /** Those with a name who follow the session, as far as the server tells: `{name, kind, userId?}`. */
  people = [];

  /** As in `livestate.js`. */
  get phase() {
    return this.#state.phase;
  }

  start() {
    this.#listen();
    this.#happened({ kind: "start" });
  }

  stop() {
    this.#ear?.abort();
    this.#ear = null;
    this.#happened({ kind: "stop" });
  }

  /**
   * Sends a command; the session is that of this connection unless it, or a party, is said.
   * @returns {Promise<object>} the data of the `ack`
   * @throws {Problem} `offline` while not connected: then nothing was sent, or nobody knows
   */
  async send(type, data = {}) {
    const { Commands } = await later("./commands.js", import.meta.url).catch(() => Promise.reject(new Problem({ code: "offline" })));
    this.#commands ??= new Commands();
    const isOpen = this.phase === "live" || this.phase === "probing";
    const place = "partyId" in data ? {} : { sessionId: this.#sessionId };
    return this.#commands.send(type, { ...place, ...data }, (message) => isOpen && this.#send(message));
  }

  #listen() {
    if (this.#ear) return;
    this.#ear = new AbortController();
    const { signal } = this.#ear;
    const on = (target, name, act) => target?.addEventListener?.(name, act, { signal });
    on(globalThis, "online", () => this.#happened({ kind: "woken" }));
    on(globalThis.document, "visibilitychange", () => document.hidden || this.#happened({ kind: "woken" }));
    // A page kept for the back button may not hold a socket; it gets a new one when it is shown again.
    on(globalThis, "pagehide", () => this.#happened({ kind: "stop" }));
    on(globalThis, "pageshow", (event) => event.persisted && this.#happened({ kind: "shown" }));
    on(this.#caller, "token", () => this.#tokenChanged());
  }

  #happened(event) {
    const before = this.#state.phase;
    const [state, actions] = advance(this.#state, { ...event, at: performance.now() });
    this.#state = state;
    for (const action of actions) this.#carryOut(action);
    if (state.phase === before) return;
    this.#listener.phase?.(state.phase);
    this.dispatchEvent(new Event("phase"));
  }

  #carryOut(action) {
    switch (action.kind) {
      case "connect": return this.#connect();
      case "join": return this.#join(action);
      case "ping": return this.#send({ type: "ping", id: "ping" });
      case "deliver": return this.#deliver(action.message);
      case "hangUp": return this.#hangUp();
      case "surrender": return this.#listener.refused?.(action.code);
      case "part": return this.#listener.dismissed?.(action.ending);
      case "wait":
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#happened({ kind: "timer" }), action.after);
    }
  }

  #deliver(message) {
    this.people = message.data?.people ?? this.people;
    this.#listener.event(message);
  }

  // MARK: Connection

  #connect() {
    this.#hangUp();
    const socket = (this.#socket = {});
    if (this.#caller.freshFor > 0 && !this.#mustRenew) return this.#open();
    this.#renewed().then(
      () => socket === this.#socket && this.#open(),
      (problem) => socket === this.#socket && this.#happened({ kind: "failed", ...problem, ...(problem.isPassing && passing) }));
  }

  async #renewed() {
    await this.#caller.renew(this.#caller.token);
    this.#mustRenew = false;
  }

  #open() {
    const url = new URL("/ws", this.#caller.base || location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    // A socket that was given up may still speak; nobody listens to it any more.
    const ifCurrent = (act) => (event) => socket === this.#socket && act(event);
    socket.onopen = ifCurrent(() => this.#happened({ kind: "opened" }));
    socket.onmessage = ifCurrent(({ data }) => this.#received(data));
    socket.onclose = ifCurrent((event) => this.#closed(event));
    this.#socket = socket;
  }

  /** Both at once: the server takes commands in order, so this saves a round trip. */
  #join({ position, own }) {
    this.#send({ type: "authenticate", id: "authenticate", data: { token: this.#caller.token, ...own } });
    const { join, name, wish } = this.#room;
    this.#send({ type: join, id: "join", data: { [name]: this.#sessionId, ...wish, ...position } });
    this.#renewInTime();
  }

  #received(text) {
    const message = parsed(text);
    if (!message) return;
    if (message.type === "error" && (message.id === "authenticate" || message.id === "join")) {
      return this.#happened({ kind: "failed", code: message.data?.code, retryAfter: message.data?.retryAfter });
    }
    switch (message.type) {
      case this.#room.joined: return this.#joined(message.data);
      case "authenticated": return this.#authenticated(message.data);
    }
    this.#commands?.answered(message);
    this.#happened({ kind: "heard", message });
  }

  #joined(facts) {
    if (facts.mediaToken) this.#caller.keepMediaToken(this.#sessionId, facts.mediaToken);
    this.people = facts.people ?? [];
    this.#happened({ kind: "joined", ...facts });
    this.#listener.joined?.(facts);
  }

  /** Comes again whenever a newer token is shown; only the first of a connection says where one's own topic stands. */
  #authenticated(facts) {
    if (facts.epoch === undefined) return;
    this.#happened({ kind: "authenticated", ...facts });
    this.#listener.own?.(facts);
  }

  #closed({ code, reason }) {
    this.#mustRenew = code === expired && this.#caller.freshFor < Infinity;
    this.#happened({ kind: "closed", code, reason });
  }

  #send(message) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #hangUp() {
    clearTimeout(this.#timer);
    clearTimeout(this.#renewal);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close?.();
    this.#commands?.cutOff();
  }

  // MARK: Token

  /** Shows a new token before the old one comes to its end, which would end the connection. */
  #renewInTime() {
    const { freshFor } = this.#caller;
    clearTimeout(this.#renewal);
    if (freshFor === Infinity) return;
    // What fails is tried again by the next connection.
    this.#renewal = setTimeout(() => this.#caller.fresh().catch(() => {}), Math.max(freshFor, 1000));
  }

  #tokenChanged() {
    if (this.phase !== "live" && this.phase !== "probing") return;
    // Somebody else now, or a guest by another name: what was missed meanwhile comes again.
    if (this.#caller.freshFor === Infinity) return this.#happened({ kind: "start" });
    this.#send({ type: "authenticate", id: "renew", data: { token: this.#caller.token } });
    this.#renewInTime();
  }
}

/** For the state machine: not a refusal, whatever the code is. */
const passing = { code: "busy" };

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
