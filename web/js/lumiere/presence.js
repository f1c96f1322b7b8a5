import { storage } from "./storage.js";

// Which tabs of this origin live, so that one does not take what another looks after. They say so by locks; pages that came by plain
// http have none, and leave a note in the storage that they share.

/** Milliseconds between two notes of the same tab. */
const beat = 5000;

/** Milliseconds after which a note is nobody's: timers of tabs in the background run once a minute. */
const longest = 90_000;

const prefix = "lumiere.uploads.";

/** Says that this tab lives. @returns {Promise<() => void>} takes that back; the end of the page does so, too */
export function stayPresent(tab) {
  return globalThis.navigator?.locks ? holdLock(prefix + tab) : leaveNotes(prefix + tab);
}

/** @returns {Promise<Set<string>>} */
export async function presentTabs(now = Date.now()) {
  const names = globalThis.navigator?.locks ? await locksHeld() : freshNotes(now);
  return new Set(names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)));
}

/** Resolved when it is held: from then on all others see it. */
function holdLock(name) {
  return new Promise((held) => {
    navigator.locks.request(name, () => new Promise((release) => held(release))).catch(() => held(() => {}));
  });
}

async function locksHeld() {
  return ((await navigator.locks.query().catch(() => null))?.held ?? []).map(({ name }) => name);
}

async function leaveNotes(name) {
  const store = storage("localStorage");
  const note = () => store.remember(name, Date.now());
  const timer = setInterval(note, beat);
  const ear = new AbortController();
  note();
  globalThis.addEventListener?.("pagehide", () => store.forget(name), { signal: ear.signal });
  return () => (clearInterval(timer), ear.abort(), store.forget(name));
}

/** What tabs that have died left behind is swept away. */
function freshNotes(now) {
  const store = storage("localStorage");
  const names = keysOf("localStorage").filter((name) => name.startsWith(prefix) && typeof store.recall(name) === "number");
  const isFresh = (name) => Math.abs(now - store.recall(name)) < longest;
  for (const name of names) if (!isFresh(name)) store.forget(name);
  return names.filter(isFresh);
}

function keysOf(name) {
  try {
    return Object.keys(globalThis[name]);
  } catch {
    return [];
  }
}
