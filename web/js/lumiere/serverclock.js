import { hasSlept, measured, nextProbe, offsetOf, roundTrip, unknownClock } from "./partyclock.js";

/** The clocks of this machine, in milliseconds: the first never jumps, but may stand while the machine sleeps. */
const own = { page: () => performance.now(), system: () => Date.now() };

/** The server's clock, measured again and again over a live connection while there is one. */
export class ServerClock {
  #ask;
  #clocks;
  #clock = unknownClock;
  #timer;
  #turn = 0;
  #isRunning = false;
  #seen;

  /** @param {(t0: number) => Promise<{t1: number, t2: number}>} ask @param {{page(), system()}} [clocks] for tests */
  constructor(ask, clocks = own) {
    [this.#ask, this.#clocks] = [ask, clocks];
    this.#seen = this.#look();
  }

  /** Milliseconds since 1970 where the server is; `null` while nobody knows, as after a sleep of the machine. */
  get now() {
    this.#heedSleep();
    const offset = offsetOf(this.#clock);
    return offset === null ? null : this.#clocks.page() + offset;
  }

  /** Milliseconds of a way there and back; `null` while nobody knows. */
  get roundTrip() {
    return roundTrip(this.#clock);
  }

  /** Measures anew: another way may be another number of milliseconds. What was measured counts until then. */
  start() {
    this.#turn += 1;
    this.#isRunning = true;
    clearTimeout(this.#timer);
    this.#heedSleep(false);
    this.#probe(this.#turn, unknownClock);
  }

  stop() {
    this.#turn += 1;
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  async #probe(turn, before) {
    const t0 = this.#clocks.page();
    const answer = await this.#ask(t0).catch(() => null);
    const t3 = this.#clocks.page();
    this.#heedSleep();
    if (turn !== this.#turn) return;
    const held = answer ? measured(before, { t0, t1: answer.t1, t2: answer.t2, t3 }) : before;
    if (held.samples.length > 0) this.#clock = held;
    this.#timer = setTimeout(() => this.#probe(turn, held), nextProbe(held));
  }

  /**
   * While the machine sleeps the clock of the page may stand: what was measured is void then, and what is under way, too. Nothing
   * tells a page of it, so it is looked for whenever somebody asks for the time.
   */
  #heedSleep(isToStart = this.#isRunning) {
    const now = this.#look();
    const slept = hasSlept(this.#seen, now);
    this.#seen = now;
    if (!slept) return;
    this.#clock = unknownClock;
    if (isToStart) this.start();
  }

  #look() {
    return { page: this.#clocks.page(), system: this.#clocks.system() };
  }
}
