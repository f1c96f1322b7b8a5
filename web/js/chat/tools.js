import { busy } from "../ui/act.js";
import { confirmDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { permissions } from "./lines.js";
import { nameOf } from "./said.js";

/** For a first reaction, and for whoever writes without such keys. */
const quick = ["❤️", "😂", "😍", "👏", "🎉"];
const all = [
  ...quick, "👍", "🙏", "🔥", "✨", "💐", "🥂", "🎂", "💍", "📷", "😊", "😘", "🥰", "🤩", "😮", "😢", "🤣", "😎", "💯", "🌟",
];

/** What can be done with a message: one bar that goes to whichever message is looked at. */
export class Tools {
  #talkOf;
  #acts;
  /** Said to nobody by itself, though it comes and goes inside the log. */
  #bar = element("div", { class: "said-tools", role: "toolbar", ariaLive: "off" });
  #id = null;

  /**
   * @param {HTMLElement} list
   * @param {() => Conversation} conversation
   * @param {{reply(message), edit(message), react(id, emoji, isAdded)}} acts
   */
  constructor(list, conversation, acts) {
    this.#talkOf = conversation;
    this.#acts = acts;
    this.#bar.ariaLabel = t("chat.tools");
    list.addEventListener("focusin", ({ target }) => this.#goTo(target));
    list.addEventListener("pointerover", ({ target, pointerType }) => pointerType === "mouse" && this.#goTo(target));
    // A finger has nothing to hover with: it taps.
    list.addEventListener("click", ({ target }) => !target.closest("button, a") && this.#goTo(target));
    list.addEventListener("pointerleave", () => list.contains(document.activeElement) || this.#bar.remove());
  }

  #goTo(target) {
    const node = target.closest?.(".said[data-id]");
    if (!node || this.#bar.contains(target) || this.#bar.parentNode === node) return;
    const conversation = this.#talkOf();
    const message = conversation.talk.messages.find(({ id }) => id === node.dataset.id);
    const may = message && permissions(message, {
      isMine: conversation.isMine(message), isModerator: Boolean(conversation.rules?.isModerator), canSpeak: conversation.isWritable, now: Date.now(),
    });
    const buttons = may ? this.#buttons(message, may) : [];
    this.#bar.remove();
    if (buttons.length === 0) return;
    this.#bar.replaceChildren(...buttons);
    node.append(this.#bar);
  }

  #buttons(message, may) {
    const buttons = [];
    if (may.react) buttons.push(...quick.slice(0, 3).map((emoji) => this.#reaction(message, emoji)));
    if (may.react) buttons.push(this.#moreEmoji(message));
    if (may.reply) buttons.push(tool("undo", t("chat.reply"), () => this.#acts.reply(message)));
    const more = this.#more(message, may);
    if (more.length > 0) {
      const button = tool("more", t("common.more"), () => {});
      menuButton(button, () => more);
      buttons.push(button);
    }
    return buttons;
  }

  #reaction(message, emoji) {
    const isMine = message.reactions?.some((one) => one.emoji === emoji && one.isMine);
    const label = t("chat.react", { emoji });
    const onclick = () => this.#acts.react(message.id, emoji, !isMine);
    return element("button", { class: "said-tool", type: "button", ariaLabel: label, title: label, onclick }, emoji);
  }

  #moreEmoji(message) {
    return emojiButton("plus", t("chat.moreReactions"), (emoji) => this.#acts.react(message.id, emoji, true), "said-tool");
  }

  #more(message, may) {
    const conversation = this.#talkOf();
    const mute = (minutes) => () => muted(conversation, message.author, minutes);
    return [
      may.edit && { label: t("common.edit"), icon: "edit", act: () => this.#acts.edit(message) },
      message.text && { label: t("common.copy"), icon: "copy", act: () => navigator.clipboard?.writeText(message.text).catch(() => {}) },
      may.mute && { label: t("chat.muteHour", { name: nameOf(message.author) }), icon: "clock", act: mute(60) },
      may.mute && { label: t("chat.mute", { name: nameOf(message.author) }), icon: "hide", act: mute(null) },
      may.remove && { label: t("common.delete"), icon: "trash", danger: true, act: () => removed(conversation, message) },
    ].filter(Boolean);
  }
}

const removed = (conversation, message) =>
  confirmDialog(t(conversation.isMine(message) ? "chat.confirmDelete" : "chat.confirmRemove"), {
    danger: true, action: t("common.delete"), act: () => conversation.remove(message.id),
  });

const muted = (conversation, person, minutes) =>
  busy(null, () => conversation.mutes.add(person, minutes ? new Date(Date.now() + minutes * 60_000).toISOString() : undefined));

/** A button that opens a small choice of emoji. */
export function emojiButton(name, label, onChosen, kind = "button quiet only-icon") {
  const button = element("button", { class: kind, type: "button", ariaLabel: label, title: label }, icon(name));
  button.onclick = () => openEmoji(button, label, onChosen);
  return button;
}

function openEmoji(button, label, onChosen) {
  const menu = element("div", { class: "emoji", popover: "auto", role: "group", ariaLabel: label });
  const choose = (emoji) => (menu.hidePopover(), onChosen(emoji));
  menu.append(...all.map((emoji) => element("button", { class: "emoji-one", type: "button", onclick: () => choose(emoji) }, emoji)));
  menu.ontoggle = ({ newState }) => newState === "closed" && (menu.remove(), button.isConnected && button.focus({ preventScroll: true }));
  menu.onkeydown = (event) => stepped(event, menu);
  (button.closest("dialog") ?? document.body).append(menu);
  menu.showPopover();
  const at = button.getBoundingClientRect();
  menu.style.left = `${Math.max(6, Math.min(at.left, innerWidth - menu.offsetWidth - 6))}px`;
  menu.style.top = `${at.top > menu.offsetHeight + 12 ? at.top - menu.offsetHeight - 6 : at.bottom + 6}px`;
  menu.firstChild.focus();
}

function stepped(event, menu) {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 6, ArrowUp: -6 }[event.key];
  if (!step) return;
  event.preventDefault();
  const one = [...menu.children];
  one[one.indexOf(document.activeElement) + step]?.focus();
}

function tool(name, label, onclick) {
  return element("button", { class: "said-tool", type: "button", ariaLabel: label, title: label, onclick }, icon(name));
}
