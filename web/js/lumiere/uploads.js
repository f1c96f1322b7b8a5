import { Problem } from "./api.js";
import { isJunk } from "./files.js";
import { Hasher } from "./hasher.js";
import { Shelf } from "./shelf.js";
import { Speed } from "./speed.js";
import * as tus from "./tus.js";
import * as plan from "./uploadplan.js";

/** Items of one list, those that are done included. */
const limit = 20_000;

/** Files refused in a row for want of room, after which the others are not even tried. */
const patience = 5;

/** Files that are remembered after they were sent. */
const shown = 100;

/** Milliseconds. */
const times = { change: 120, pulse: 1000, learn: [300, 1500, 5000] };

/**
 * Sends files into a session, several at once, over losses of the network and of the page: it goes on where the server stands, and
 * spares what the server has. Dispatches `change`, a few times a second at most.
 *
 * What to do when is decided in `uploadplan.js`; this carries it out.
 */
export class Uploads extends EventTarget {
  /** In the order in which they were chosen; see `uploadplan.js`. Read only. */
  items = [];
  isPaused = false;
  /** The `Problem` that stopped everything; `resume` tries again. */
  problem = null;
  /** Files that were left aside because the list is full. */
  overflow = 0;
  /** Resolved once what an earlier page left is there again. */
  ready;

  #caller;
  #sessionId;
  #parallel;
  #means;
  #clock;
  #speed = new Speed();
  #files = new Map();
  /** Files of the latest that are done, for whoever shows them. */
  #sent = new Map();
  #known = new Map();
  #running = new Map();
  #chunk = plan.firstChunk;
  #refusals = 0;
  #timers = {};
  #ear = new AbortController();
  #isKeeping = false;
  #count = 0;

  /**
   * @param {Caller} caller
   * @param {{sessionId: string, parallel?: number}} options the others are for tests
   */
  constructor(caller, { sessionId, parallel = 3, transport = tus, hasher = new Hasher(), shelf, clock = realClock }) {
    super();
    this.#caller = caller;
    this.#sessionId = sessionId;
    this.#parallel = parallel;
    this.#clock = clock;
    this.#means = { transport, hasher, shelf: shelf ?? new Shelf(`${caller.base} ${sessionId} ${caller.user?.id ?? "guest"}`) };
    this.#listen();
    this.ready = this.#restore();
  }

  /** See `uploadplan.js`. */
  get totals() {
    const isActive = this.#running.size > 0;
    return plan.totalsOf(this.items, isActive ? this.#speed.rate(this.#clock.now()) : 0);
  }

  /** The file of an item, if it is still known here. @returns {File|undefined} */
  fileOf(id) {
    return this.#files.get(id) ?? this.#sent.get(id);
  }

  /** Whether something would be lost, or left unfinished, if the page went away. */
  get isBusy() {
    return this.items.some(plan.isUnsent);
  }

  /**
   * Takes files. One that is in the list already is not taken again, and one whose bytes were lost by a reload gets them back.
   * @param {Iterable<File|{file: File, path: string}>} files
   * @returns {object[]} their items
   */
  add(files) {
    const given = [...files].map((one) => (one.file ? one : { file: one, path: one.webkitRelativePath || one.name }));
    const taken = given.filter(({ file }) => !isJunk(file)).map((one) => this.#again(one) ?? this.#take(one)).filter(Boolean);
    this.#means.shelf.put(taken.filter(plan.isUnsent).map(record));
    this.#keepFiles();
    this.#turn();
    return taken;
  }

  /** @param {string} [id] all unless said */
  pause(id) {
    if (id === undefined) this.isPaused = true;
    for (const item of this.#some(id, plan.isUnsent)) {
      this.#abort(item);
      item.state = "paused";
    }
    this.#changed();
  }

  /** @param {string} [id] all unless said */
  resume(id) {
    this.isPaused = false;
    this.problem = null;
    this.#refusals = 0;
    for (const item of this.#some(id, ({ state }) => state === "paused" || state === "waiting")) this.#queue(item);
    this.#turn();
  }

  /** @param {string} [id] all that failed unless said */
  retry(id) {
    this.#refusals = 0;
    for (const item of this.#some(id, ({ state }) => state === "failed")) if (this.#files.has(item.id)) this.#queue(item);
    this.#turn();
  }

  /** Takes a file off the list; what the server has of it is given up unless it is whole. */
  remove(id) {
    const [item] = this.#some(id, () => true);
    if (!item) return;
    this.#abort(item);
    if (item.url && !plan.isOver(item)) this.#means.transport.end(this.#caller, item.url).catch(() => {});
    this.#forget([item]);
    this.#turn();
  }

  /** Takes all off the list that the server has. */
  clear() {
    this.#forget(this.items.filter(plan.isOver));
    this.#changed();
  }

  /** Ends all work; what is unsent is there again when the page comes back. */
  close() {
    this.#ear.abort();
    this.isPaused = true;
    for (const item of this.items) this.#abort(item);
    for (const timer of Object.values(this.#timers)) this.#clock.clearTimeout(timer);
  }

  // MARK: Items

  #take({ file, path }) {
    if (this.items.length >= limit) return void (this.overflow += 1);
    const { name, size, lastModified: modified, type } = file;
    const order = (this.#count += 1);
    const item = { ...fresh, id: newId(order), name, size, modified, type, path, order, addedAt: this.#clock.now() };
    this.items.push(item);
    this.#known.set(keyOf(file), item);
    this.#files.set(item.id, file);
    if (this.isPaused) item.state = "paused";
    return item;
  }

  /** The same file once more: what failed is tried again, with bytes that can be read. */
  #again({ file }) {
    const item = this.#known.get(keyOf(file));
    if (item?.state !== "failed") return item;
    this.#files.set(item.id, file);
    this.#queue(item);
    return item;
  }

  #queue(item) {
    Object.assign(item, { state: "waiting", problem: null, attempt: 0, dueAt: 0, beginnings: 0, offset: item.url ? null : 0 });
  }

  #some(id, isMeant) {
    return this.items.filter((item) => (id === undefined || item.id === id) && isMeant(item));
  }

  #forget(items) {
    const gone = new Set(items);
    this.items = this.items.filter((item) => !gone.has(item));
    for (const item of items) this.#files.delete(item.id), this.#known.delete(keyOf(item));
    this.#means.shelf.remove(items.map(({ id }) => id));
  }

  // MARK: Work

  /** Begins what can begin, and looks again when something is due. */
  #turn() {
    this.#clock.clearTimeout(this.#timers.turn);
    this.#changed();
    if (this.isPaused) return;
    const now = this.#clock.now();
    const { start, wakeAt } = plan.pick(this.items, { parallel: this.#parallel, isOnline: this.#clock.isOnline(), now });
    for (const item of start) this.#run(item);
    if (wakeAt < Infinity) this.#timers.turn = this.#clock.setTimeout(() => this.#turn(), wakeAt - now);
  }

  async #run(item) {
    const work = new AbortController();
    this.#running.set(item.id, work);
    item.state = "sending";
    try {
      while (await this.#step(item, work.signal)) work.signal.throwIfAborted();
    } catch (error) {
      if (!work.signal.aborted) this.#failed(item, await this.#problemOf(item, error));
    }
    if (this.#running.get(item.id) === work) this.#running.delete(item.id);
    if (!work.signal.aborted) this.#turn();
  }

  /** @returns {Promise<boolean>} whether there is more to do */
  async #step(item, signal) {
    const { hasher, transport } = this.#means;
    const step = plan.nextStep(item, { canHash: hasher.canHash && !item.isUnhashable, chunk: this.#chunk });
    switch (step.kind) {
      case "hash": await this.#hash(item, signal); break;
      case "create": await this.#create(item, signal); break;
      case "ask": this.#confirm(item, await transport.ask(this.#caller, item.url, signal), signal); break;
      case "send": await this.#send(item, step.end, signal); break;
      default: return this.#finish(item);
    }
    return true;
  }

  async #hash(item, signal) {
    item.state = "hashing";
    this.#changed();
    const sha256 = await this.#means.hasher.sha256(this.#files.get(item.id), signal);
    signal.throwIfAborted();
    Object.assign(item, { state: "sending", sha256, isUnhashable: sha256 === null });
  }

  async #create(item, signal) {
    const { url, offset } = await this.#means.transport.create(this.#caller, { ...item, sessionId: this.#sessionId }, signal);
    signal.throwIfAborted();
    Object.assign(item, { url, isKnown: item.size > 0 && offset === item.size });
    this.#confirm(item, offset, signal);
    this.#means.shelf.put([record(item)]);
  }

  async #send(item, end, signal) {
    const start = item.offset;
    const began = this.#clock.now();
    const bytes = this.#files.get(item.id).slice(start, end);
    const onProgress = (sent) => signal.aborted || this.#progressed(item, start + sent);
    const offset = await this.#means.transport.append(this.#caller, item.url, { bytes, offset: start, signal, onProgress });
    // A proxy that answers in the server's place would have it sent again and again.
    if (!(offset > start)) throw new Problem({ status: 502, code: "unexpected_answer" });
    this.#confirm(item, offset, signal);
    item.attempt = 0;
    if (end - start === this.#chunk) this.#chunk = plan.nextChunk(this.#chunk, this.#clock.now() - began);
  }

  #confirm(item, offset, signal) {
    signal.throwIfAborted();
    Object.assign(item, { offset, sent: offset, problem: null });
    this.#changed();
  }

  #progressed(item, sent) {
    this.#speed.add(sent - (item.sent ?? 0), this.#clock.now());
    item.sent = sent;
    this.#changed();
  }

  #finish(item) {
    Object.assign(item, { state: item.isKnown ? "duplicate" : "done", sent: item.size, problem: null });
    this.#refusals = 0;
    this.#letGo(item.id);
    this.#means.shelf.remove([item.id]);
    this.#learn(item);
    this.#keepFiles();
    return false;
  }

  #letGo(id) {
    this.#sent.set(id, this.#files.get(id));
    this.#files.delete(id);
    if (this.#sent.size > shown) this.#sent.delete(this.#sent.keys().next().value);
  }

  /** What became of it is known a moment later; nothing waits for that. */
  async #learn(item) {
    for (const pause of times.learn) {
      const view = await this.#means.transport.learn(this.#caller, item.url).catch(() => null);
      if (view?.photoId) item.photoId = view.photoId;
      if (view?.state === "failed") Object.assign(item, { state: "failed", problem: new Problem({ status: 422, code: view.failure }) });
      if (view?.photoId || view?.state === "failed") return this.#changed();
      await new Promise((resolve) => this.#clock.setTimeout(resolve, pause));
    }
  }

  // MARK: What goes wrong

  #failed(item, problem) {
    const smaller = plan.chunkAfter(problem, this.#chunk);
    if (smaller) this.#chunk = smaller;
    const now = this.#clock.now();
    const { change, isGeneral } = smaller ? { change: { state: "waiting", offset: null } } : plan.afterProblem(item, problem, { now });
    Object.assign(item, change);
    if (item.state === "failed") this.#means.shelf.put([record(item)]);
    if (problem.code === "quota_exceeded") this.#refusals += 1;
    if (isGeneral || this.#refusals >= patience) this.#stop(problem);
  }

  #stop(problem) {
    this.pause();
    this.problem = problem;
  }

  /** A file that has changed or gone looks like a broken connection: only reading it tells. */
  async #problemOf(item, error) {
    if (error.status > 0) return error;
    if (!(await isReadable(this.#files.get(item.id)))) {
      this.#files.delete(item.id);
      return new Problem({ status: 400, code: "file_gone", detail: "The file has changed or is not there any more." });
    }
    return error instanceof Problem ? error : new Problem({ status: 400, code: "internal_error", detail: String(error.message) });
  }

  #abort(item) {
    this.#running.get(item.id)?.abort();
    this.#running.delete(item.id);
    if (plan.isAtWork(item)) Object.assign(item, { state: "waiting", offset: item.url ? null : 0 });
  }

  // MARK: What is kept

  async #restore() {
    for (const { record: kept, file } of await this.#means.shelf.restore()) {
      if (this.#known.has(keyOf(kept))) continue;
      const item = { ...fresh, ...kept, offset: kept.url ? null : 0, sent: 0 };
      if (file) Object.assign(item, { isKept: true }), this.#files.set(item.id, file);
      else Object.assign(item, { state: "failed", problem: chooseAgain() });
      this.items.push(item);
      this.#known.set(keyOf(item), item);
    }
    this.#turn();
  }

  /** One after the other, those that come next first, while there is room. */
  async #keepFiles() {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    const { shelf } = this.#means;
    for (const item of [...this.items]) {
      const file = plan.isOver(item) ? undefined : this.#files.get(item.id);
      if (!file || item.isKept || !shelf.hasRoom(file.size)) continue;
      item.isKept = true;
      await shelf.keep(item.id, file);
      if (!this.#files.has(item.id)) shelf.remove([item.id]);
    }
    this.#isKeeping = false;
  }

  // MARK: The world

  #listen() {
    const { signal } = this.#ear;
    const on = (name, act) => globalThis.addEventListener?.(name, act, { signal });
    on("online", () => this.#back());
    on("offline", () => this.#changed());
    on("beforeunload", (event) => this.isBusy && event.preventDefault());
  }

  /** Nobody sits out a pause when the network is back. */
  #back() {
    for (const item of this.#some(undefined, ({ state }) => state === "waiting")) Object.assign(item, { dueAt: 0, attempt: 0 });
    this.#turn();
  }

  #changed() {
    if (this.#running.size > 0) this.#timers.pulse ??= this.#clock.setTimeout(() => this.#beat(), times.pulse);
    this.#timers.change ??= this.#clock.setTimeout(() => {
      this.#timers.change = undefined;
      this.dispatchEvent(new Event("change"));
    }, times.change);
  }

  /** The speed falls while nothing goes out, and nothing else would tell. */
  #beat() {
    this.#timers.pulse = undefined;
    this.#changed();
  }
}

const realClock = {
  now: () => Date.now(),
  setTimeout: (act, after) => setTimeout(act, after),
  clearTimeout: (timer) => clearTimeout(timer),
  isOnline: () => globalThis.navigator?.onLine !== false,
};

const fresh = {
  state: "waiting", offset: 0, sent: 0, url: null, sha256: null, attempt: 0, dueAt: 0, beginnings: 0, problem: null, photoId: null,
};

/** What of an item outlives the page. */
const record = ({ id, name, size, modified, type, path, url, sha256, addedAt, order }) =>
  ({ id, name, size, modified, type, path, url, sha256, addedAt, order });

const chooseAgain = () => new Problem({
  status: 400, code: "choose_again", detail: "The browser has not kept this file. Choose it again, and it goes on where it was.",
});

const isReadable = (file) => file?.slice(0, 1).arrayBuffer().then(() => true, () => false);

const keyOf = ({ name, size, modified, lastModified }) => `${size} ${modified ?? lastModified} ${name}`;

const newId = (order) => globalThis.crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${order}-${Math.random().toString(36).slice(2)}`;
