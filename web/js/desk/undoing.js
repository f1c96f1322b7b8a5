// How decisions are taken back. Pure functions.

/** The decision that makes a photo what it was. */
const decisions = { pending: "pend", approved: "approve", rejected: "reject" };

/**
 * What makes photos what they were before they were decided about, as batches.
 * @param {{id: string, review?: string, reviewNote?: string}[]} photos as they were; what is not known of one is that it waited
 * @returns {{action: string, ids: string[], extra: {note?: string}}[]}
 */
export function undoing(photos) {
  const groups = new Map();
  for (const { id, review, reviewNote } of photos) {
    const action = decisions[review] ?? "pend";
    const extra = reviewNote ? { note: reviewNote } : {};
    const key = JSON.stringify([action, extra]);
    if (!groups.has(key)) groups.set(key, { action, ids: [], extra });
    groups.get(key).ids.push(id);
  }
  return [...groups.values()];
}
