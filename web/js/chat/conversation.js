import { Again } from "../lumiere/again.js";
import { newId } from "../lumiere/newid.js";
import { Mutes } from "./mutes.js";
import { ReadMark } from "./readmark.js";
import * as talks from "./talk.js";

/** Messages asked for at once. */
const page = 50;

/** Pages read again after a loss, beyond which the talk begins anew at its end. */
const mostPages = 4;

/** Events that wait for a page; more mean that it is better to read anew. */
const mostHeld = 500;

/** Milliseconds between two signs of typing; each holds for six seconds. */
const typingEvery = 4000;

/**
 * One talk with the server: the chat of a session or, with `photoId`, what is said about a photo. Dispatches `change`.
 * What is said is sent over HTTP, under an id of our own: it can be sent again without being said twice.
 */
export class Conversation extends EventTarget {
  talk = talks.emptyTalk;
  /** `isOn`, `slowModeSeconds`, `isMuted`, `mutedUntil`, `isModerator`, `readSequence`, `unread`, as the server has them. */
  rules = null;
  /** Milliseconds: until then slow mode lets nothing through. */
  waitUntil = 0;
  /** The `Problem` with which opening it failed. */
  problem = null;

  #caller;
  #live;
  #sessionId;
  #photoId;
  #me;
  #say;
  #mine = new Set();
  #isReading = false;
  /** What has happened while a page was on its way, which may be older or newer than that. */
  #held = [];
  /** Whether something was missed. */
  #isStale = false;
  #isMakingUp = false;
  /** Something failed: what lies beyond the ends is not asked for until some time has passed, however often it comes into sight. */
  #isResting = false;
  #again = new Again(() => this.#rested());
  #typedAt = 0;
  #mark = new ReadMark((sequence) => this.#ask(`/api/sessions/${this.#sessionId}/messages/read`, { method: "PUT", body: { sequence } }));

  /**
   * @param {{caller: Caller, live: Live, session: {id: string}, photoId?: string, me?: {kind, id}, say?(message): Promise<object>}} options
   *   `say`: another way to say something, which answers with the message
   */
  constructor({ caller, live, session, photoId, me, say }) {
    super();
    this.#say = say ?? ((body) => this.#ask(this.#path, { method: "POST", body }));
    this.#caller = caller;
    this.#live = live;
    [this.#sessionId, this.#photoId, this.#me] = [session.id, photoId, me];
    this.mutes = new Mutes(caller, session.id);
  }

  get isWritable() {
    return Boolean(this.rules?.isOn && !this.rules.isMuted);
  }

  /** Guests who came without a name are asked for one before they speak. */
  get needsName() {
    return Boolean(this.#caller.rename) && !this.#caller.name;
  }

  /** Whether something was missed that could not be read yet: what is held may have gaps. */
  get hasGap() {
    return this.#isStale || this.#isMakingUp;
  }

  /** The sequence of the latest message that the reader has seen. */
  get readSequence() {
    return Math.max(this.rules?.readSequence ?? 0, this.#mark.sequence);
  }

  isMe = ({ kind, id }) => {
    const { user, guestId } = this.#caller;
    if (this.#me?.id === id) return true;
    return kind === "user" ? user?.id === id : guestId === id;
  };

  isMine = (message) => !message.author || this.isMe(message.author) || this.#mine.has(message.clientId);

  // MARK: Reading

  async open() {
    await this.#read(async () => {
      [this.rules] = await Promise.all([this.#ask(`/api/sessions/${this.#sessionId}/chat`), this.#newest()]);
    }, true);
  }

  /** Goes to the end of the talk. */
  async latest() {
    await this.#read(() => this.#newest());
  }

  async #newest() {
    const newest = await this.#ask(this.#path, { query: { limit: page } });
    this.#set(talks.opened(this.talk, newest));
  }

  async older() {
    if (this.#isResting || !talks.hasOlder(this.talk)) return;
    const { cursor, messages: [first] } = this.talk;
    const query = this.#photoId ? { cursor, limit: page } : { before: first.sequence, limit: page };
    await this.#read(async () => {
      const older = await this.#ask(this.#path, { query });
      this.#set(talks.extended(this.talk, older));
    });
  }

  async newer() {
    if (this.#isResting || !this.talk.hasNewer) return;
    const after = this.talk.messages.at(-1).sequence;
    await this.#read(async () => {
      const { items } = await this.#ask(this.#path, { query: { after, before: after + page + 1, limit: page } });
      this.#set(talks.continued(this.talk, items, items.length === page));
    });
  }

  /** After a loss of the connection. @param {boolean} recovered whether all that was missed comes as events */
  async joined(recovered) {
    this.#isResting = false;
    for (const { clientId, problem } of this.talk.pending) if (problem?.isPassing) this.retry(clientId);
    if (this.talk.isLoaded && !recovered) await this.#reread();
    else if (!this.talk.isLoaded) await this.open();
  }

  /** What was changed and taken back meanwhile is only seen by reading it again. */
  async #reread() {
    this.#isStale = this.#isMakingUp = true;
    await this.#read(async () => {
      await this.readRules();
      const first = this.talk.messages[0]?.sequence ?? 0;
      let [items, cursor] = [[], undefined];
      for (let count = 0; count < mostPages && (count === 0 || (cursor && items.at(-1).sequence > first)); count += 1) {
        const next = await this.#ask(this.#path, { query: { cursor, limit: page } });
        [items, cursor] = [[...items, ...next.items], next.nextCursor];
      }
      this.#set(talks.opened(this.talk, { items, nextCursor: cursor }));
    }, true);
  }

  /** One thing at a time; what fails is tried again after a while, or by the next connection. */
  async #read(act, isWhole = false) {
    if (this.#isReading) return;
    this.#isReading = true;
    const wasStale = this.#isStale;
    // From here on, for more may be missed while it is read.
    if (isWhole) this.#isStale = false;
    try {
      await act();
      this.problem = null;
      if (isWhole) this.#isMakingUp = false;
      this.#isResting = false;
      this.#again.worked();
    } catch (problem) {
      this.problem = problem;
      this.#isResting = true;
      this.#isStale ||= wasStale;
    }
    this.#isReading = false;
    for (const event of this.#held.splice(0)) this.#hear(event);
    this.#changed();
    if (this.problem) this.#again.after(this.problem);
    else if (this.#isStale) await this.#reread();
  }

  /** Whoever shows it asks for what is in sight. */
  async #rested() {
    this.#isResting = false;
    if (this.#isStale) await this.#reread();
    else this.#changed();
  }

  /** Nobody looks at it any more; `open` begins anew. */
  close() {
    this.#again.cancel();
  }

  /** Notes how far the reader has come; not over a gap, for nobody has seen what is missing in it. */
  readTo(sequence) {
    if (this.#photoId || !this.rules || this.hasGap || sequence <= this.readSequence) return;
    this.#mark.move(sequence);
  }

  // MARK: Events

  handle(event) {
    if (!this.#isReading) return this.#hear(event);
    this.#held.push(event);
    if (this.#held.length > mostHeld) [this.#held, this.#isStale] = [[], true];
  }

  #hear(event) {
    const { type, data } = event;
    if (type === "chat_updated") this.rules = { ...this.rules, ...data };
    if (type === "new_message" && this.#photoId && data.photoId !== this.#photoId) return;
    if (this.#photoId && type.endsWith("typing")) return;
    this.#set(talks.heard(this.talk, event, { isMe: this.isMe, now: Date.now() }));
  }

  /** Ends typing of which nothing was heard for a while. */
  calm() {
    this.#set(talks.calmed(this.talk, Date.now()));
  }

  // MARK: Speaking

  /** @param {{replyTo?: string, photoId?: string}} [about] */
  async say(text, about = {}) {
    const clientId = newId();
    this.#mine.add(clientId);
    await this.#send({ ...about, text, clientId, createdAt: new Date().toISOString() });
  }

  async retry(clientId) {
    const draft = this.talk.pending.find((one) => one.clientId === clientId);
    if (draft) await this.#send({ ...draft, problem: undefined });
  }

  giveUp(clientId) {
    this.#set(talks.givenUp(this.talk, clientId));
  }

  async #send(draft) {
    this.#set(talks.begun(this.talk, draft));
    const { text, replyTo, photoId, clientId } = draft;
    try {
      const body = { text, replyTo, clientId, ...(photoId && !this.#photoId && { photoId }) };
      const message = await this.#say(body);
      this.#set(talks.said(this.talk, message));
      if (this.rules?.slowModeSeconds && !this.rules.isModerator) this.waitUntil = Date.now() + this.rules.slowModeSeconds * 1000;
      if (this.talk.hasNewer) await this.latest();
    } catch (problem) {
      this.#refused(clientId, problem);
    }
    this.#changed();
  }

  #refused(clientId, problem) {
    if (problem.code === "slow_mode") this.waitUntil = Date.now() + (problem.retryAfter ?? 1) * 1000;
    if (problem.code === "muted") this.rules = { ...this.rules, isMuted: true, mutedUntil: problem.facts.until };
    if (problem.code === "chat_off") this.rules = { ...this.rules, isOn: false };
    this.#set(talks.failed(this.talk, clientId, problem));
  }

  async edit(id, text) {
    this.handle({ type: "message_edited", data: await this.#ask(`/api/messages/${id}`, { method: "PUT", body: { text } }) });
  }

  async remove(id) {
    await this.#ask(`/api/messages/${id}`, { method: "DELETE" });
    this.handle({ type: "message_deleted", data: { id, byModerator: !this.isMine(talks.find(this.talk, id) ?? {}) } });
  }

  async react(id, emoji, isAdded) {
    this.#set(talks.reactedHere(this.talk, id, emoji, isAdded));
    const method = isAdded ? "PUT" : "DELETE";
    await this.#ask(`/api/messages/${id}/reactions/${encodeURIComponent(emoji)}`, { method }).catch((problem) => {
      this.#set(talks.reactedHere(this.talk, id, emoji, !isAdded));
      throw problem;
    });
  }

  /** Takes the name that what is said from now on bears. */
  rename(name) {
    return this.#caller.rename(name);
  }

  /** @param {boolean} isTyping told to the others every few seconds, as far as they can be reached */
  typing(isTyping) {
    const now = Date.now();
    if (this.#photoId || isTyping === now - this.#typedAt < typingEvery) return;
    this.#typedAt = isTyping ? now : 0;
    this.#live?.send(isTyping ? "typing" : "stop_typing").catch(() => {});
  }

  // MARK: Moderating

  /** The rules as they are now: others change them, and events do not tell moderators' words. */
  async readRules() {
    return (this.rules = await this.#ask(`/api/sessions/${this.#sessionId}/chat`));
  }

  /** @param {{isOn?: boolean, slowModeSeconds?: number, words?: string[]}} change */
  async rule(change) {
    this.rules = await this.#ask(`/api/sessions/${this.#sessionId}/chat`, { method: "PUT", body: change });
    this.#changed();
  }

  get #path() {
    return this.#photoId ? `/api/photos/${this.#photoId}/comments` : `/api/sessions/${this.#sessionId}/messages`;
  }

  #ask(path, options) {
    return this.#caller.ask(path, options);
  }

  #set(talk) {
    if (talk === this.talk) return;
    this.talk = talk;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
