/** A new id for something that the server has not named yet; pages that came by plain http have no generator of such ids. */
export const newId = () => globalThis.crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
