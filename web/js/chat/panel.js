import { later } from "../lumiere/later.js";
import { busy } from "../ui/act.js";
import { backoff } from "../lumiere/backoff.js";
import { element, pause, setText } from "../ui/dom.js";
import { eventually } from "../ui/eventually.js";
import { icon } from "../ui/icon.js";
import { loadMessages, t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { loadStyle } from "../ui/style.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { linesOf } from "./lines.js";
import { TalkLog } from "./log.js";
import { find, keyOf } from "./talk.js";
import { Tools } from "./tools.js";
import { Unread } from "./unread.js";

/** People whose names are remembered for `@`. */
const mostNames = 100;

/** How often typing that has ended is looked for (milliseconds). */
const tick = 1000;

/**
 * A talk as people see it. Give it the events of the session by `handle`, and tell it of each connection by `joined`. Dispatches
 * `unread` and, when somebody chooses a photo, `photo` with its id as `detail`.
 */
export class TalkPanel extends HTMLElement {
  conversation;
  #live;
  #count;
  #isOwnCount;
  #moments;
  #log;
  #composer;
  #ear = null;
  #names = new Map();
  #nameList = [];
  #isDue = false;
  #unreadAfter = null;
  #head = null;
  #moderation = null;
  #bar = element("p", { class: "speech-bar", role: "status", hidden: true });
  #typing = element("p", { class: "speech-typing", ariaLive: "off" });
  #empty = element("div", { class: "speech-empty", hidden: true });

  /**
   * @param {{caller, live, session, me?, photoId?, unread?: Unread, closable?: boolean, say?, moments?: {go(moment)}}} options
   *   `closable`: with a title and a button that dispatches `close`; `moments`: where messages about moments of a film lead
   */
  constructor(options) {
    super();
    if (options.closable) this.#head = element("header", { class: "speech-head" });
    this.conversation = new Conversation(options);
    this.#live = options.live;
    this.#isOwnCount = !options.unread;
    this.#count = options.unread ?? new Unread(options);
    this.caller = options.caller;
    this.photoId = options.photoId;
    this.#moments = options.moments;
    if (this.#isOwnCount && !this.photoId) this.#count.joined();
    this.#count.addEventListener("unread", () => this.dispatchEvent(new Event("unread")));
  }

  /** Messages of others that the reader has not seen. */
  get unread() {
    return this.#count.count;
  }

  /** An event of the session. */
  handle(event) {
    if (this.#isOwnCount) this.#count.handle(event);
    this.conversation.handle(event);
  }

  /** @param {boolean} recovered whether all that was missed comes as events */
  joined(recovered) {
    if (this.#isOwnCount && !recovered) this.#count.joined();
    if (this.#log) this.conversation.joined(recovered);
  }

  /** Begins a message about a photo. */
  about(photoId) {
    this.#composer?.about(photoId);
  }

  /** The guest has another name. */
  renamed() {
    this.#composer?.show();
  }

  async connectedCallback() {
    this.#ear?.abort();
    const ear = (this.#ear = new AbortController());
    const { signal } = ear;
    const fetched = () => Promise.all([loadMessages("chat"), loadStyle("chat"), loadStyle("said")]);
    await eventually(fetched, signal, () => this.#excuse());
    if (signal.aborted) return;
    if (!this.#log) this.#build();
    const clock = setInterval(() => this.conversation.calm(), tick);
    signal.addEventListener("abort", () => clearInterval(clock));
    this.conversation.addEventListener("change", () => this.#changed(), { signal });
    this.#live?.addEventListener("phase", () => this.#showBar(), { signal });
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
    this.#followKeyboard(signal);
    await this.#open();
  }

  disconnectedCallback() {
    this.#ear?.abort();
    this.#ear = null;
    this.conversation.close();
  }

  async #open() {
    const ear = this.#ear;
    for (let attempt = 0; attempt === 0 || (this.conversation.problem?.isPassing && !ear.signal.aborted); attempt += 1) {
      if (attempt > 0) await pause(backoff(attempt));
      if (!this.conversation.talk.isLoaded || attempt === 0) await this.conversation.open();
    }
    this.#mark(this.conversation.rules?.unread > 0);
    if (matchMedia("(pointer: fine)").matches && !this.photoId) this.#composer.focus();
  }

  /** Draws the line above what is new, or takes it away. */
  #mark(isWanted) {
    this.#unreadAfter = isWanted && !this.photoId ? this.conversation.readSequence : null;
    this.#show();
    this.#seen();
  }

  // MARK: Parts

  /** What it is made of could not be fetched yet. */
  #excuse() {
    if (!this.#bar.isConnected) this.append(this.#bar);
    this.#bar.hidden = false;
    setText(this.#bar, t("problem.unreachable"));
  }

  #build() {
    const { conversation } = this;
    const acts = {
      react: (id, emoji, isAdded) => busy(null, () => conversation.react(id, emoji, isAdded)),
      reply: (message) => this.#composer.reply(message), edit: (message) => this.#composer.edit(message),
      retry: (id) => conversation.retry(id), giveUp: (id) => conversation.giveUp(id), goTo: (id) => this.#goTo(id),
      openPhoto: (id) => this.dispatchEvent(new CustomEvent("photo", { detail: id, bubbles: true })),
    };
    const names = () => this.#nameList;
    const room = {
      caller: this.caller, acts, moments: this.#moments, showsPhotos: !this.photoId, get names() { return names(); }, find: (id) => find(conversation.talk, id),
      isMine: conversation.isMine, isMyName: (name) => name === (this.caller.user?.username ?? this.caller.name),
    };
    this.#log = new TalkLog(room);
    this.#composer = new Composer(conversation, room, t(this.photoId ? "chat.comment" : "chat.write"));
    this.#listen(acts);
    this.#empty.append(icon("chat"), element("p", {}, t(this.photoId ? "chat.noComments" : "chat.nothing")));
    this.#log.node.append(this.#empty);
    if (this.#head) this.#showHead();
    this.append(this.#bar, this.#log.node, this.#typing, this.#composer.node);
  }

  #showHead() {
    const close = element("button", { class: "button quiet only-icon", type: "button", ariaLabel: t("common.close") }, icon("close"));
    close.onclick = () => this.dispatchEvent(new Event("close"));
    this.#head.append(element("h2", { class: "speech-title" }, t("chat.title")), close);
    this.append(this.#head);
  }

  #listen(acts) {
    const { conversation } = this;
    new Tools(this.#log.list, () => conversation, acts);
    this.#log.addEventListener("older", () => conversation.talk.isLoaded && conversation.older());
    this.#log.addEventListener("newer", () => conversation.newer());
    this.#log.addEventListener("seen", () => this.#seen());
    this.#log.addEventListener("end", () => this.#toEnd());
    this.#log.addEventListener("shown", () => this.#mark(this.unread > 0));
  }

  // MARK: Showing

  /** Once for each picture on the screen, however much has happened. */
  #changed() {
    if (this.#isDue) return;
    this.#isDue = true;
    const show = () => {
      this.#isDue = false;
      this.#show();
    };
    // Pages that are out of sight have no pictures.
    if (document.hidden) setTimeout(show);
    else requestAnimationFrame(show);
  }

  #show() {
    const { conversation } = this;
    const { talk } = conversation;
    this.#nameList = this.#namesOf();
    this.#log.show(linesOf(talk, { isMine: conversation.isMine, unreadAfter: this.#unreadAfter }), talk);
    this.#empty.hidden = !talk.isLoaded || talk.messages.length + talk.pending.length > 0;
    this.#composer.show();
    setText(this.#typing, typingText([...talk.typing.values()].map(({ name }) => name || t("chat.guest"))));
    this.#showBar();
    this.#showModeration();
  }

  /** What is missing is said; what works is not. */
  #showBar() {
    const phase = this.#live?.phase ?? "live";
    const { problem, talk } = this.conversation;
    const isCut = ["waiting", "refused", "dismissed", "idle"].includes(phase);
    const text = problem && (!talk.isLoaded || this.conversation.hasGap) ? problemText(problem) : isCut ? t("chat.offline") : "";
    this.#bar.hidden = !text;
    setText(this.#bar, text);
  }

  /** Once; what could not be fetched is asked for again by the next change. */
  #showModeration() {
    if (this.photoId || !this.conversation.rules?.isModerator) return;
    const place = (button) => (this.#head ? this.#head.lastChild.before(button) : this.append(button));
    this.#moderation ??= later("./moderation.js", import.meta.url).then(
      ({ moderationButton }) => place(moderationButton(this.conversation)), () => (this.#moderation = null));
  }

  #seen() {
    const last = this.conversation.talk.messages.at(-1);
    if (!last || this.conversation.hasGap || !this.#log.isAtEnd) return;
    if (document.hidden || !this.isConnected || this.offsetParent === null) return;
    this.conversation.readTo(last.sequence);
    if (!this.photoId) this.#count.read(last.sequence);
  }

  async #toEnd() {
    if (this.conversation.talk.hasNewer) await busy(null, () => this.conversation.latest());
    this.#log.toEnd();
  }

  /** Looks for the message in what can be read, a few pages far. */
  async #goTo(id) {
    for (let pages = 0; pages < 6 && !find(this.conversation.talk, id); pages += 1) await this.conversation.older();
    this.#show();
    this.#log.goTo(id);
  }

  /** Of those who are there and those who have spoken. */
  #namesOf() {
    for (const { author } of this.conversation.talk.messages) if (author.name) this.#names.set(keyOf(author), author.name);
    while (this.#names.size > mostNames) this.#names.delete(this.#names.keys().next().value);
    return [...new Set([...(this.#live?.people ?? []).map(({ name }) => name), ...this.#names.values()])];
  }

  /** The keyboard of a phone covers the foot of the page without making it smaller. */
  #followKeyboard(signal) {
    const view = window.visualViewport;
    view?.addEventListener("resize", () => {
      const covered = innerHeight - view.height - view.offsetTop;
      this.style.paddingBottom = covered > 80 && this.contains(document.activeElement) ? `${covered}px` : "";
    }, { signal });
  }
}

function typingText(names) {
  if (names.length === 0) return "";
  if (names.length === 1) return t("chat.typingOne", { name: names[0] });
  return names.length === 2 ? t("chat.typingTwo", { name: names[0], other: names[1] }) : t("chat.typingMany");
}

/** The chat of a session: `new ChatPanel({ caller, live, session, me })`. */
export class ChatPanel extends TalkPanel {}

/** What is said about a photo: `new PhotoComments({ caller, live, session, photoId, me })`; events go to `handle`, as with the chat. */
export class PhotoComments extends TalkPanel {}

customElements.define("lumiere-chat", ChatPanel);
customElements.define("lumiere-comments", PhotoComments);
