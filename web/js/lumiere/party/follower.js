import { followRules as rules } from "./constants.js";
import { placeIn } from "./truth.js";

/**
 * What a player has to do to be where all are, as a value: `follow` takes the state and what is seen, and gives the next
 * state and what to do. Nothing here touches a player or a clock.
 */
export const newFollower = Object.freeze({
  /** Which motion it was that it followed. */
  key: "",
  /** Seconds from asking for another place to playing on there. */
  cost: 0,
  /** It was told to go and has not gone yet: `{at, from, isSeek}`. */
  start: null,
  quietUntil: -Infinity,
  isCorrecting: false,
  /** Where it was seen last while it should go, and since when: `{since, position}`. */
  still: null,
  isBuffering: false,
  /** It was told to go more than once. */
  isStopped: false,
  /** `playing`, `paused`, `buffering` or `ready`, as it was reported last. */
  said: null,
});

/**
 * @param {object} follower
 * @param {{state: object|null, now: number, player: Player}} seen `state`: the one in force, `now`: the server's clock
 * @typedef {{position: number, rate: number, isPaused: boolean, isSeeking: boolean, isLoaded: boolean, isEnded: boolean,
 *   ahead: number, duration: number}} Player `ahead`: seconds from here on that have come
 * @returns {[object, object[]]} the next follower, and the actions in order: `{kind: "seek", to}`, `{kind: "rate", rate}`,
 *   `{kind: "play"}`, `{kind: "pause"}`, `{kind: "report", state}`
 */
export function follow(follower, { state, now, player }) {
  if (!state) return [follower, []];
  // Whose film has not come yet is waited for like others; the server knows whether it was ever in step.
  if (!player.isLoaded) return told({ ...newFollower, cost: follower.cost, said: follower.said, isBuffering: true }, [], state);
  const wanted = placeIn(state, now);
  const seen = { state, now, player, wanted, drift: player.position - wanted };
  const present = turned(follower, seen);
  const isOver = state.duration > 0 && wanted >= state.duration;
  const [next, actions] = state.playing && !isOver ? go(present, seen) : stand(present, seen);
  return told(next, actions, state);
}

/** Seconds that the player is ahead of where it should be. */
export const driftOf = (state, now, player) => player.position - placeIn(state, now);

/** Another truth ends what was begun for the one before. */
function turned(follower, { state }) {
  const key = [state.entryId, state.at, state.position, state.rate, state.playing].join(" ");
  return key === follower.key ? follower : { ...follower, key, start: null, isCorrecting: false, quietUntil: -Infinity };
}

// MARK: Standing

function stand(follower, { state, player, wanted, drift }) {
  const next = { ...follower, start: null, still: null, isCorrecting: false, isStopped: false, isBuffering: follower.isBuffering && !hasEnough(player) };
  const actions = [];
  if (!player.isPaused) actions.push({ kind: "pause" });
  if (player.rate !== state.rate) actions.push({ kind: "rate", rate: state.rate });
  if (Math.abs(drift) > rules.leapStanding && !player.isSeeking) actions.push({ kind: "seek", to: wanted });
  return [next, actions];
}

// MARK: Going

function go(follower, seen) {
  const { player, now, drift } = seen;
  // It would begin anew: whoever is at the end a little too early waits for the others there.
  if (player.isEnded && drift > -rules.leap) return [follower, []];
  if (player.isPaused) return begin(follower, seen);
  const next = watched(follower, seen);
  if (next.start || next.isBuffering || now < next.quietUntil) return [next, []];
  return Math.abs(drift) > threshold(follower) ? leap(next, seen) : correct(next, seen);
}

/** A player that stands goes on, from where it belongs. */
function begin(follower, seen) {
  const { now, player, drift } = seen;
  // Browsers may not let it begin, or stop it out of sight: that is no lack of film, and nobody waits for it.
  if (follower.start && now - follower.start.at < rules.again) return [follower, []];
  const isStopped = follower.start !== null;
  if (Math.abs(drift) > threshold(follower)) return leap({ ...follower, isStopped }, seen, [{ kind: "play" }]);
  const next = { ...follower, isStopped, start: { at: now, from: player.position, isSeek: false }, isCorrecting: false };
  return [{ ...next, still: { since: now, position: player.position } }, [...basic(seen), { kind: "play" }]];
}

/** To where it belongs by the time it plays there. */
function leap(follower, seen, more = []) {
  const { now, state, wanted } = seen;
  const to = limited(wanted + follower.cost * state.rate, state.duration);
  const next = { ...follower, start: { at: now, from: to, isSeek: true }, still: { since: now, position: to }, isCorrecting: false };
  return [next, [...basic(seen), { kind: "seek", to }, ...more]];
}

/** Notes whether it goes: what stands has either not begun yet, or lacks what comes next. */
function watched(follower, { now, player }) {
  const { start, still } = follower;
  const hasMoved = !player.isPaused && !player.isSeeking && Math.abs(player.position - (start?.from ?? still?.position ?? -1)) > rules.step;
  if (hasMoved) return gone(follower, now, player);
  const since = still?.since ?? now;
  return { ...follower, still: { since, position: still?.position ?? player.position }, isBuffering: now - since >= rules.still };
}

/** It goes. Where it is tells when it began to, however late that is seen. */
function gone(follower, now, player) {
  const { start, isBuffering } = follower;
  const next = { ...follower, start: null, still: { since: now, position: player.position }, isBuffering: false, isStopped: false };
  if (!start) return isBuffering ? { ...next, quietUntil: now + rules.quiet } : next;
  const began = now - ((player.position - start.from) / player.rate) * 1000;
  return { ...next, quietUntil: began + rules.quiet, cost: start.isSeek ? learnt(follower.cost, (began - start.at) / 1000) : follower.cost };
}

/** Makes up for a small drift by another rate; what has begun goes on until it is a good deal smaller. */
function correct(follower, { player, state, drift }) {
  const isCorrecting = Math.abs(drift) > (follower.isCorrecting ? rules.end : rules.begin);
  const part = isCorrecting ? Math.max(-rules.most, Math.min(drift / rules.within, rules.most)) : 0;
  return [{ ...follower, isCorrecting }, rated(player, state.rate * (1 - part))];
}

const basic = ({ player, state }) => rated(player, state.rate);
const rated = (player, rate) => (Math.abs(player.rate - rate) > 0.0005 ? [{ kind: "rate", rate }] : []);
const threshold = ({ cost }) => Math.max(rules.leap, rules.leapCosts * cost);
const learnt = (cost, latest) => cost + (Math.max(0, Math.min(latest, rules.longestCost)) - cost) * rules.weight;
const limited = (place, duration) => (duration > 0 ? Math.min(place, duration) : place);
const hasEnough = ({ ahead, position, duration }) => ahead >= rules.ahead || position + ahead >= duration - 0.1;

// MARK: Telling

function told(follower, actions, state) {
  const said = stateOf(follower, state);
  return [{ ...follower, said }, said === follower.said ? actions : [...actions, { kind: "report", state: said }]];
}

function stateOf({ isBuffering, isStopped, start, said }, state) {
  if (isBuffering) return "buffering";
  if (!state.playing) return state.held ? "ready" : "paused";
  if (isStopped) return "paused";
  // Who has begun and does not go yet is not in step.
  return start ? said : "playing";
}
