// The galleries that were opened on this device last: the start page offers them, above all to those who installed it.

const storageKey = "lumiere.recent";

/** More would be a history. */
const most = 4;

/** @returns {{path: string, title: string}[]} the latest first */
export function recent() {
  try {
    const list = JSON.parse(localStorage.getItem(storageKey));
    return Array.isArray(list) ? list.filter(isOne).slice(0, most) : [];
  } catch {
    return [];
  }
}

export function remember(path, title) {
  keep([{ path, title }, ...recent().filter((one) => one.path !== path)].slice(0, most));
}

export function forgetAll() {
  keep([]);
}

function keep(list) {
  try {
    localStorage.setItem(storageKey, JSON.stringify(list));
  } catch {}
}

/** What others have written there leads nowhere else. */
const isOne = (one) => /^\/(gallery|s)\/[^/]+$/.test(one?.path) && typeof one.title === "string";
