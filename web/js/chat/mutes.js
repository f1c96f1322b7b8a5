import { keyOf } from "./talk.js";

/** Who may read but not write in the chat of a session: for those who run it. */
export class Mutes {
  #caller;
  #path;

  constructor(caller, sessionId) {
    this.#caller = caller;
    this.#path = `/api/sessions/${sessionId}/chat/mutes`;
  }

  /** There are a thousand at most. */
  async all() {
    const all = [];
    for await (const page of this.#caller.pages(this.#path, { limit: 200 })) all.push(...page);
    return all;
  }

  /** @param {string} [until] for good unless said */
  add(person, until) {
    return this.#caller.ask(`${this.#path}/${keyOf(person)}`, { method: "PUT", body: { until } });
  }

  remove(person) {
    return this.#caller.ask(`${this.#path}/${keyOf(person)}`, { method: "DELETE" });
  }
}
