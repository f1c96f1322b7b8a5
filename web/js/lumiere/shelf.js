import { alone } from "./alone.js";
import { presentTabs, stayPresent } from "./presence.js";

// What is still to be sent, kept over reloads in IndexedDB: a record for each item and, while there is room, the file itself.
// Where that is not possible everything goes on, and is forgotten with the page.

/** The database's name. */
const base = "lumiere.uploads";

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
  /** Takes back that this tab looks after its records. */
  #presence = null;
  #isClosed = false;
  #tab = globalThis.crypto?.randomUUID?.() ?? String(Math.random());
  #name;

  /** @param {string} name whose records these are: the same name gets them back */
  constructor(name) {
    this.#name = name;
  }

  /**
   * Takes over what tabs left behind that are not there any more; one tab at a time, so that only one gets it.
   * @returns {Promise<{record: object, file?: File}[]>} in the order in which they were chosen
   */
  async restore() {
    if (!globalThis.indexedDB) return [];
    const found = await alone(`${base}.restore`, () => this.#takeOver()).catch(() => []);
    found.sort((a, b) => a.addedAt - b.addedAt || a.order - b.order);
    return Promise.all(found.map(async (record) => ({ record, file: await this.#keptFile(record.id) })));
  }

  async #takeOver() {
    await this.#lookAfter();
    const [old, left] = split(await this.#left(), ({ addedAt }) => Date.now() - addedAt > longest);
    if (old.length > 0) await this.remove(old.map(({ id }) => id));
    const found = left.filter(({ shelf }) => shelf === this.#name);
    await this.put(found);
    return found;
  }

  /**
   * Of all shelves: nobody else may ever come to clear them. A page that is being loaded anew may still be going: then it is asked for
   * once more.
   */
  async #left() {
    const all = await this.#records();
    if (all.length === 0) return all;
    let alive = await presentTabs();
    if (all.some(({ shelf, tab }) => shelf === this.#name && alive.has(tab))) {
      await new Promise((resolve) => setTimeout(resolve, goingAway));
      alive = await presentTabs();
    }
    return all.filter(({ tab }) => !alive.has(tab));
  }

  /** Leaves everything to who comes next, in this page or another. */
  close() {
    this.#isClosed = true;
    this.#presence?.then((end) => end());
    this.#presence = null;
  }

  /** Throws away what is kept for somebody who has signed out. @param {(shelf: string) => boolean} isMeant is given names of shelves */
  async forget(isMeant) {
    const records = await this.#records();
    await this.remove(records.filter(({ shelf }) => isMeant(shelf)).map(({ id }) => id));
  }

  async #records() {
    return (await this.#read("records", (store) => store.getAll())) ?? [];
  }

  /** Writes records; what they said before is replaced. */
  async put(records) {
    if (records.length === 0) return;
    this.#lookAfter();
    await this.#write(["records"], (store) => {
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
    const error = await this.#write(["files"], (store) => store("files").put(file, id));
    if (error) this.#discount(id);
    // No room on the disk: nothing more is kept. One that cannot be read says nothing of the others.
    if (error?.name === "QuotaExceededError") this.#used = Infinity;
  }

  async remove(ids) {
    if (ids.length === 0) return;
    for (const id of ids) this.#discount(id);
    await this.#write(["records", "files"], (store) => {
      for (const id of ids) store("records").delete(id), store("files").delete(id);
    });
  }

  #count(id, size) {
    if (size === 0) return;
    this.#used += size;
    this.#sizes.set(id, size);
  }

  #discount(id) {
    this.#used -= this.#sizes.get(id) ?? 0;
    this.#sizes.delete(id);
  }

  async #keptFile(id) {
    const file = await this.#read("files", (store) => store.get(id));
    this.#count(id, file?.size ?? 0);
    return file;
  }

  /** Tells other tabs that these records are looked after. */
  #lookAfter() {
    if (this.#isClosed || !globalThis.indexedDB) return null;
    return (this.#presence ??= stayPresent(this.#tab));
  }

  async #read(name, ask) {
    try {
      return await answer(ask((await this.#begin(name, "readonly")).objectStore(name)));
    } catch {
      return undefined;
    }
  }

  /** A connection that the browser has closed, as some do to pages in the background, only shows when it is used. */
  async #begin(names, mode) {
    const opening = this.#open();
    const base = await opening;
    try {
      return base.transaction(names, mode);
    } catch (error) {
      if (error?.name !== "InvalidStateError") throw error;
      if (this.#opening === opening) this.#opening = null;
      return (await this.#open()).transaction(names, mode);
    }
  }

  /** @returns {Promise<Error|null>} why it was not done */
  async #write(names, act) {
    try {
      const transaction = await this.#begin(names, "readwrite");
      act((name) => transaction.objectStore(name));
      await ended(transaction);
      return null;
    } catch (error) {
      return error ?? new Error("The browser gave no reason.");
    }
  }

  #open() {
    this.#opening ??= this.#connect(() => (this.#opening = null)).catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /** @param {() => void} lost called when the connection is no more */
  #connect(lost) {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open(base, 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore("records", { keyPath: "id" });
        opening.result.createObjectStore("files");
      };
      opening.onsuccess = () => {
        const { result } = opening;
        result.onclose = lost;
        result.onversionchange = () => (result.close(), lost());
        resolve(result);
      };
      opening.onerror = () => reject(opening.error);
    });
  }
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
  // What ends an error, too; only then it says why.
  transaction.onabort = () => reject(transaction.error);
});
