/**
 * What is to be written on a chosen photo, for a list takes it in place of all that was there.
 * @param {{note?: string, colour?: string, rating?: number}} [former] what is written on it, if it is on the list
 * @param {{note?: string, colour?: string}} marks what the reader adds
 * @returns {object|null} `null` when the list has it all already
 */
export function written(former, { note, colour }) {
  if (former && !note && !colour) return null;
  return { note: note || former?.note, colour: colour || former?.colour, rating: former?.rating };
}
