import { advance, beginning } from "./livestate.js";

/**
 * The live connection to one session: follows it, comes back after losses, and hands on every event once.
 * All decisions are in `livestate.js`; this is its hands.
 */
export class Live {
  #state = beginning;
  #socket = null;
  #timer;
  #pass;
  #listener;

  /**
   * @param {Pass} pass
   * @param {{event(message), joined(facts), phase(name), refused(), dismissed(ending)}} listener
   *   `joined`: with `recovered` false, what happened in between is lost and the list must be read again.
   *   `refused`: the pass is over; renew it and `start` again.
   *   `dismissed`: the server has ended it with this `{code, reason}`; `start` again only when a person asks for it.
   */
  constructor(pass, listener) {
    this.#pass = pass;
    this.#listener = listener;
    addEventListener("online", () => this.#happened({ kind: "woken" }));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#happened({ kind: "woken" });
    });
    // A page kept for the back button may not hold a socket; it gets a new one when it is shown again.
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", (event) => event.persisted && this.#happened({ kind: "shown" }));
  }

  start() {
    this.#happened({ kind: "start" });
  }

  stop() {
    this.#happened({ kind: "stop" });
  }

  #happened(event) {
    const before = this.#state.phase;
    const [state, actions] = advance(this.#state, event);
    this.#state = state;
    for (const action of actions) this.#carryOut(action);
    if (state.phase !== before) this.#listener.phase(state.phase);
  }

  #carryOut(action) {
    switch (action.kind) {
      case "connect": return this.#connect();
      case "join": return this.#join(action.position);
      case "ping": return this.#send({ type: "ping", id: "ping" });
      case "deliver": return this.#listener.event(action.message);
      case "hangUp": return this.#hangUp();
      case "surrender": return this.#listener.refused();
      case "part": return this.#listener.dismissed(action.ending);
      case "wait":
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#happened({ kind: "timer" }), action.after);
    }
  }

  #connect() {
    this.#hangUp();
    const url = new URL("/ws", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    // A socket that was given up may still speak; nobody listens to it any more.
    const ifCurrent = (act) => (event) => socket === this.#socket && act(event);
    socket.onopen = ifCurrent(() => this.#happened({ kind: "opened" }));
    socket.onmessage = ifCurrent(({ data }) => this.#received(data));
    socket.onclose = ifCurrent(({ code, reason }) => this.#happened({ kind: "closed", code, reason }));
    this.#socket = socket;
  }

  /** Both at once: the server takes commands in order, so this saves a round trip. */
  #join(position) {
    this.#send({ type: "authenticate", id: "authenticate", data: { token: this.#pass.token } });
    this.#send({ type: "join_session", id: "join", data: { sessionId: this.#pass.sessionId, state: false, ...position } });
  }

  #received(text) {
    const message = parsed(text);
    if (!message) return;
    if (message.type === "error" && (message.id === "authenticate" || message.id === "join")) {
      return this.#happened({ kind: "failed", code: message.data?.code, retryAfter: message.data?.retryAfter });
    }
    if (message.type === "session_joined") {
      this.#happened({ kind: "joined", ...message.data });
      return this.#listener.joined(message.data);
    }
    this.#happened({ kind: "heard", message });
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hangUp() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
