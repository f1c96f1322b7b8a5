import { busy, say } from "../ui/act.js";
import { element } from "../ui/dom.js";
import { area, choice, field, toggle } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";

const paces = [0, 5, 15, 30, 60, 300];

/** Whether there is a chat, how fast it goes, and what must not be said in it. */
export class ChatSettings {
  #page;
  /** What holds. */
  #chat;
  node = element("div", { class: "dialog-form" }, element("div", { class: "skeleton set-skeleton" }));

  constructor(page) {
    this.#page = page;
    page.account.ask(this.#path).then((chat) => this.#show(chat), (problem) => say(problem));
  }

  get #path() {
    return `/api/sessions/${this.#page.id}/chat`;
  }

  #show(chat) {
    this.#chat = chat;
    const isOn = toggle(t("desk.set.chatOn"), chat.isOn, { hint: t("desk.set.chatOn.hint"),
      onChange: (value) => this.#keep({ isOn: value }, () => (isOn.box.checked = this.#chat.isOn)) });
    const known = [...new Set([...paces, chat.slowModeSeconds])].sort((a, b) => a - b);
    const slow = choice(known.map((seconds) =>
      [String(seconds), seconds === 0 ? t("desk.set.slow.off") : t("desk.set.slow.seconds", { count: seconds })]), String(chat.slowModeSeconds));
    slow.onchange = () => this.#keep({ slowModeSeconds: Number(slow.value) }, () => (slow.value = String(this.#chat.slowModeSeconds)));
    const words = area({ value: (chat.words ?? []).join("\n"), rows: 3, spellcheck: false });
    words.onchange = () => this.#keep({ words: [...new Set(words.value.split(/\n|,|，/).map((word) => word.trim()).filter(Boolean))] });
    this.node.replaceChildren(isOn, field(t("desk.set.slow"), slow), field(t("desk.set.words"), words, t("desk.set.words.hint")));
  }

  /** What cannot be kept is said, and the control shows what holds; words that were written stay, to be tried again. */
  async #keep(body, putBack) {
    const isKept = await busy(null, () => this.#page.account.ask(this.#path, { method: "PUT", body }));
    if (!isKept) return putBack?.();
    this.#chat = { ...this.#chat, ...body };
    toast(t("desk.detail.saved"));
  }
}
