/** Pieces fetched when first needed. Many a browser never again asks for a module that failed; under another address it does. */
export class Pieces {
  #load;
  #failures = new Map();
  /** Other addresses under which pieces have come: each must stay one. */
  #found = new Map();

  constructor(load) {
    this.#load = load;
  }

  /** @throws {TypeError} when it could not be fetched; ask again to try again */
  async fetch(url) {
    const failures = this.#failures.get(url) ?? 0;
    try {
      return await this.#load(this.#found.get(url) ?? url);
    } catch (error) {
      this.#failures.set(url, failures + 1);
      if (failures === 0) throw error;
    }
    const other = `${url}?again=${failures}`;
    const piece = await this.#load(other);
    this.#found.set(url, other);
    return piece;
  }
}

const pieces = new Pieces((url) => import(url));

/** @param {string} path of a module, relative to the one that asks @param {string} from `import.meta.url` of that */
export const later = (path, from) => pieces.fetch(new URL(path, from).href);
