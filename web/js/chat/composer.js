import { busy } from "../ui/act.js";
import { element, isComposing, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { nameBegun, suggested } from "./pieces.js";
import { photoButton } from "./photos.js";
import { nameOf } from "./said.js";
import { emojiButton } from "./tools.js";
import { momentOf } from "./when.js";

/** Characters of a message. */
const longest = 4000;

let latest = 0;

/** Where the reader writes: with what it answers, the name of who has none yet, and names of others after an `@`. */
export class Composer {
  node = element("form", { class: "composer" });
  #conversation;
  #room;
  #about = {};
  #editing = null;
  #clock;
  #isWaiting = false;
  /** What the names were looked for by. */
  #wanted = null;
  #parts = {
    notice: element("p", { class: "composer-notice", hidden: true }),
    said: element("p", { class: "visually-hidden", role: "status" }),
    about: element("div", { class: "composer-about", hidden: true }),
    names: element("div", { class: "composer-names", role: "listbox", hidden: true }),
    name: element("input", { class: "input small", maxLength: 80, autocomplete: "nickname", required: true }),
    text: element("textarea", { class: "input composer-text", rows: 1, maxLength: longest, enterKeyHint: "send" }),
    send: element("button", { class: "button primary only-icon", type: "submit" }, icon("send")),
  };

  /** @param {Conversation} conversation @param {object} room as in `said.js` */
  constructor(conversation, room, placeholder = t("chat.write")) {
    this.#conversation = conversation;
    this.#room = room;
    const p = this.#parts;
    p.text.placeholder = p.text.ariaLabel = placeholder;
    p.name.placeholder = p.name.ariaLabel = t("chat.yourName");
    p.names.ariaLabel = t("chat.people");
    p.names.id = `names-${(latest += 1)}`;
    p.text.setAttribute("aria-controls", p.names.id);
    p.text.ariaAutoComplete = "list";
    p.send.ariaLabel = p.send.title = t("chat.send");
    const emoji = emojiButton("smile", t("chat.emoji"), (one) => this.#insert(one));
    p.row = element("div", { class: "composer-row" }, emoji, p.text, p.send);
    this.node.append(p.notice, p.said, p.about, p.names, p.row);
    this.node.onsubmit = (event) => (event.preventDefault(), this.#submit());
    p.text.oninput = () => this.#written();
    p.text.onkeydown = (event) => this.#pressed(event);
    p.text.onkeyup = p.text.onclick = () => this.#moved();
    p.text.onblur = () => (conversation.typing(false), this.#hideNames());
  }

  focus() {
    this.#parts.text.focus();
  }

  reply(message) {
    const words = element("q", { dir: "auto" }, message.text.slice(0, 80));
    this.#aim({ replyTo: message.id }, element("span", {}, t("chat.replyTo", { name: nameOf(message.author) }), " ", words));
  }

  about(photoId) {
    this.#aim({ photoId }, photoButton(photoId, this.#room));
  }

  edit(message) {
    this.#aim({}, element("span", {}, t("chat.editing")));
    this.#editing = message.id;
    this.#parts.text.value = message.text;
    this.#written();
  }

  /** Whether and when something can be said. */
  show() {
    const p = this.#parts;
    const { isWritable, needsName, waitUntil } = this.#conversation;
    const seconds = Math.ceil((waitUntil - Date.now()) / 1000);
    p.row.hidden = !isWritable;
    // Only while it is needed: pages look for the first field to put the cursor into.
    if (!isWritable || !needsName) p.name.remove();
    else if (!p.name.isConnected) p.names.before(p.name);
    const notice = this.#notice(seconds);
    p.notice.hidden = !notice;
    setText(p.notice, notice);
    // Not each second of the wait.
    if (seconds <= 0 || !this.#isWaiting) setText(p.said, notice);
    this.#isWaiting = seconds > 0;
    p.send.disabled = seconds > 0;
    clearTimeout(this.#clock);
    if (seconds > 0) this.#clock = setTimeout(() => this.show(), 1000);
  }

  #notice(seconds) {
    const { rules } = this.#conversation;
    if (!rules) return "";
    if (rules.isMuted) return rules.mutedUntil ? t("chat.mutedUntil", { time: momentOf(rules.mutedUntil) }) : t("chat.muted");
    if (!rules.isOn) return t("chat.closed");
    if (seconds > 0) return t("chat.wait", { count: seconds });
    return rules.slowModeSeconds > 0 ? t("chat.slow", { count: rules.slowModeSeconds }) : "";
  }

  #aim(about, what) {
    this.#about = about;
    this.#editing = null;
    const away = element("button", { class: "button quiet small only-icon", type: "button", ariaLabel: t("common.cancel") }, icon("close"));
    away.onclick = () => this.#clear();
    this.#parts.about.replaceChildren(what, away);
    this.#parts.about.hidden = false;
    this.focus();
  }

  #clear() {
    if (this.#editing) this.#parts.text.value = "";
    this.#about = {};
    this.#editing = null;
    this.#parts.about.hidden = true;
    this.#written();
    this.focus();
  }

  async #submit() {
    const p = this.#parts;
    const text = p.text.value.trim();
    if (!text || p.send.disabled) return;
    if (p.name.isConnected && !(await busy(p.send, () => this.#conversation.rename(p.name.value.trim())))) return;
    const [about, editing] = [this.#about, this.#editing];
    if (editing && !(await busy(p.send, () => this.#conversation.edit(editing, text)))) return;
    p.text.value = "";
    this.#clear();
    this.#conversation.typing(false);
    if (!editing) this.#conversation.say(text, about);
  }

  #pressed(event) {
    if (this.#choosing(event)) return;
    if (event.key === "Escape" && !this.#parts.about.hidden) return event.stopPropagation(), event.preventDefault(), this.#clear();
    // While letters are being put together from keys, Enter is for these.
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  #written() {
    const { text } = this.#parts;
    // Browsers that size it by its content need no help.
    if (!CSS.supports("field-sizing", "content")) {
      text.style.height = "auto";
      text.style.height = `${text.scrollHeight + 2}px`;
    }
    if (!this.#editing) this.#conversation.typing(text.value.trim() !== "");
    this.#suggest();
  }

  #insert(what) {
    const { text } = this.#parts;
    text.setRangeText(what, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    this.#written();
  }

  // MARK: Names

  /** What stands before the cursor of a name. */
  #begun() {
    const { text } = this.#parts;
    return nameBegun(text.value.slice(0, text.selectionStart));
  }

  /** The cursor may have come to another name, or away from all. */
  #moved() {
    if (this.#begun() !== this.#wanted) this.#suggest();
  }

  #hideNames() {
    this.#parts.names.hidden = true;
    this.#wanted = null;
    this.#point();
  }

  #suggest() {
    const { names } = this.#parts;
    const begun = (this.#wanted = this.#begun());
    const found = begun === null ? [] : suggested(begun, this.#room.names);
    names.replaceChildren(...found.map((name, index) => this.#option(name, index)));
    names.hidden = found.length === 0;
    this.#point();
  }

  /** The field says which name would be taken: the cursor stays in it. */
  #point() {
    const { text, names } = this.#parts;
    const chosen = names.hidden ? null : names.querySelector("[aria-selected=true]");
    if (chosen) text.setAttribute("aria-activedescendant", chosen.id);
    else text.removeAttribute("aria-activedescendant");
  }

  #option(name, index) {
    const node = element("button", { class: "composer-name", type: "button", tabIndex: -1, role: "option" }, name);
    node.id = `${this.#parts.names.id}-${index}`;
    node.ariaSelected = String(index === 0);
    // Before the field loses the focus.
    node.onpointerdown = (event) => (event.preventDefault(), this.#choose(name));
    return node;
  }

  #choose(name) {
    const { text } = this.#parts;
    const begun = this.#begun();
    if (begun === null) return this.#hideNames();
    const start = text.selectionStart - begun.length;
    text.setRangeText(`${name} `, start, text.selectionStart, "end");
    this.#written();
  }

  /** Keys that are about the suggestions. */
  #choosing(event) {
    const { names } = this.#parts;
    if (names.hidden || isComposing(event)) return false;
    if (this.#begun() === null) return this.#hideNames(), false;
    const all = [...names.children];
    const at = all.findIndex((node) => node.ariaSelected === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) for (const [index, node] of all.entries()) node.ariaSelected = String(index === (at + step + all.length) % all.length);
    else if (event.key === "Enter" || event.key === "Tab") this.#choose(all[at].textContent);
    else if (event.key === "Escape") names.hidden = true;
    else return false;
    event.preventDefault();
    event.stopPropagation();
    this.#point();
    return true;
  }
}
