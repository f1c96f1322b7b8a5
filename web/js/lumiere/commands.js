import { Problem } from "./api.js";

/** Milliseconds that an answer may take: later than any server answers, and sooner than somebody gives up. */
const patience = 15_000;

/** Commands that may wait for their answer; more mean that something is wrong with who sends them. */
const limit = 64;

/** The commands under way on one connection, each waiting for its `ack` or `error`. */
export class Commands {
  #waiting = new Map();
  #latest = 0;

  /**
   * @param {(message: object) => boolean} send gives the message to the connection, if there is one
   * @returns {Promise<object>} the data of the answer
   * @throws {Problem} the server's, or `offline` when nobody knows whether it was done
   */
  async send(type, data, send) {
    if (this.#waiting.size >= limit) throw new Problem({ status: 429, code: "busy", detail: "Too much is under way." });
    const id = `c${(this.#latest += 1)}`;
    if (!send({ type, id, data })) throw offline();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(id, offline()), patience);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  /** Takes what the server says. @returns {boolean} whether it was the answer to one of these */
  answered({ type, id, data }) {
    if (type !== "ack" && type !== "error") return false;
    if (!this.#waiting.has(id)) return false;
    this.#end(id, type === "error" ? new Problem({ status: 400, ...data, facts: data }) : null, data);
    return true;
  }

  /** The connection is gone, and all answers with it. */
  cutOff() {
    for (const id of [...this.#waiting.keys()]) this.#end(id, offline());
  }

  #end(id, problem, data) {
    const { resolve, reject, timer } = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(timer);
    if (problem) reject(problem);
    else resolve(data);
  }
}

const offline = () => new Problem({ code: "offline", detail: "There is no connection to the server." });
