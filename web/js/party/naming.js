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
