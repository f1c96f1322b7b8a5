// What is still to be sent, kept over reloads in IndexedDB: a record for each item and, while there is room, the file itself.
// Where that is not possible everything goes on, and is forgotten with the page.

/** Bytes of files that are kept; of the others the record is, and the reader chooses them again. */
const room = 2 ** 30;

/** Milliseconds: the server forgets uploads after a day, people a little later. */
const longest = 7 * 86_400_000;

/** Milliseconds. */
const goingAway = 1500;

export class Shelf {
  #opening = null;
  #used = 0;
  #sizes = new Map();
  #isHeld = false;
  #tab = globalThis.crypto?.randomUUID?.() ?? String(Math.random());
  #name;

  /** @param {string} name whose records these are: the same name gets them back */
  constructor(name) {
    this.#name = name;
  }

  /**
   * Takes over what tabs left behind that are not there any more.
   * @returns {Promise<{record: object, file?: File}[]>} in the order in which they were chosen
   */
  async restore() {
    const left = await this.#left();
    const [old, found] = split(left, ({ addedAt }) => Date.now() - addedAt > longest);
    if (old.length > 0) this.remove(old.map(({ id }) => id));
    if (found.length > 0) await this.put(found);
    found.sort((a, b) => a.addedAt - b.addedAt || a.order - b.order);
    return Promise.all(found.map(async (record) => ({ record, file: await this.#keptFile(record.id) })));
  }

  /** A page that is being loaded anew may still be going: then it is asked for once more. */
  async #left() {
    const own = ((await this.#read("records", (store) => store.getAll())) ?? []).filter(({ shelf }) => shelf === this.#name);
    if (own.length === 0) return own;
    let alive = await livingTabs();
    if (own.some(({ tab }) => alive.has(tab))) {
      await new Promise((resolve) => setTimeout(resolve, goingAway));
      alive = await livingTabs();
    }
    return own.filter(({ tab }) => !alive.has(tab));
  }

  /** Writes records; what they said before is replaced. */
  put(records) {
    if (records.length > 0) this.#lookAfter();
    return this.#write(["records"], (store) => {
      for (const record of records) store("records").put({ ...record, shelf: this.#name, tab: this.#tab });
    });
  }

  /** Whether there is room for a file of that size. */
  hasRoom(size) {
    return this.#used + size <= room;
  }

  async keep(id, file) {
    if (this.#sizes.has(id)) return;
    this.#count(id, file.size);
    const isKept = await this.#write(["files"], (store) => store("files").put(file, id));
    // No room on the disk: nothing more is kept.
    if (!isKept) this.#used = Infinity;
  }

  remove(ids) {
    for (const id of ids) {
      this.#used -= this.#sizes.get(id) ?? 0;
      this.#sizes.delete(id);
    }
    return this.#write(["records", "files"], (store) => {
      for (const id of ids) store("records").delete(id), store("files").delete(id);
    });
  }

  #count(id, size) {
    if (size === 0) return;
    this.#used += size;
    this.#sizes.set(id, size);
  }

  async #keptFile(id) {
    const file = await this.#read("files", (store) => store.get(id));
    this.#count(id, file?.size ?? 0);
    return file;
  }

  /** Held for as long as the page lives: it tells others that these records are looked after. */
  #lookAfter() {
    if (this.#isHeld) return;
    this.#isHeld = true;
    globalThis.navigator?.locks?.request(lockOf(this.#tab), () => new Promise(() => {})).catch(() => {});
  }

  async #read(name, ask) {
    try {
      const base = await this.#open();
      return await answer(ask(base.transaction(name).objectStore(name)));
    } catch {
      return undefined;
    }
  }

  async #write(names, act) {
    try {
      const transaction = (await this.#open()).transaction(names, "readwrite");
      act((name) => transaction.objectStore(name));
      await ended(transaction);
      return true;
    } catch {
      return false;
    }
  }

  #open() {
    this.#opening ??= new Promise((resolve, reject) => {
      const opening = indexedDB.open("lumiere.uploads", 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore("records", { keyPath: "id" });
        opening.result.createObjectStore("files");
      };
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    return this.#opening;
  }
}

const lockOf = (tab) => `lumiere.uploads.${tab}`;

async function livingTabs() {
  const held = (await globalThis.navigator?.locks?.query())?.held ?? [];
  return new Set(held.filter(({ name }) => name.startsWith(lockOf(""))).map(({ name }) => name.slice(lockOf("").length)));
}

function split(all, isFirst) {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

const answer = (asked) => new Promise((resolve, reject) => {
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

const ended = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = resolve;
  transaction.onerror = transaction.onabort = () => reject(transaction.error);
});
