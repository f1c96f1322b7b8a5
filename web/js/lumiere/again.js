import { backoff } from "./backoff.js";

/** Something that failed, to be done again after a pause that grows until it works. */
export class Again {
  #act;
  #attempts = 0;
  #timer;

  constructor(act) {
    this.#act = act;
  }

  /** @param {Problem} problem with which it failed; what is refused for good is left alone */
  after({ isPassing, retryAfter = 0 }) {
    if (!isPassing || this.#timer) return;
    this.#timer = setTimeout(() => (this.cancel(), this.#act()), Math.max(backoff((this.#attempts += 1)), retryAfter * 1000));
  }

  cancel() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** It works: the next pause is short. */
  worked() {
    this.#attempts = 0;
  }
}
