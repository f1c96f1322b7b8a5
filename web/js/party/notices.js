import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";

/** Milliseconds that a notice stays, and how many do at once. */
const stay = 4500;
const most = 3;

/** Says in passing who comes and goes, and who has done what to the film. */
export class Notices {
  #party;
  #list = element("div", { class: "notices", role: "status" });
  #sequence = 0;

  constructor(party, stage) {
    this.#party = party;
    stage.append(this.#list);
  }

  happened({ type, data }) {
    if (type === "party_member") this.#member(data);
    if (type === "party_state") this.#state(data);
  }

  #member({ change, member: { person, role } }) {
    const name = person.name || t("party.guest");
    if (change === "role") return this.#say(t(`party.said.role.${role}`, { name }));
    if (!this.#isMe(person)) this.#say(t(`party.said.${change}`, { name }));
  }

  #state({ sequence, action, by }) {
    if (sequence <= this.#sequence) return;
    this.#sequence = sequence;
    if (!by || this.#isMe(by)) return;
    const said = t(`party.said.${action}`, { name: by.name || t("party.guest") });
    if (said !== `party.said.${action}`) this.#say(said);
  }

  #isMe = ({ id }) => id === this.#party.me?.person.id;

  #say(text) {
    while (this.#list.children.length >= most) this.#list.firstChild.remove();
    const node = element("p", { class: "notice-line", dir: "auto" }, text);
    this.#list.append(node);
    setTimeout(() => node.remove(), stay);
  }
}
