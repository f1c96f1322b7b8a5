/** Keeps the screen on while something is under way: a phone that goes to sleep stops sending. */
export class Awake {
  #screen;
  #page;
  #isWanted = false;
  #isAsking = false;
  #lock = null;

  /** Both are for tests. */
  constructor(screen = navigator.wakeLock, page = document) {
    this.#screen = screen;
    this.#page = page;
  }

  set(isWanted) {
    if (!this.#screen || isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    if (!isWanted) return this.#release();
    this.#page.addEventListener("visibilitychange", this.#ask);
    this.#ask();
  }

  #release() {
    this.#page.removeEventListener("visibilitychange", this.#ask);
    this.#lock?.release();
    this.#lock = null;
  }

  /** Again each time the page is looked at: browsers take it from pages out of sight, and may refuse it. */
  #ask = async () => {
    if (this.#lock || this.#isAsking || this.#page.hidden) return;
    this.#isAsking = true;
    const lock = await this.#screen.request("screen").catch(() => null);
    this.#isAsking = false;
    if (!lock || lock.released) return;
    if (!this.#isWanted) return lock.release();
    this.#lock = lock;
    lock.addEventListener("release", () => this.#lock === lock && (this.#lock = null));
  };
}
