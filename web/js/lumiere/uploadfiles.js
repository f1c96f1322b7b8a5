import { isOver } from "./uploadplan.js";

/** Files that are remembered after they were sent. */
const shown = 100;

/** The files of a list of uploads, as long as they are needed here; while there is room, they outlive the page on the shelf. */
export class UploadFiles {
  #shelf;
  #files = new Map();
  /** Of the latest that are done, for whoever shows them. */
  #sent = new Map();
  #isKeeping = false;

  constructor(shelf) {
    this.#shelf = shelf;
  }

  get(id) {
    return this.#files.get(id);
  }

  has(id) {
    return this.#files.has(id);
  }

  set(id, file) {
    this.#files.set(id, file);
  }

  delete(id) {
    this.#files.delete(id);
  }

  /** Also of what was sent lately. */
  find(id) {
    return this.#files.get(id) ?? this.#sent.get(id);
  }

  /** It is sent, and only shown any more. */
  letGo(id) {
    if (this.#files.has(id)) this.#sent.set(id, this.#files.get(id));
    this.#files.delete(id);
    if (this.#sent.size > shown) this.#sent.delete(this.#sent.keys().next().value);
  }

  /** One after the other, those that come next first, while there is room. */
  async keep(items, signal) {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    for (const item of items) if (!signal.aborted && this.#isToKeep(item)) await this.#keep(item);
    this.#isKeeping = false;
  }

  #isToKeep(item) {
    const file = this.#files.get(item.id);
    return Boolean(file) && !isOver(item) && !item.isKept && this.#shelf.hasRoom(file.size);
  }

  async #keep(item) {
    item.isKept = true;
    await this.#shelf.keep(item.id, this.#files.get(item.id));
    if (!this.#files.has(item.id)) this.#shelf.remove([item.id]);
  }
}
