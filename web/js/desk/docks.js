import { element } from "../ui/dom.js";

/** What is being sent into sessions. Files go on while somebody looks at another page; only signing out ends them. */
export class Docks {
  #docks = new Map();
  node;

  /** @param {HTMLElement} [node] for tests */
  constructor(node = element("div", { class: "docks" })) {
    this.node = node;
  }

  has(id) {
    return this.#docks.has(id);
  }

  /** The dock of a session. @param {() => UploadDock} make makes it when there is none yet */
  of(id, make) {
    if (!this.has(id)) {
      this.#docks.set(id, make());
      this.node.append(this.#docks.get(id).node);
    }
    return this.#docks.get(id);
  }

  /** The page of the session goes: what is under way there does without it, and then goes as well. */
  leave(id, title) {
    this.#docks.get(id)?.leave(title, () => this.#end(id));
  }

  close() {
    for (const id of [...this.#docks.keys()]) this.#end(id);
  }

  #end(id) {
    const dock = this.#docks.get(id);
    this.#docks.delete(id);
    dock?.close();
    dock?.node.remove();
  }
}
