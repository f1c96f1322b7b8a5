// What is kept in the browser. Storage may be forbidden, full or missing; what it should have kept then lives as long as the page.

/** @returns {{recall(key): any, remember(key, value), forget(key)}} over `localStorage`, `sessionStorage` or nothing */
export function storage(name) {
  const memory = new Map();
  const kept = () => globalThis[name];
  return {
    recall: (key) => memory.get(key) ?? attempt(() => JSON.parse(kept().getItem(key))),
    remember(key, value) {
      const write = () => attempt(() => (kept().setItem(key, JSON.stringify(value)), true));
      // Others would go by what was there before.
      const isKept = write() ?? (attempt(() => kept().removeItem(key)), write());
      if (isKept) memory.delete(key);
      else memory.set(key, value);
    },
    forget(key) {
      memory.delete(key);
      attempt(() => kept().removeItem(key));
    },
  };
}

function attempt(act) {
  try {
    return act() ?? null;
  } catch {
    return null;
  }
}
