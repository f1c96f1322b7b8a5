/** Milliseconds. */
const first = 500;
const longest = 30_000;

/**
 * How long to wait before the attempt after `attempt` failed ones: doubling, and spread at random over its upper half so
 * that the guests of a restarted server do not all come back in the same moment.
 * @returns {number} milliseconds
 */
export function backoff(attempt, random = Math.random) {
  const full = Math.min(longest, first * 2 ** Math.min(attempt, 10));
  return full / 2 + (full / 2) * random();
}
