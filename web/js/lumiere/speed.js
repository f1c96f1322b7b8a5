/** Milliseconds that count: long enough to be calm, short enough to notice that the train has entered a tunnel. */
const span = 8000;

/** How fast bytes go: those of the last seconds, over these seconds. Pure but for what it remembers, which is bounded. */
export class Speed {
  /** `{at, bytes}`, one for each quarter of a second. */
  #steps = [];

  add(bytes, now) {
    if (bytes <= 0) return;
    const last = this.#steps.at(-1);
    if (last && now - last.at < 250) last.bytes += bytes;
    else this.#steps.push({ at: now, bytes });
    this.#forget(now);
  }

  /** Bytes a second. */
  rate(now) {
    this.#forget(now);
    if (this.#steps.length === 0) return 0;
    const bytes = this.#steps.reduce((sum, step) => sum + step.bytes, 0);
    return (bytes * 1000) / Math.max(1000, now - this.#steps[0].at);
  }

  #forget(now) {
    while (this.#steps.length > 0 && now - this.#steps[0].at > span) this.#steps.shift();
  }
}
