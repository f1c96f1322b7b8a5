import { hasSlept, measured, nextProbe, offsetOf, roundTrip, unknownClock } from "./partyclock.js";

/** The server's clock, measured again and again over a live connection while there is one. */
export class ServerClock {
  #ask;
  #clock = unknownClock;
  #timer;
  #turn = 0;
  #seen = null;

  /** @param {(t0: number) => Promise<{t1: number, t2: number}>} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /** Milliseconds since 1970 where the server is; `null` while nobody knows. */
  get now() {
    const offset = offsetOf(this.#clock);
    return offset === null ? null : performance.now() + offset;
  }

  /** Milliseconds of a way there and back; `null` while nobody knows. */
  get roundTrip() {
    return roundTrip(this.#clock);
  }

  /** Measures anew: another way may be another number of milliseconds. What was measured counts until then. */
  start() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#probe(this.#turn, unknownClock);
  }

  stop() {
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  async #probe(turn, before) {
    const t0 = performance.now();
    const answer = await this.#ask(t0).catch(() => null);
    const t3 = performance.now();
    if (turn !== this.#turn) return;
    if (this.#noteSleep()) return this.start();
    const held = answer ? measured(before, { t0, t1: answer.t1, t2: answer.t2, t3 }) : before;
    if (held.samples.length > 0) this.#clock = held;
    this.#timer = setTimeout(() => this.#probe(turn, held), nextProbe(held));
  }

  /** While the machine sleeps the clock of the page may stand: what was measured is void then. */
  #noteSleep() {
    const now = { page: performance.now(), system: Date.now() };
    const slept = this.#seen !== null && hasSlept(this.#seen, now);
    this.#seen = now;
    if (slept) this.#clock = unknownClock;
    return slept;
  }
}
