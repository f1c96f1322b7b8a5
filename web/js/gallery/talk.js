import { say } from "../ui/act.js";
import { byId, element, setText } from "../ui/dom.js";
import { icon } from "./icons.js";

/** The chat's button with the count of what is unread, and the panel once somebody opens it. */
export class Talk {
  #visit;
  #panel = null;
  #unread = 0;
  #button = byId("chat");
  #badge = element("span", { class: "count-badge", hidden: true });
  #place = element("aside", { class: "talk", hidden: true });

  constructor(visit) {
    this.#visit = visit;
    this.#button.append(icon("chat"), this.#badge);
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.addEventListener("click", () => this.#toggle());
    document.body.append(this.#place);
    this.#place.addEventListener("keydown", (event) => event.key === "Escape" && this.#close());
  }

  /** Something has happened in the session. */
  happened(message) {
    if (this.#panel) return this.#panel.handle(message);
    const isOwn = message.data?.author?.id === this.#visit.pass.guestId;
    if (message.type === "new_message" && !isOwn) this.#show(this.#unread + 1);
  }

  joined(recovered) {
    if (this.#panel) return this.#panel.joined(recovered);
    if (!recovered) this.#count();
  }

  /** The guest has another name. */
  renamed() {
    this.#panel?.renamed?.();
  }

  async #count() {
    const { session, pass } = this.#visit;
    // Unknown is shown as nothing.
    const chat = await pass.ask(`/api/sessions/${session.id}/chat`).catch(() => null);
    if (!chat) return;
    this.#button.hidden = !chat.isOn && chat.lastSequence === 0;
    this.#show(chat.unread);
  }

  #show(count) {
    this.#unread = count;
    this.#badge.hidden = count === 0;
    setText(this.#badge, count > 99 ? "99+" : String(count));
  }

  async #toggle() {
    if (!this.#place.hidden) return this.#close();
    try {
      await this.#load();
    } catch {
      return say({ code: "unreachable" });
    }
    this.#place.hidden = false;
    document.body.classList.add("has-talk");
    this.#button.setAttribute("aria-expanded", "true");
    this.#panel.opened?.();
    this.#place.querySelector("textarea, input")?.focus({ preventScroll: true });
  }

  #close() {
    this.#place.hidden = true;
    document.body.classList.remove("has-talk");
    this.#button.setAttribute("aria-expanded", "false");
    this.#panel.closed?.();
    this.#button.focus({ preventScroll: true });
  }

  async #load() {
    if (this.#panel) return;
    const { ChatPanel } = await import("../chat/panel.js");
    const { pass, live, session } = this.#visit;
    const me = { kind: "guest", id: pass.guestId, name: pass.name };
    this.#panel = new ChatPanel({ caller: pass, live, session, me });
    this.#panel.addEventListener("unread", () => this.#show(this.#panel.unread));
    this.#panel.addEventListener("close", () => this.#close());
    this.#place.append(this.#panel);
  }
}
