// When a token has to be renewed, by this device's clock. Pure.

/** Milliseconds: requests that start now must come to their end with the token. */
const margin = 60_000;

/**
 * When a token ends, counted from when it came: the device's clock may be wrong by hours, but it runs as fast as the server's.
 * @param {number} receivedAt milliseconds
 * @param {number} expiresIn seconds
 */
export const endOf = (receivedAt, expiresIn) => receivedAt + expiresIn * 1000;

/**
 * Milliseconds until it is time to renew; not above 0: now. A token of a short life is renewed after three quarters of it.
 * A clock that was set back counts as an end: nobody knows how long it really was.
 * @param {{receivedAt: number, expiresAt: number}} token
 */
export function freshFor({ receivedAt, expiresAt }, now) {
  if (now < receivedAt) return 0;
  return expiresAt - Math.min(margin, (expiresAt - receivedAt) / 4) - now;
}
