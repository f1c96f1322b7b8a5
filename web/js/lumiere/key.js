import { Caller } from "./caller.js";

/** An API key: for programs, not for pages, where everybody could read it. */
export class Key extends Caller {
  #key;

  constructor(key, options) {
    super(options);
    this.#key = key;
  }

  get token() {
    return this.#key;
  }

  async renew() {
    throw Object.assign(new Error("The key is not accepted."), { status: 401, code: "unauthorized" });
  }
}
