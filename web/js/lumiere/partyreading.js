import { Again } from "./again.js";
import { entered, heard } from "./partyroom.js";

/** Reads all of a party where the server has left it to be asked for. What happens meanwhile is what comes after it. */
export class PartyReading {
  #ask;
  #listener;
  /** What was heard since it was asked for; `null` while nothing is read. */
  #missed = null;
  #again = new Again(() => this.start());

  /**
   * @param {(path: string) => Promise<object>} ask of this party
   * @param {{room(): object, found(room), refused(problem)}} listener `refused`: it will not be had
   */
  constructor(ask, listener) {
    [this.#ask, this.#listener] = [ask, listener];
  }

  async start() {
    this.stop();
    const missed = (this.#missed = []);
    const before = this.#listener.room();
    try {
      const [party, queue, { items: members }] = await Promise.all(["", "/queue", "/members"].map((path) => this.#ask(path)));
      if (missed !== this.#missed) return;
      this.#done();
      this.#listener.found(missed.reduce(heard, entered(before, { party, queue, members })));
    } catch (problem) {
      if (missed === this.#missed) this.#failed(problem);
    }
  }

  stop() {
    this.#again.cancel();
    this.#missed = null;
  }

  heard(message) {
    this.#missed?.push(message);
  }

  #done() {
    this.stop();
    this.#again.worked();
  }

  #failed(problem) {
    this.stop();
    if (problem.isPassing) this.#again.after(problem);
    else this.#listener.refused(problem);
  }
}
