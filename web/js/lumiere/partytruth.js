// Where the film is, by what the server has said. Pure.

/** States that have not come to their time may lie one behind the other; more of them than these are never needed. */
const most = 8;

/** Nothing was said yet. */
export const noTruth = Object.freeze({ states: Object.freeze([]) });

/** The latest that the server has said, whether its time has come or not; `null` for nothing. */
export const latest = ({ states }) => states.at(-1) ?? null;

/** Takes a `PartyState`. One that is older than the latest changes nothing, as it may have been on its way for longer. */
export function taken(truth, state) {
  const last = latest(truth);
  if (last && state.sequence < last.sequence) return truth;
  // What was to begin after it never will; another film is there at once, and stands until its time.
  const holds = ({ sequence, at, entryId }) => sequence < state.sequence && at < state.at && entryId === state.entryId;
  const before = truth.states.filter(holds);
  return { states: [...before, state].slice(-most) };
}

/** The state that holds now: the latest whose time has come; while there is none, the first, which stands. */
export function inForce({ states }, now) {
  const present = states.findLast(({ at }) => at <= now);
  return present ?? (states.length > 0 ? { ...states[0], playing: false } : null);
}

/** Milliseconds until another state begins to hold; `null` for none. */
export function nextTurn({ states }, now) {
  const coming = states.find(({ at }) => at > now);
  return coming ? coming.at - now : null;
}

/** Seconds: where the film is at that moment. */
export function positionAt(truth, now) {
  const state = inForce(truth, now);
  return state ? placeIn(state, now) : 0;
}

/** The same of one state, as if it had held for ever. */
export function placeIn({ playing, position, at, rate, duration }, now) {
  const place = playing ? position + ((now - at) / 1000) * rate : position;
  return Math.max(0, duration > 0 ? Math.min(place, duration) : place);
}
