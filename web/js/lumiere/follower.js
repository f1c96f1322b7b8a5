import { followRules as rules } from "./partyrules.js";
import { placeIn } from "./partytruth.js";

/**
 * What a player has to do to be where all are, as a value: `follow` takes the state and what is seen, and gives the next
 * state and what to do. Nothing here touches a player or a clock.
 *
 * Who has to go elsewhere is put a little ahead of the film, stands there, and begins when the film comes by: so neither the cost
 * of a seek nor the lag of a beginning has to be guessed well.
 */
export const newFollower = Object.freeze({
  /** Which motion it was that it followed. */
  key: "",
  /** Seconds from asking for another place to having come there, and from asking to play to playing; `null` before one was measured. */
  cost: null,
  lag: null,
  /** Milliseconds until the next look, if nothing happens before. */
  lookIn: rules.look,
  /** It was told to go and has not gone yet: `{at, from}`. */
  start: null,
  /** When it was put elsewhere, until it is there; whether it has come there and not gone yet. */
  soughtAt: null,
  hasLanded: false,
  /** Standing, it was put exactly where it belongs. */
  isExact: false,
  isCorrecting: false,
  quietUntil: -Infinity,
  /** Where it was seen last while it should go; since when it lacks what comes next. */
  place: null,
  lacksSince: null,
  isBuffering: false,
  /** `playing`, `paused`, `buffering` or `ready`, as it was reported last; "" for nothing. */
  said: "",
});

/**
 * @param {object} follower
 * @param {{state: object|null, now: number, player: Player}} seen `state`: the one in force, `now`: the server's clock
 * @typedef {{position: number, rate: number, isPaused: boolean, isSeeking: boolean, isLoaded: boolean, ahead: number,
 *   duration: number}} Player `isLoaded`: it knows its film; `ahead`: seconds from here on that have come
 * @returns {[object, object[]]} the next follower, and the actions in order: `{kind: "seek", to}`, `{kind: "rate", rate}`,
 *   `{kind: "play"}`, `{kind: "pause"}`, `{kind: "report", state}`
 */
export function follow(follower, { state, now, player }) {
  if (!state) return [follower, []];
  // A copy, which the steps below write into.
  const next = { ...follower, lookIn: rules.look };
  turn(next, state);
  arrive(next, now, player);
  const wanted = placeIn(state, now);
  const look = { state, now, player, wanted, drift: player.position - wanted };
  const actions = player.isLoaded ? move(next, look) : [];
  if (!player.isLoaded) next.isBuffering = true;
  if (hasEnough(player)) next.isBuffering = false;
  return [next, [...actions, ...report(next, state)]];
}

/** Seconds that the player is ahead of where it should be. */
export const driftOf = (state, now, player) => player.position - placeIn(state, now);

/** Another motion ends what was begun for the one before. */
function turn(next, { entryId, at, position, rate, playing }) {
  const key = [entryId, at, position, rate, playing].join(" ");
  if (key === next.key) return;
  Object.assign(next, { key, start: null, quietUntil: -Infinity, isExact: false, isCorrecting: false, hasLanded: false });
}

/** Notes what a seek has cost; of one that had to wait for the film nothing is learnt. */
function arrive(next, now, player) {
  if (next.soughtAt === null || player.isSeeking) return;
  if (!next.isBuffering) next.cost = learnt(next.cost, (now - next.soughtAt) / 1000, rules.longestCost);
  Object.assign(next, { soughtAt: null, hasLanded: true });
}

function move(next, look) {
  const { state, wanted } = look;
  return state.playing && wanted < (state.duration ?? Infinity) ? go(next, look) : stand(next, look);
}

// MARK: Standing

function stand(next, look) {
  const { player, wanted, drift, now } = look;
  Object.assign(next, { start: null, place: null, lacksSince: null, isCorrecting: false });
  if (!player.isPaused) return [{ kind: "pause" }, ...usual(look)];
  if (player.isSeeking) return usual(look);
  const isOff = Math.abs(drift) > (next.isExact ? rules.leapStanding : rules.begin);
  next.isExact = true;
  if (!isOff) return usual(look);
  next.soughtAt = now;
  return [...usual(look), { kind: "seek", to: wanted }];
}

// MARK: Going

function go(next, look) {
  const { player } = look;
  if (player.isSeeking) return lack(next, look);
  return player.isPaused ? begin(next, look) : goOn(next, look);
}

/** A player that stands goes when the film comes to where it is. Browsers may stop it, out of sight say: that is no lack of film. */
function begin(next, look) {
  const { now, player, drift, state } = look;
  if (next.start && now - next.start.at < rules.again) return [];
  if (drift > rules.landing || (drift < -threshold(next) && !next.hasLanded)) return leap(next, look);
  const early = drift / state.rate - (next.lag ?? 0);
  // Less is nothing to wait for.
  if (early > rules.step) {
    next.lookIn = Math.min(rules.look, early * 1000);
    return [];
  }
  next.start = { at: now, from: player.position };
  return [...usual(look), { kind: "play" }];
}

function goOn(next, look) {
  const { now, drift } = look;
  if (!hasGone(next, look) || now < next.quietUntil) return [];
  if (drift < -threshold(next) || drift > rules.landing) return [{ kind: "pause" }, ...leap(next, look)];
  if (drift <= threshold(next)) return correct(next, look);
  // Far ahead: it stands until the film comes.
  next.isCorrecting = false;
  return [{ kind: "pause" }, ...usual(look)];
}

/** Whether it has moved since the last look; when it begins to, nothing is corrected for a while. */
function hasGone(next, look) {
  const { now, player } = look;
  const { start, place } = next;
  if (Math.abs(player.position - (start?.from ?? place ?? -1)) <= rules.step) return lack(next, look), false;
  if (start) {
    // Where it is tells when it began to go, however late that is seen.
    const began = now - ((player.position - start.from) / player.rate) * 1000;
    if (!next.isBuffering) next.lag = learnt(next.lag, (began - start.at) / 1000, rules.longestLag);
    next.quietUntil = began + rules.quiet;
  }
  Object.assign(next, { start: null, hasLanded: false, isBuffering: false, place: player.position, lacksSince: now });
  return true;
}

/** To where the film will be by the time the player is there, and a little farther. */
function leap(next, look) {
  const { now, state, wanted } = look;
  Object.assign(next, { soughtAt: now, isCorrecting: false });
  const to = wanted + ((next.cost ?? rules.firstCost) + rules.slack) * state.rate;
  return [...usual(look), { kind: "seek", to: Math.min(to, state.duration ?? Infinity) }];
}

/** Makes up for a small drift by another rate; what has begun goes on until it is a good deal smaller. */
function correct(next, { player, state, drift }) {
  next.isCorrecting = Math.abs(drift) > (next.isCorrecting ? rules.end : rules.begin);
  const part = next.isCorrecting ? Math.max(-rules.most, Math.min(drift * rules.gain, rules.most)) : 0;
  return rated(player, state.rate * (1 - part));
}

/** It should go and does not; whoever is ahead of the film only waits for it. */
function lack(next, { now, drift, player }) {
  const isLacking = drift <= 0 && !hasEnough(player);
  next.lacksSince = isLacking ? next.lacksSince ?? now : null;
  if (isLacking && now - next.lacksSince >= rules.still) next.isBuffering = true;
  return [];
}

const usual = ({ player, state }) => rated(player, state.rate);
const rated = (player, rate) => (Math.abs(player.rate - rate) > 0.0005 ? [{ kind: "rate", rate }] : []);
const threshold = ({ cost }) => Math.min(Math.max(rules.leap, rules.leapCosts * (cost ?? 0)), rules.landing);
const hasEnough = ({ isLoaded, isSeeking, ahead, position, duration }) =>
  isLoaded && !isSeeking && (ahead >= rules.enough || position + ahead >= duration - 0.1);

function learnt(mean, latest, most) {
  const limited = Math.max(0, Math.min(latest, most));
  return mean === null ? limited : mean + (limited - mean) * rules.weight;
}

// MARK: Telling

function report(next, { playing, held }) {
  // Who has begun, or is about to, and does not go yet is not in step.
  const isUnderway = next.start !== null || next.soughtAt !== null || next.hasLanded;
  const standing = held ? "ready" : "paused";
  const said = next.isBuffering ? "buffering" : !playing ? standing : isUnderway ? next.said : "playing";
  if (said === next.said) return [];
  next.said = said;
  return [{ kind: "report", state: said }];
}
