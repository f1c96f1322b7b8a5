/** Finds out the SHA-256 of files in a worker, which is started when it is first needed. */
export class Hasher {
  #worker = null;
  #waiting = new Map();
  #latest = 0;

  /** Only pages that came by https (or from this machine) may compute digests. */
  get canHash() {
    return typeof Worker === "function" && Boolean(globalThis.crypto?.subtle);
  }

  /**
   * @param {Blob} file
   * @returns {Promise<string|null>} hexadecimal; `null` if it could not be found out, which makes nothing worse
   * @throws {DOMException} `NotReadableError`, `NotFoundError`: the file is not what it was
   */
  async sha256(file, signal) {
    if (!this.canHash) return null;
    const answer = await this.#ask(file, signal);
    if (answer.error?.startsWith("Not")) throw new DOMException("The file cannot be read.", answer.error);
    return answer.sha256 ?? null;
  }

  /** Ends the worker; who waits gets no digest. */
  close() {
    this.#worker?.terminate();
    this.#broken();
  }

  #ask(file, signal) {
    const id = (this.#latest += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve);
      signal?.addEventListener("abort", () => (this.#waiting.delete(id), reject(signal.reason)), { once: true });
      this.#post({ id, file });
    });
  }

  /** A page of another origin may use this client, but not its worker. */
  #post(question) {
    try {
      this.#start().postMessage(question);
    } catch {
      this.#broken();
    }
  }

  #start() {
    if (this.#worker) return this.#worker;
    this.#worker = new Worker(new URL("hashworker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#answered(data.id, data);
    this.#worker.onerror = () => this.#broken();
    return this.#worker;
  }

  /** A worker that cannot run leaves all who wait without a digest. */
  #broken() {
    this.#worker = null;
    for (const id of [...this.#waiting.keys()]) this.#answered(id, {});
  }

  #answered(id, answer) {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
