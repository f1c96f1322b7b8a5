/**
 * How many messages the reader has not seen, before (and while) the chat is open: small, for pages that only show the number.
 * Give it the events of the session, and tell it of each connection. Dispatches `unread`.
 */
export class Unread extends EventTarget {
  count = 0;
  #caller;
  #sessionId;
  /** Of the latest message that was counted. */
  #sequence = 0;
  #readTo = 0;
  /** While the server is asked: what others have said since, which its answer may not know. */
  #since = null;

  /** @param {{caller: Caller, session: {id: string}}} options */
  constructor({ caller, session }) {
    super();
    this.#caller = caller;
    this.#sessionId = session.id;
  }

  /** After each connection: the server counts rightly whatever was missed. */
  async joined() {
    const since = (this.#since = []);
    // Whoever may not see the chat has nothing to read in it.
    const chat = await this.#caller.ask(`/api/sessions/${this.#sessionId}/chat`).catch(() => null);
    if (since !== this.#since) return;
    this.#since = null;
    if (!chat) return;
    this.#sequence = Math.max(this.#sequence, chat.lastSequence);
    const later = since.filter((sequence) => sequence > Math.max(chat.lastSequence, this.#readTo)).length;
    this.set(later + (chat.lastSequence <= this.#readTo ? 0 : chat.unread));
  }

  /** The reader has seen all up to that message, whether the server knows it yet or not. */
  read(sequence) {
    this.#readTo = Math.max(this.#readTo, sequence);
    if (this.#sequence <= this.#readTo) this.set(0);
  }

  handle({ type, data }) {
    // Of the reader's other devices, which may show another session.
    if (type === "message_read" && data.sessionId === this.#sessionId) return this.#readElsewhere(data);
    if (type !== "new_message" || data.sequence <= this.#sequence) return;
    this.#sequence = data.sequence;
    if (data.author.id === (this.#caller.user?.id ?? this.#caller.guestId)) return;
    this.#since?.push(data.sequence);
    this.set(this.count + 1);
  }

  /** Newer than any answer that is on its way. */
  #readElsewhere({ unread }) {
    this.#since = null;
    this.set(unread);
  }

  set(count) {
    if (count === this.count) return;
    this.count = count;
    this.dispatchEvent(new Event("unread"));
  }
}
