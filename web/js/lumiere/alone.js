import { storage } from "./storage.js";

/** Milliseconds: what takes longer has died with its tab. More than two requests may take. */
const longest = 45_000;

/** Milliseconds after which whoever wrote in the same moment has been heard of. */
const settling = 60;

/** Runs `act` while no other tab of this origin runs something under that name. */
export function alone(name, act) {
  return globalThis.navigator?.locks ? navigator.locks.request(name, act) : leased(name, act);
}

/** Pages that came by plain http have no locks: they take turns by a note in the storage that they share. */
async function leased(name, act) {
  const store = storage("localStorage");
  const by = Math.random();
  while (!(await isMine(store, name, by))) await pause(settling);
  try {
    return await act();
  } finally {
    // After too long a time it may be another tab's turn.
    if (store.recall(name)?.by === by) store.forget(name);
  }
}

async function isMine(store, name, by) {
  if (store.recall(name)?.until > Date.now()) return false;
  store.remember(name, { by, until: Date.now() + longest });
  await pause(settling);
  return store.recall(name)?.by === by;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
