import { isJunk } from "./files.js";
import { Hasher } from "./hasher.js";
import { newId } from "./newid.js";
import { Shelf } from "./shelf.js";
import * as tus from "./tus.js";
import { beginning, broken, chooseAgain, keyOf, nameKeyOf, realClock, record } from "./uploaditem.js";
import { UploadFiles } from "./uploadfiles.js";
import * as plan from "./uploadplan.js";
import { reasonOf, UploadWork } from "./uploadwork.js";

/** Items of one list, those that are done included. */
const limit = 20_000;

/** Files refused in a row for want of room, after which the others are not even tried. */
const patience = 5;

/** Milliseconds. */
const times = { change: 120, pulse: 1000 };

/**
 * Sends files into a session, several at once, over losses of the network and of the page: it goes on where the server stands, and
 * spares what the server has. Dispatches `change`, a few times a second at most.
 *
 * What to do when is decided in `uploadplan.js`, and done by `uploadwork.js`; this keeps the list.
 */
export class Uploads extends EventTarget {
  /** In the order in which they were chosen; see `uploadplan.js`. Read only. */
  items = [];
  isPaused = false;
  /** The `Problem` that stopped everything; `resume` tries again. */
  problem = null;
  /** Files that were left aside because the list is full. */
  overflow = 0;
  /** Files and folders of those added last that could not be read, or in which there is nothing. */
  unreadable = 0;
  /** Resolved once what an earlier page left is there again. */
  ready;

  #parallel;
  #work;
  #shelf;
  #clock;
  #files;
  #known = new Map();
  #running = new Map();
  #refusals = 0;
  #timers = {};
  #ear = new AbortController();
  #count = 0;

  /**
   * @param {Caller} caller
   * @param {{sessionId: string, parallel?: number}} options the others are for tests
   */
  constructor(caller, { sessionId, parallel = 3, transport = tus, hasher = new Hasher(), shelf, clock = realClock }) {
    super();
    this.#parallel = parallel;
    this.#clock = clock;
    this.#work = new UploadWork({ caller, sessionId, transport, hasher, clock, onChange: () => this.#changed() });
    this.#shelf = shelf ?? new Shelf(`${caller.base} ${sessionId} ${caller.user?.id ?? caller.guestId ?? "guest"}`);
    this.#files = new UploadFiles(this.#shelf);
    this.#listen();
    this.ready = this.#restore();
  }

  /** See `uploadplan.js`. */
  get totals() {
    return plan.totalsOf(this.items, this.#running.size > 0 ? this.#work.rate : 0);
  }

  /** The file of an item, if it is still known here. @returns {File|undefined} */
  fileOf(id) {
    return this.#files.find(id);
  }

  /** Whether something would be lost, or left unfinished, if the page went away. */
  get isBusy() {
    return this.items.some(plan.isUnsent);
  }

  /**
   * Takes files. One that is in the list already is not taken again, and one whose bytes were lost by a reload gets them back.
   * @param {Iterable<File|{file: File|null, path: string}>} files `null`: cannot be read
   * @returns {object[]} their items
   */
  add(files) {
    const given = [...files].map((one) => (one.file === undefined ? { file: one, path: one.webkitRelativePath || one.name } : one));
    const meant = given.filter(({ file }) => !file || !isJunk(file));
    const media = meant.filter(({ file }) => file?.size > 0);
    this.unreadable = meant.length - media.length;
    const lost = this.#lost();
    const taken = media.map((one) => this.#again(this.#known.get(keyOf({ ...facts(one.file), path: one.path })) ?? lost(one.file), one.file)
      ?? this.#take(one)).filter(Boolean);
    this.#shelf.put(taken.filter(plan.isUnsent).map(record));
    this.#files.keep(this.items, this.#ear.signal);
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
    if (item.url && !plan.isOver(item)) this.#work.end(item);
    this.#forget([item]);
    this.#turn();
  }

  /** Takes all off the list that the server has; what it is still looking at goes as soon as it is well. */
  clear() {
    for (const item of this.items) item.isLeaving = plan.isOver(item);
    this.#forget(this.items.filter((item) => item.isLeaving && !item.isSettling));
    this.overflow = 0;
    this.#changed();
  }

  /** Ends all work; what is unsent is there again when the page comes back. */
  close() {
    this.#ear.abort();
    this.isPaused = true;
    for (const item of this.items) this.#abort(item);
    for (const timer of Object.values(this.#timers)) this.#clock.clearTimeout(timer);
    this.#work.close();
    this.#shelf.close?.();
  }

  // MARK: Items

  #take({ file, path }) {
    if (this.items.length >= limit) return void (this.overflow += 1);
    const { name, size, modified, type } = facts(file);
    const order = (this.#count += 1);
    const item = { ...beginning, id: newId(), name, size, modified, type, path, order, addedAt: this.#clock.now() };
    this.items.push(item);
    this.#known.set(keyOf(item), item);
    this.#files.set(item.id, file);
    if (this.isPaused) item.state = "paused";
    return item;
  }

  /** The same file once more: what failed is tried again, with bytes that can be read. */
  #again(item, file) {
    if (item?.state !== "failed") return item;
    this.#files.set(item.id, file);
    this.#queue(item);
    return item;
  }

  /** Finds the item of which these are the bytes, chosen by another way than before: each once. @returns {(file: File) => object|undefined} */
  #lost() {
    const isLost = ({ problem }) => problem?.code === "choose_again";
    const items = new Map();
    for (const item of this.items.filter(isLost)) items.set(nameKeyOf(item), [...(items.get(nameKeyOf(item)) ?? []), item]);
    return (file) => items.get(nameKeyOf(file))?.find(isLost);
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
    this.#shelf.remove(items.map(({ id }) => id));
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
    const control = new AbortController();
    this.#running.set(item.id, control);
    item.state = "sending";
    try {
      await this.#steps(item, control.signal);
      this.#finish(item);
    } catch (error) {
      const problem = await reasonOf(error, this.#files.get(item.id));
      if (!control.signal.aborted) this.#failed(item, problem);
    }
    if (this.#running.get(item.id) === control) this.#running.delete(item.id);
    if (!control.signal.aborted) this.#turn();
  }

  async #steps(item, signal) {
    for (let step; step !== "finish"; ) {
      step = await this.#work.step(item, this.#files.get(item.id), signal);
      if (step === "create") this.#shelf.put([record(item)]);
    }
  }

  #finish(item) {
    Object.assign(item, { state: item.isKnown ? "duplicate" : "done", sent: item.size, problem: null });
    this.#refusals = 0;
    this.#settle(item);
    this.#files.keep(this.items, this.#ear.signal);
  }

  /** What has come may still turn out to be damaged: the file stays at hand until the server says that all is well. */
  async #settle(item) {
    item.isSettling = true;
    this.#shelf.put([record(item)]);
    const view = await this.#work.learn(item, () => !this.#ear.signal.aborted && this.#known.get(keyOf(item)) === item);
    item.isSettling = false;
    if (view?.state === "completed") this.#settled(item, view);
    else if (view) Object.assign(item, broken(this.#files.get(item.id), view.failure)), this.#shelf.put([record(item)]);
    this.#changed();
  }

  #settled(item, { photoId }) {
    item.photoId = photoId ?? null;
    this.#files.letGo(item.id);
    if (item.isLeaving) this.#forget([item]);
    else this.#shelf.remove([item.id]);
  }

  // MARK: What goes wrong

  #failed(item, problem) {
    if (problem.code === "file_gone") this.#files.delete(item.id);
    const { change, isGeneral } = this.#work.failed(item, problem);
    Object.assign(item, change);
    if (item.state === "failed") this.#shelf.put([record(item)]);
    if (problem.code === "quota_exceeded") this.#refusals += 1;
    if (isGeneral || this.#refusals >= patience) this.#stop(problem);
  }

  #stop(problem) {
    this.pause();
    this.problem = problem;
  }

  #abort(item) {
    this.#running.get(item.id)?.abort();
    this.#running.delete(item.id);
    if (plan.isAtWork(item)) Object.assign(item, { state: "waiting", offset: item.url ? null : 0 });
  }

  // MARK: What is kept

  async #restore() {
    for (const { record: kept, file } of await this.#shelf.restore()) {
      if (this.#known.has(keyOf(kept))) continue;
      const item = { ...beginning, ...kept, offset: kept.url ? null : 0, sent: 0 };
      if (file) Object.assign(item, { isKept: true }), this.#files.set(item.id, file);
      this.items.push(item);
      this.#known.set(keyOf(item), item);
      if (kept.isWhole) Object.assign(item, { state: "done", offset: item.size, sent: item.size }), this.#settle(item);
      else if (!file) Object.assign(item, { state: "failed", problem: chooseAgain() });
    }
    this.#turn();
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

const facts = ({ name, size, lastModified: modified, type }) => ({ name, size, modified, type });
