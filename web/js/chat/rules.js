/**
 * What somebody has decided otherwise: the rest is left to whoever changes it meanwhile. Pure.
 * @param {object} before rules as they were
 * @param {object} after rules as they are wanted
 * @returns {object|null} `null` when all is as it was
 */
export function changes(before, after) {
  const different = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name] ?? []));
  return different.length > 0 ? Object.fromEntries(different) : null;
}
