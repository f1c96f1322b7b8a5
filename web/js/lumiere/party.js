import { Live, rooms } from "./live.js";
import { newId } from "./newid.js";
import { allGrants, emptyRoom, entered, grantsOf, heard, isManager, keyOf, lacksPictures, queued } from "./partyroom.js";
import { ServerClock } from "./serverclock.js";
import { inForce, latest, nextTurn, taken } from "./partytruth.js";
import { PartyReading } from "./partyreading.js";
import { Reports } from "./partyreports.js";

/**
 * A watch party: who is there, what is shown and where it is by the server's clock, and all that can be done about it.
 * Dispatches `change` when any of that is different, and `phase`.
 */
export class Party extends EventTarget {
  room = emptyRoom;
  live;
  clock;
  #caller;
  #id;
  #listener;
  #reports = new Reports((report) => this.#tell(report));
  #all;
  #reading;
  /** The command before, done or not. */
  #before = Promise.resolve();

  /**
   * @param {Caller} caller an account that belongs to it, or a guest's pass
   * @param {string} id
   * @param {{event?(message), joined?(facts), phase?(name), refused?(code), dismissed?(ending)}} [listener] as of `Live`
   */
  constructor(caller, id, listener = {}) {
    super();
    [this.#caller, this.#id, this.#listener] = [caller, id, listener];
    this.clock = new ServerClock((t0) => this.live.send("party_clock", { partyId: id, t0 }));
    this.live = new Live(caller, id, {
      event: (message) => this.#happened(message), joined: (facts) => this.#joined(facts), phase: (name) => this.#phase(name),
      refused: (code) => listener.refused?.(code), dismissed: (ending) => listener.dismissed?.(ending),
    }, rooms.party);
    this.#all = new PartyReading((path) => this.#ask(path), {
      room: () => this.room, found: (room) => this.#set(room), refused: (problem) => listener.refused?.(problem.code),
    });
  }

  get id() {
    return this.#id;
  }

  get caller() {
    return this.#caller;
  }

  /** Comes in, and stays in over losses of the connection. */
  start() {
    this.live.start();
  }

  /** The page goes; who was here stays a member. */
  stop() {
    this.clock.stop();
    this.#reports.stop();
    this.#all.stop();
    clearTimeout(this.#reading);
    this.#reading = undefined;
    this.live.stop();
  }

  /** Goes for good: a host hands over to somebody else by that. */
  async leave() {
    // One more report would bring the reader back.
    this.#reports.stop();
    try {
      await this.#ask("/leave", { method: "POST" });
    } catch (problem) {
      this.#reports.start();
      throw problem;
    }
    this.stop();
  }

  // MARK: What is

  /** The reader among the members. */
  get me() {
    const { user, guestId } = this.#caller;
    const person = user ? { kind: "user", id: user.id } : { kind: "guest", id: guestId };
    return this.room.members.get(keyOf(person)) ?? this.room.party?.me ?? null;
  }

  /** @param {string} grant of `allGrants` */
  may(grant) {
    return (this.isManager ? allGrants : grantsOf(this.room, this.me)).includes(grant);
  }

  get isHost() {
    return this.me?.role === "host";
  }

  /** Whether the party is the reader's own, or they look after the house: then it is theirs to end. */
  get isManager() {
    return isManager(this.room, this.#caller.user);
  }

  /** Whether settings and roles are the reader's to decide. */
  get mayHost() {
    return this.isHost || this.isManager;
  }

  /** What the server has said last, whether it holds already or not; `null` for nothing. */
  get truth() {
    return latest(this.room.truth);
  }

  /** What holds now: `{state, now}`; `state` is `null` while nobody knows. */
  get present() {
    const { now } = this.clock;
    return { now, state: now === null ? null : inForce(this.room.truth, now) };
  }

  /** Milliseconds until something else holds; `null` for nothing. */
  get nextTurn() {
    const { now } = this.clock;
    return now === null ? null : nextTurn(this.room.truth, now);
  }

  // MARK: Commands

  play = (position) => this.#command({ action: "play", position }, ({ playing, held }) => playing || held);
  pause = (position) => this.#command({ action: "pause", position }, ({ playing, held }) => !playing && !held);
  seek = (position) => this.#command({ action: "seek", position });
  rate = (rate) => this.#command({ action: "rate", rate }, (state) => state.rate === rate);
  select = (entryId) => this.#command({ action: "select", entryId }, (state) => state.entryId === entryId);
  next = () => this.#command({ action: "next" });

  /**
   * Each command is about what the reader saw, and waits for the one before: nobody is too late for themselves. Who comes later
   * than somebody else gets the truth, and tries no more where that is what was wanted.
   * @throws {Problem} `stale` where it is not
   */
  #command(command, isSo) {
    const done = this.#before.then(() => this.#carryOut(command, isSo));
    this.#before = done.catch(() => {});
    return done;
  }

  async #carryOut(command, isSo = () => false) {
    const data = { partyId: this.#id, sequence: this.truth?.sequence ?? 0, ...command };
    try {
      this.#learn(await this.live.send("party_command", data));
    } catch (problem) {
      if (problem.code !== "stale" || !problem.facts.state) throw problem;
      this.#learn(problem.facts.state);
      if (!isSo(this.truth)) throw problem;
    }
  }

  #learn(state) {
    this.#set({ ...this.room, truth: taken(this.room.truth, state) });
  }

  /**
   * Tells how the reader's player is: a change of `state` at once, else when the server wants to know. Whoever tells nothing is there
   * all the same, without a film.
   * @param {{state: string, drift?: number}|null} report drift in milliseconds; `null` for a player that has not got its film
   */
  status(report) {
    this.#reports.put(report);
    const { me } = this;
    // What the server tells of others comes late to say that nobody knows.
    if (me?.drift === undefined || report?.drift !== undefined) return;
    const { state = me.state } = report ?? {};
    this.#set(heard(this.room, { type: "party_status", data: { members: [{ person: keyOf(me.person), state }] } }));
  }

  #tell(report) {
    const { roundTrip } = this.clock;
    const said = report ?? { state: this.truth?.entryId ? "buffering" : "paused" };
    return this.live.send("party_status", { partyId: this.#id, ...said, ...(roundTrip !== null && { latency: Math.round(roundTrip) }) });
  }

  /** Says something, with the moment of the film. @param {{text: string, replyTo?: string, clientId?: string}} message */
  say({ text, replyTo, clientId = newId() }) {
    return this.live.send("party_chat", { partyId: this.#id, text, ...(replyTo && { replyTo }), clientId });
  }

  react(emoji) {
    return this.live.send("party_reaction", { partyId: this.#id, emoji });
  }

  // MARK: Queue

  add = (mediaId) => this.#queue({ action: "add", mediaId });
  remove = (entryId) => this.#queue({ action: "remove", entryId });
  move = (entryId, index) => this.#queue({ action: "move", entryId, index });
  vote = (entryId, isFor) => this.#queue({ action: isFor ? "vote" : "unvote", entryId });
  skip = (isFor) => this.#queue({ action: isFor ? "skip" : "unskip" });

  async #queue(change) {
    const queue = await this.live.send("party_queue", { partyId: this.#id, ...change });
    this.#set(queued(this.room, queue));
  }

  /** Once for all that happens at about the same time. What fails is asked for again with the next change. */
  #readQueue() {
    this.#reading ??= setTimeout(async () => {
      const queue = await this.#ask("/queue").catch(() => null);
      this.#reading = undefined;
      if (queue) this.#set(queued(this.room, queue));
    }, 300 + 1200 * Math.random());
  }

  /** What it takes to show an entry: signed addresses, subtitles, stills. */
  film = (entryId) => this.#ask(`/queue/${entryId}/film`);

  /** Films that the reader may add. @param {{limit?: number, cursor?: string}} [page] */
  library = (page = {}) => this.#ask("/library", { query: page });

  /** @param {Blob} file WebVTT or SRT @param {{label: string, language?: string}} about */
  addSubtitles(entryId, file, { label, language }) {
    const headers = { "Content-Type": "text/vtt" };
    return this.#ask(`/queue/${entryId}/subtitles`, { method: "POST", query: { label, language }, body: file, headers });
  }

  removeSubtitles = (id) => this.#ask(`/subtitles/${id}`, { method: "DELETE" });

  // MARK: Hosting

  /** @param {object} change title, capacity, waitSeconds, isLocked, grants */
  async change(change) {
    const party = await this.#ask("", { method: "PUT", body: change });
    this.#set({ ...this.room, party: { ...this.room.party, ...party } });
  }

  close = () => this.#ask("", { method: "DELETE" });
  setRole = (person, role) => this.#ask(`/members/${encodeURIComponent(keyOf(person))}`, { method: "PUT", body: { role } });
  dismiss = (person) => this.#ask(`/members/${encodeURIComponent(keyOf(person))}`, { method: "DELETE" });

  #ask(path, options) {
    return this.#caller.ask(`/api/parties/${this.#id}${path}`, options);
  }

  // MARK: Live

  #happened(message) {
    this.#set(heard(this.room, message));
    this.#all.heard(message);
    this.#reports.heed();
    if (message.type === "party_queue" && lacksPictures(this.room)) this.#readQueue();
    this.#listener.event?.(message);
  }

  #joined(facts) {
    if (facts.state) this.#all.stop(), this.#set(entered(this.room, facts.state));
    else if (!facts.recovered) this.#all.start();
    this.clock.start();
    this.#reports.start();
    this.#listener.joined?.(facts);
  }

  #phase(name) {
    if (name !== "live" && name !== "probing") this.clock.stop(), this.#reports.stop();
    this.#listener.phase?.(name);
    this.dispatchEvent(new Event("phase"));
  }

  #set(room) {
    if (room === this.room) return;
    this.room = room;
    this.dispatchEvent(new Event("change"));
  }
}
