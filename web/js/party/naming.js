const storageKey = "lumiere.name";

/** How this reader wanted to be called the last time, in a party or a gallery; `null` when they have not said. */
export function keptName() {
  try {
    return localStorage.getItem(storageKey) || null;
  } catch {
    return null;
  }
}

export function keepName(name) {
  try {
    localStorage.setItem(storageKey, name);
  } catch {}
}

/**
 * Goes in under the name that was said just now, whatever the one before was.
 * @param {Pass} pass @param {string} [name] nothing said: as the last time
 * @throws {Problem}
 */
export async function enterAs(pass, name) {
  if (name && pass.isInside && name !== pass.name) await pass.rename(name);
  if (name) pass.name = name;
  await pass.enter();
}
