import { later } from "../lumiere/later.js";
import { say } from "../ui/act.js";
import { Unread } from "../chat/unread.js";
import { element } from "../ui/dom.js";

/** What is said, at which moment of the film. The panel is fetched when it is looked at first. */
export class Talk extends EventTarget {
  #party;
  #goTo;
  #unread;
  #panel = null;
  node = element("div", { class: "side-panel side-chat" });

  /** @param {(moment: {mediaId: string, position: number}) => void} goTo leads to a moment of a film */
  constructor(party, goTo) {
    super();
    [this.#party, this.#goTo] = [party, goTo];
    this.#unread = new Unread({ caller: party.caller, session: { id: party.id } });
    this.#unread.addEventListener("unread", () => this.dispatchEvent(new Event("count")));
  }

  /** Messages that the reader has not seen. */
  get count() {
    return this.#unread.count;
  }

  async open() {
    if (this.#panel) return;
    try {
      const { ChatPanel } = await later("../chat/panel.js", import.meta.url);
      this.#panel ??= this.#made(ChatPanel);
    } catch {
      say({ code: "unreachable" });
    }
  }

  #made(ChatPanel) {
    const { caller, id, live } = this.#party;
    const panel = new ChatPanel({
      caller, live, session: { id }, unread: this.#unread, say: (message) => this.#party.say(message),
      moments: { go: (moment) => this.#goTo(moment) },
    });
    this.node.append(panel);
    return panel;
  }

  /** What is said in a party comes by another name than elsewhere. */
  happened(message) {
    const told = message.type === "party_chat" ? { ...message, type: "new_message" } : message;
    this.#unread.handle(told);
    this.#panel?.handle(told);
  }

  joined(recovered) {
    if (!recovered) this.#unread.joined();
    this.#panel?.joined(recovered);
  }
}
