import { backoff } from "./backoff.js";

/**
 * The life of the live connection as a value: `advance` takes the state and what happened, and gives the next state and
 * what to do. `Live` carries that out; nothing here touches a socket or a clock.
 *
 * - `idle`: not wanted.
 * - `connecting`: waits for the socket to open.
 * - `joining`: has said who it is and where it wants to go; waits for `session_joined`.
 * - `live`: events come.
 * - `probing`: nothing was heard for a while; waits for any message after a ping.
 * - `waiting`: for the next attempt.
 * - `refused`: the pass is not accepted; only `start` leads out.
 * - `dismissed`: the server has ended it and does not want the page back by itself; only `start`, asked for by a person, leads out.
 *
 * There is one timer. It belongs to the phase, and starting it replaces the one before.
 */
export const beginning = Object.freeze({
  phase: "idle",
  /** Attempts in a row that failed, or did not hold. */
  attempt: 0,
  /** When it was joined. */
  since: NaN,
  /** What has been seen: `{epoch, offset}` of the session's topic, for recovery. */
  position: null,
  /** The same of what is for this account alone, the topic `user:`; `null` for who has none. */
  own: null,
});

/** Milliseconds. */
const times = {
  /** To open and join. */
  setup: 10_000,
  /** Of silence before a ping: shorter than the minute after which proxies drop idle connections. */
  quiet: 25_000,
  /** For the answer to that ping. */
  answer: 6_000,
};

/** The server closes with this code when the pass is over. */
const revoked = 3500;

/** From this code on, who is sent away stays away. */
const firstFinal = 3500;

/** Errors that say nothing about the pass: the server's 429, 500 and 503. The wire tells no status, only the code. */
const passing = new Set([
  "internal_error", "database_unavailable", "busy", "too_many_requests", "too_many_topics", "too_many_connections",
]);

/** @returns {[object, object[]]} the next state and the actions, in order */
export function advance(state, event, random = Math.random) {
  switch (event.kind) {
    case "start": return connect({ ...state, attempt: 0 });
    case "stop": return stop(state);
    case "shown": return state.phase === "idle" ? connect({ ...state, attempt: 0 }) : [state, []];
    case "opened": return opened(state);
    case "joined": return joined(state, event);
    case "authenticated": return authenticated(state, event);
    case "heard": return heard(held(state, event.at), event.message);
    case "failed": return failed(state, event, random);
    case "closed": return closed(state, event, random);
    case "woken": return woken(state);
    case "timer": return timer(state, random);
    default: return [state, []];
  }
}

function connect(state) {
  return [{ ...state, phase: "connecting" }, [{ kind: "connect" }, wait(times.setup)]];
}

/** Who was sent away stays so: otherwise leaving the page and coming back to it would be a way around. */
function stop(state) {
  return state.phase === "dismissed" ? [state, []] : [{ ...state, phase: "idle" }, [{ kind: "hangUp" }]];
}

function opened(state) {
  return [{ ...state, phase: "joining" }, [{ kind: "join", position: state.position, own: state.own }, wait(times.setup)]];
}

/** A recovered connection keeps its own position: the missed events follow and move it on one by one. */
function joined(state, { epoch, offset, recovered, at }) {
  const position = recovered && state.position ? { ...state.position, epoch } : { epoch, offset };
  return [{ ...state, phase: "live", since: at, position }, [wait(times.quiet)]];
}

/** Only what was live for a while ends a row of attempts: who is sent away right after joining waits longer each time. */
const held = (state, at) => (at - state.since >= times.quiet ? { ...state, attempt: 0 } : state);

/** One's own topic is followed: what was missed of it follows, or is lost. */
function authenticated(state, { epoch, offset, recovered }) {
  const own = recovered && state.own ? { ...state.own, epoch } : { epoch, offset };
  return [{ ...state, own }, []];
}

/** Whoever is told when to come back has not been refused, whatever the code is. */
function failed(state, { code, retryAfter }, random) {
  const isPassing = passing.has(code) || retryAfter > 0;
  return isPassing ? retry(state, random, retryAfter) : refuse(state, code);
}

function closed(state, { code, reason }, random) {
  if (code === revoked) return refuse(state);
  return code >= firstFinal ? dismiss(state, { code, reason }) : retry(state, random);
}

/**
 * Any message proves the connection; those with an offset are let through once. What is one's own may come before the session is
 * joined.
 */
function heard(state, message) {
  const isOwn = message.topic?.startsWith("user:");
  const isLive = state.phase === "live" || state.phase === "probing";
  if (!isLive && !(isOwn && state.phase === "joining")) return [state, []];
  const next = isLive ? { ...state, phase: "live" } : state;
  const pause = isLive ? [wait(times.quiet)] : [];
  const place = isOwn ? "own" : "position";
  if (isAnswer(message)) return [next, pause];
  if (message.offset === undefined || !state[place]) return [next, [deliver(message), ...pause]];
  if (message.offset <= state[place].offset) return [next, pause];
  return [{ ...next, [place]: { ...state[place], offset: message.offset } }, [deliver(message), ...pause]];
}

/** The tab is looked at again, or the network is back: do not sit out the back-off, and do not trust an old socket. */
function woken(state) {
  if (state.phase === "waiting") return connect({ ...state, attempt: 0 });
  return state.phase === "live" ? probe(state) : [state, []];
}

function timer(state, random) {
  switch (state.phase) {
    case "waiting": return connect(state);
    case "live": return probe({ ...state, attempt: 0 });
    case "connecting": case "joining": case "probing": return retry(state, random);
    default: return [state, []];
  }
}

function probe(state) {
  return [{ ...state, phase: "probing" }, [{ kind: "ping" }, wait(times.answer)]];
}

/** @param {number} [retryAfter] seconds that the server asks for at least */
function retry(state, random, retryAfter = 0) {
  if (isOver(state)) return [state, []];
  const next = { ...state, phase: "waiting", attempt: state.attempt + 1 };
  return [next, [{ kind: "hangUp" }, wait(Math.max(backoff(state.attempt, random), retryAfter * 1000))]];
}

function refuse(state, code) {
  return [{ ...state, phase: "refused" }, [{ kind: "hangUp" }, { kind: "surrender", code }]];
}

/** The position stays: should the person come back, nothing is missed. */
function dismiss(state, ending) {
  if (isOver(state)) return [state, []];
  return [{ ...state, phase: "dismissed" }, [{ kind: "hangUp" }, { kind: "part", ending }]];
}

const isOver = ({ phase }) => phase === "idle" || phase === "refused" || phase === "dismissed";
/** To a command; who sent it is told by `Commands`. */
const isAnswer = ({ type, id }) => type === "ack" || (type === "error" && id !== undefined);
const wait = (after) => ({ kind: "wait", after });
const deliver = (message) => ({ kind: "deliver", message });
