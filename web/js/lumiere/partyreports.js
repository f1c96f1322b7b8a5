/** Seconds until a report that came to nothing is tried again. */
const patience = 5;

/**
 * Tells the server how the player is: what is new at once, and how it is then whenever the server wants to know. Who is silent is
 * taken for gone, so this goes on also while there is no film.
 */
export class Reports {
  #send;
  #report = null;
  #isOpen = false;
  #turn = 0;
  #timer;
  #dueAt = Infinity;

  /** @param {(report: object|null) => Promise<{nextIn?: number}>} send gives it to the server, which says after how many seconds it wants the next */
  constructor(send) {
    this.#send = send;
  }

  /** @param {{state: string, drift?: number}|null} report `null` while there is no film to tell of */
  put(report) {
    const isNews = report?.state !== this.#report?.state;
    this.#report = report;
    if (isNews) this.#tell();
  }

  /** There is a connection, to a server that may know nothing yet. */
  start() {
    this.#isOpen = true;
    this.#tell();
  }

  stop() {
    this.#isOpen = false;
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  /** Timers of pages out of sight may come a minute late; what the server sends does not. */
  heed() {
    if (performance.now() >= this.#dueAt) this.#tell();
  }

  async #tell() {
    if (!this.#isOpen) return;
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
    const turn = (this.#turn += 1);
    const { nextIn = patience } = await this.#send(this.#report).catch(() => ({}));
    if (turn !== this.#turn) return;
    const wait = Math.max(1, nextIn) * 1000;
    this.#dueAt = performance.now() + wait;
    this.#timer = setTimeout(() => this.#tell(), wait);
  }
}
