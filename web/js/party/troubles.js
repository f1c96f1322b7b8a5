// What becomes of a film that does not come, or breaks off. Pure.

/** Milliseconds until another attempt: what may have been the network soon, what was refused seldom. */
const soon = 4000;
const seldom = 15_000;

/** Failures in a row after which it is the film, or this browser. */
const patience = 3;

/** Codes of a `MediaError` that may mean so; a broken connection never does. */
const hopeless = new Set([3, 4]);

/**
 * The problem of a player that has given up its film.
 * @param {number} code of its `MediaError`
 * @param {number} failures in a row, this one counted
 */
export const brokenBy = (code, failures) => ({ code: hopeless.has(code) && failures >= patience ? "unplayable" : "broken" });

/** Milliseconds until the film is asked for again; `null` where that would change nothing. */
export function nextAttempt({ code, isPassing, retryAfter = 0 }) {
  if (code === "unplayable") return null;
  return code === "broken" || isPassing ? Math.max(soon, retryAfter * 1000) : seldom;
}

/** Whether the server refused it: what changes the queue may have changed that. */
export const isRefusal = (problem) => problem !== null && nextAttempt(problem) === seldom;
