import { Problem } from "./api.js";
import { Speed } from "./speed.js";
import * as plan from "./uploadplan.js";

/** Milliseconds between two looks at what became of a file; the last for all that follow. */
const looks = [300, 1500, 5000, 10_000, 30_000];

/** Carries out the steps of files, one at a time for each; how long requests are and how fast bytes go is the same for all. */
export class UploadWork {
  #caller;
  #sessionId;
  #transport;
  #hasher;
  #clock;
  #onChange;
  #speed = new Speed();
  #chunk = plan.firstChunk;
  #ceiling = Infinity;

  /** @param {{caller, sessionId, transport, hasher, clock, onChange: () => void}} means `onChange`: an item has changed */
  constructor({ caller, sessionId, transport, hasher, clock, onChange }) {
    [this.#caller, this.#sessionId, this.#transport, this.#hasher, this.#clock, this.#onChange] =
      [caller, sessionId, transport, hasher, clock, onChange];
  }

  /** Bytes a second. */
  get rate() {
    return this.#speed.rate(this.#clock.now());
  }

  /** @returns {Promise<string>} the step that was done; after `finish` there is none */
  async step(item, file, signal) {
    const step = plan.nextStep(item, { canHash: this.#hasher.canHash && !item.isUnhashable, chunk: this.#chunk });
    switch (step.kind) {
      case "hash": await this.#hash(item, file, signal); break;
      case "create": await this.#create(item, signal); break;
      case "ask": this.#confirm(item, await this.#transport.ask(this.#caller, item.url, signal), signal); break;
      case "send": await this.#send(item, file, step.end, signal); break;
    }
    signal.throwIfAborted();
    return step.kind;
  }

  /** Gives up what the server has of it. */
  end({ url }) {
    this.#transport.end(this.#caller, url).catch(() => {});
  }

  /**
   * What has become of a file is known a moment after it has come, or much later when the server has a lot to do.
   * @param {() => boolean} isWanted whether anybody still wants to know
   * @returns {Promise<object|null>} `null` if it cannot be found out
   */
  async learn(item, isWanted) {
    for (let time = 0; isWanted(); time += 1) {
      const view = await this.#transport.learn(this.#caller, item.url).catch(unheard);
      if (view?.state !== "completing" && view?.state !== "unknown") return view;
      await new Promise((resolve) => this.#clock.setTimeout(resolve, looks[time] ?? looks.at(-1)));
    }
    return null;
  }

  close() {
    this.#hasher.close?.();
  }

  /** What a failed step makes of its item, see `afterProblem` of `uploadplan.js`. */
  failed(item, problem) {
    const { stretch = 0 } = item;
    item.stretch = 0;
    const smaller = plan.chunkAfter(problem, stretch);
    if (smaller === null) return plan.afterProblem(item, problem, { now: this.#clock.now() });
    this.#chunk = Math.min(this.#chunk, smaller);
    this.#ceiling = Math.min(this.#ceiling, plan.ceilingAfter(stretch));
    return { change: { state: "waiting", offset: null } };
  }

  async #hash(item, file, signal) {
    item.state = "hashing";
    this.#onChange();
    const sha256 = await this.#hasher.sha256(file, signal);
    signal.throwIfAborted();
    Object.assign(item, { state: "sending", sha256, isUnhashable: sha256 === null });
  }

  async #create(item, signal) {
    const { url, offset } = await this.#transport.create(this.#caller, { ...item, sessionId: this.#sessionId }, signal);
    signal.throwIfAborted();
    Object.assign(item, { url, isKnown: item.size > 0 && offset === item.size });
    this.#confirm(item, offset, signal);
  }

  async #send(item, file, end, signal) {
    const start = item.offset;
    const began = this.#clock.now();
    item.stretch = end - start;
    const onProgress = (sent) => signal.aborted || this.#progressed(item, start + sent);
    const part = { bytes: file.slice(start, end), offset: start, signal, onProgress };
    const offset = await this.#transport.append(this.#caller, item.url, part);
    // A proxy that answers in the server's place would have it sent again and again.
    if (!(offset > start)) throw new Problem({ status: 502, code: "unexpected_answer" });
    this.#confirm(item, offset, signal);
    item.attempt = 0;
    if (end - start === this.#chunk) this.#chunk = plan.nextChunk(this.#chunk, this.#clock.now() - began, this.#ceiling);
  }

  #confirm(item, offset, signal) {
    signal.throwIfAborted();
    Object.assign(item, { offset, sent: offset, problem: null });
    this.#onChange();
  }

  #progressed(item, sent) {
    this.#speed.add(sent - (item.sent ?? 0), this.#clock.now());
    item.sent = sent;
    this.#onChange();
  }
}

/**
 * The reason of a failed step: a file that has changed or gone looks like a broken connection, and only reading it tells.
 * @param {Error} error @param {File} file
 */
export async function reasonOf(error, file) {
  if (error.status > 0) return error;
  if (!(await isReadable(file))) {
    return new Problem({ status: 400, code: "file_gone", detail: "The file has changed or is not there any more." });
  }
  return error instanceof Problem ? error : new Problem({ status: 400, code: "internal_error", detail: String(error.message) });
}

/** Asking again helps only after what passes; of what was settled long ago the server knows nothing any more. */
function unheard(problem) {
  if (problem.isPassing) return { state: "unknown" };
  return problem.status === 404 || problem.status === 410 ? { state: "completed" } : null;
}

const isReadable = (file) => file?.slice(0, 1).arrayBuffer().then(() => true, () => false);
