// What a slideshow shows next. Pure functions: state in, state out.

/** New photos that wait for their turn; of more, the oldest are seen when the round comes to them. */
const limit = 200;

/** `waiting`: ids of new photos, which go first; `last`: the photo that the round stands at. */
export const beginning = Object.freeze({ waiting: [], last: null, shown: null });

/** A new photo jumps the queue. */
export function arrived(state, id) {
  if (state.waiting.includes(id) || state.shown === id) return state;
  return { ...state, waiting: [...state.waiting, id].slice(-limit) };
}

export const gone = (state, id) => ({ ...state, waiting: state.waiting.filter((other) => other !== id) });

/**
 * @param {string[]} round all ids, in the order of the show
 * @param {number} [step] -1 goes back in the round
 * @returns {object} the state with the next one as `shown`; `null` when there is none
 */
export function next(state, round, step = 1) {
  if (round.length === 0) return { ...state, shown: null };
  const [fresh, ...waiting] = state.waiting.filter((id) => round.includes(id));
  if (fresh && step > 0) return { ...state, waiting, shown: fresh };
  const at = round.indexOf(state.last);
  const last = round[(at + step + round.length) % round.length] ?? round[0];
  return { ...state, last, shown: last };
}
