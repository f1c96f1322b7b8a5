import { element, prefersStillness } from "../ui/dom.js";
import { t } from "../ui/messages.js";

const emoji = ["😂", "❤️", "😮", "👏", "😢", "🔥"];

/** Floating at the same time; more would hide the film. */
const most = 24;

/** Milliseconds that one floats. */
const stay = 3200;

/** Milliseconds between two of one's own. */
const pace = 250;

/** What people feel about this very moment: it floats by over the film. */
export class Reactions {
  #party;
  #stage;
  #sentAt = 0;
  bar;

  constructor(party, stage) {
    [this.#party, this.#stage] = [party, stage];
    this.bar = element("div", { class: "reactions", role: "group", ariaLabel: t("party.react") }, ...emoji.map((one) => this.#button(one)));
  }

  happened({ type, data }) {
    if (type === "party_reaction" && !this.#isMe(data.person)) this.#float(data.emoji);
  }

  #button(one) {
    const button = element("button", { class: "reaction", type: "button", ariaLabel: t("party.reactWith", { emoji: one }) }, one);
    button.onclick = () => this.#send(one);
    return button;
  }

  /** One's own is seen at once; what does not get through was not worth a word. */
  #send(one) {
    const now = performance.now();
    if (now - this.#sentAt < pace) return;
    this.#sentAt = now;
    this.#float(one);
    this.#party.react(one).catch(() => {});
  }

  #isMe = ({ id }) => id === this.#party.me?.person.id;

  #float(one) {
    if (prefersStillness() || document.hidden || this.#stage.querySelectorAll(".floating").length >= most) return;
    const node = element("span", { class: "floating", "aria-hidden": "true" }, one);
    node.style.insetInlineEnd = `${4 + Math.random() * 22}%`;
    node.style.setProperty("--sway", `${Math.round(Math.random() * 60 - 30)}px`);
    this.#stage.append(node);
    setTimeout(() => node.remove(), stay);
  }
}
