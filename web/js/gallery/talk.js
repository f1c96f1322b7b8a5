import { later } from "../lumiere/later.js";
import { busy, say } from "../ui/act.js";
import { byId, element, setText } from "../ui/dom.js";
import { Unread } from "../chat/unread.js";
import { icon } from "./icons.js";

/** The chat's button with the count of what is unread, and the panel once somebody opens it. */
export class Talk {
  #visit;
  #panel = null;
  #unread;
  #button = byId("chat");
  #badge = element("span", { class: "count-badge", hidden: true });
  /** In such a window the chat takes all of it. */
  #narrow = matchMedia("(max-width: 700px)");
  #place = element("aside", { class: "chat-place", hidden: true });

  constructor(visit) {
    this.#visit = visit;
    this.#unread = new Unread({ caller: visit.pass, session: visit.session });
    this.#unread.addEventListener("unread", () => this.#show());
    this.#button.append(icon("chat"), this.#badge);
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.addEventListener("click", () => this.#toggle());
    this.#place.setAttribute("aria-label", this.#button.title);
    this.#place.append(this.#head());
    byId("gallery").append(this.#place);
    this.#narrow.addEventListener("change", () => this.#cover());
    this.#place.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.#close());
  }

  /** Something has happened in the session. */
  happened(message) {
    this.#unread.handle(message);
    this.#panel?.handle(message);
  }

  joined(recovered, people) {
    if (!recovered) this.#unread.joined();
    this.#panel?.joined(recovered, people);
  }

  #head() {
    const close = element("button", { class: "round", type: "button", "aria-label": byId("close").ariaLabel, onclick: () => this.#close() });
    close.append(icon("close"));
    return element("header", { class: "panel-head" }, element("h2", { class: "panel-title" }, this.#button.title), close);
  }

  #show() {
    const { count } = this.#unread;
    this.#badge.hidden = count === 0;
    setText(this.#badge, count > 99 ? "99+" : String(count));
  }

  async #toggle() {
    if (!this.#place.hidden) return this.#close();
    if (!(await busy(this.#button, () => this.#load(), () => say({ code: "unreachable" })))) return;
    this.#place.hidden = false;
    this.#cover();
    document.body.classList.add("has-chat");
    this.#button.setAttribute("aria-expanded", "true");
    this.#place.querySelector("textarea, button")?.focus({ preventScroll: true });
  }

  #close() {
    this.#place.hidden = true;
    this.#cover();
    document.body.classList.remove("has-chat");
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.focus({ preventScroll: true });
  }

  /** On phones it lies over everything: what is below cannot be reached by Tab either. Phones are turned, windows drawn larger. */
  #cover() {
    for (const id of ["main", "bar"]) byId(id).inert = !this.#place.hidden && this.#narrow.matches;
  }

  async #load() {
    if (this.#panel) return;
    const { ChatPanel } = await later("../chat/panel.js", import.meta.url);
    const { pass: caller, live, session, me } = this.#visit;
    this.#panel = new ChatPanel({ caller, live, session, me, unread: this.#unread });
    this.#panel.addEventListener("photo", (event) => this.#visit.openById(event.detail));
    this.#place.append(this.#panel);
  }
}
