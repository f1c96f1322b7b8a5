import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { letTab, nodeOf } from "./said.js";

/** Pixels from the end that still count as being there. */
const near = 80;

/** Pixels before an end at which more is read. */
const ahead = 500;

/**
 * The messages, one below the other: stays at the end while the reader is there, and stays where they are otherwise. Dispatches
 * `older`, `newer`, `end`, `seen`, and `shown` and `hidden` as the page opens and closes it.
 */
export class TalkLog extends EventTarget {
  node = element("div", { class: "speech" });
  #list = element("ol", { class: "speech-list" });
  #scroll = element("div", { class: "speech-scroll", role: "log", tabIndex: 0 });
  #jump = element("button", { class: "speech-jump", type: "button", hidden: true });
  #nodes = new Map();
  #room;
  #isAtEnd = true;
  #isSeen = false;
  #entered = null;

  constructor(room) {
    super();
    this.#room = room;
    this.#scroll.ariaLabel = t("chat.messages");
    this.#jump.append(icon("down"), element("span", {}, t("chat.latest")));
    this.#jump.onclick = () => this.dispatchEvent(new Event("end"));
    this.#scroll.append(this.#list);
    this.node.append(this.#scroll, this.#jump);
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#list.addEventListener("focusin", ({ target }) => this.#enter(target.closest(".said")));
    this.#scroll.addEventListener("keydown", (event) => this.#moved(event));
    new ResizeObserver(() => this.#resized()).observe(this.#scroll);
  }

  get list() {
    return this.#list;
  }

  get isAtEnd() {
    return this.#isAtEnd;
  }

  /** @param {object[]} lines of `lines.js` @param {{hasNewer: boolean}} talk */
  show(lines, { hasNewer }) {
    const anchor = this.#isAtEnd ? null : this.#anchor();
    const wasEmpty = this.#nodes.size === 0;
    // Only what comes at the end is read out: not a page of older ones, nor the first.
    this.#scroll.ariaBusy = String(wasEmpty || Boolean(anchor));
    this.#fill(lines);
    const held = anchor && this.#nodes.get(anchor.id)?.node;
    if (held) this.#scroll.scrollTop += held.offsetTop - anchor.top;
    else if (!anchor && !hasNewer) this.toEnd();
    this.hasNewer = hasNewer;
    requestAnimationFrame(() => (this.#scroll.ariaBusy = "false"));
    this.#scrolled();
  }

  toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#isAtEnd = true;
  }

  /** Shows a message of which somebody has pointed to. @returns {boolean} whether it is there */
  goTo(id) {
    const node = this.#nodes.get(id)?.node;
    node?.scrollIntoView({ block: "center" });
    node?.focus({ preventScroll: true });
    node?.animate?.([{ background: "var(--ground-hover)" }, { background: "transparent" }], { duration: 1800 });
    return Boolean(node);
  }

  /** Keeps the elements of lines that are as they were, and puts all into their order. */
  #fill(lines) {
    const keys = new Set(lines.map(({ key }) => key));
    for (const [key, { node }] of this.#nodes) if (!keys.has(key)) node.remove(), this.#nodes.delete(key);
    let place = this.#list.firstChild;
    for (const line of lines) {
      const wasHere = this.#nodes.get(line.key)?.node === place;
      const node = this.#nodeFor(line);
      if (wasHere) place = node;
      if (place && node === place) place = place.nextSibling;
      else this.#list.insertBefore(node, place);
    }
  }

  #nodeFor(line) {
    const known = this.#nodes.get(line.key);
    if (known && isSame(known.line, line)) return known.node;
    const node = nodeOf(line, this.#room);
    this.#keepFocus(known?.node, node);
    this.#nodes.set(line.key, { line, node });
    return node;
  }

  #keepFocus(before, node) {
    const hadFocus = before?.contains(document.activeElement);
    before?.replaceWith(node);
    if (hadFocus) node.focus({ preventScroll: true });
    else if (before === this.#entered) this.#entered = null;
  }

  /** The message that is uppermost in sight, and where; days and other lines come and go. */
  #anchor() {
    const top = this.#scroll.scrollTop;
    for (const node of this.#list.querySelectorAll(".said[data-id]")) {
      if (node.offsetTop + node.offsetHeight > top) return { id: node.dataset.id, top: node.offsetTop };
    }
    return null;
  }

  /** Keyboards of phones and windows that shrink must not hide the end. */
  #resized() {
    const isSeen = this.#scroll.clientHeight > 0;
    if (isSeen !== this.#isSeen) this.dispatchEvent(new Event(isSeen ? "shown" : "hidden"));
    this.#isSeen = isSeen;
    if (this.#isAtEnd) this.toEnd();
    this.#scrolled();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    if (clientHeight === 0) return;
    const rest = scrollHeight - clientHeight - scrollTop;
    this.#isAtEnd = rest < near && !this.hasNewer;
    this.#jump.hidden = this.#isAtEnd || (rest < clientHeight && !this.hasNewer);
    if (scrollTop < ahead) this.dispatchEvent(new Event("older"));
    if (rest < ahead && this.hasNewer) this.dispatchEvent(new Event("newer"));
    if (this.#isAtEnd) this.dispatchEvent(new Event("seen"));
  }

  #enter(node) {
    if (node === this.#entered) return;
    if (this.#entered?.dataset.id) letTab(this.#entered, false);
    if (node) letTab(node, true);
    this.#entered = node;
  }

  /** Arrows go from message to message. */
  #moved(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || event.altKey || event.target.closest("[role=menu]")) return;
    const all = [...this.#list.querySelectorAll(".said")];
    const at = all.indexOf(document.activeElement.closest(".said"));
    const next = at < 0 ? all.at(-1) : all[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

const isSame = (a, b) =>
  a.message === b.message && a.isMine === b.isMine && a.isFirst === b.isFirst && a.at === b.at;
