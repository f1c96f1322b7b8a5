import { Unread } from "../chat/unread.js";
import { later } from "../lumiere/later.js";
import { busy } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { sessionAddress } from "./router.js";

/** The chat beside the views: a button with what is unread, and a panel that is fetched when it is first opened. */
export class ChatDrawer {
  #page;
  #badge = element("span", { class: "count-badge button-badge", hidden: true });
  #drawer = null;
  #panel = null;
  #unread;
  #isClosed = false;
  button;

  constructor(page) {
    this.#page = page;
    this.button = element("button", { class: "button quiet only-icon", type: "button", title: t("desk.chat.title"), onclick: () => this.#toggle() },
      icon("chat"), this.#badge);
    this.button.setAttribute("aria-expanded", "false");
    this.#unread = new Unread({ caller: page.account, live: page.live, session: page.session, me: page.account.user });
    this.#unread.addEventListener("unread", () => this.#count());
    this.#unread.joined();
    this.#count();
  }

  happened(message) {
    this.#unread.handle(message);
    this.#panel?.handle(message);
  }

  joined(recovered) {
    this.#unread.joined(recovered);
    this.#panel?.joined(recovered);
  }

  close() {
    this.#isClosed = true;
    this.#drawer?.remove();
    document.documentElement.classList.remove("has-chat");
  }

  #count() {
    const unread = this.#unread.count;
    this.#badge.hidden = !unread;
    setText(this.#badge, unread > 99 ? "99+" : String(unread));
    this.button.ariaLabel = unread ? t("desk.chat.unread", { count: unread }) : t("desk.chat.title");
  }

  async #toggle() {
    const isThere = this.#drawer || (await busy(this.button, () => this.#build()));
    if (isThere && !this.#isClosed) this.#show(this.#drawer.hidden);
  }

  async #build() {
    const { ChatPanel } = await later("../chat/panel.js", import.meta.url);
    if (this.#isClosed) return;
    const { account, live, session } = this.#page;
    this.#panel = new ChatPanel({ caller: account, live, session, me: account.user, unread: this.#unread });
    this.#panel.addEventListener("photo", ({ detail }) => (location.hash = sessionAddress(this.#page.id, "photos", { photo: detail })));
    const close = element("button",
      { class: "button quiet only-icon", type: "button", ariaLabel: t("common.close"), onclick: () => this.#show(false) }, icon("close"));
    this.#drawer = element("aside", { class: "chat-drawer", ariaLabel: t("desk.chat.title"), hidden: true },
      element("div", { class: "chat-drawer-head" }, element("h2", { class: "chat-drawer-title" }, t("desk.chat.title")), close), this.#panel);
    this.#drawer.addEventListener("keydown", (event) => event.key === "Escape" && this.#show(false));
    document.body.append(this.#drawer);
  }

  #show(isOpen) {
    this.#drawer.hidden = !isOpen;
    document.documentElement.classList.toggle("has-chat", isOpen);
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.#drawer.querySelector("textarea, input, button")?.focus();
    else this.button.focus();
  }
}
