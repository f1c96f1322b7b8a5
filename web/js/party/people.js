import { busy } from "../ui/act.js";
import { confirmDialog } from "../ui/dialog.js";
import { element, setText } from "../ui/dom.js";
import { menuButton } from "../ui/menu.js";
import { language, t } from "../ui/messages.js";
import { actsOn, keyOf, present, presentCount } from "../lumiere/partyroom.js";
import { icon } from "./icons.js";

/** Rows at most; a party of more is counted only. Of those who have gone a few are enough. */
const most = 200;
const mostGone = 12;

/** Milliseconds of drift up to which somebody counts as in step. */
const inStep = 40;

/** Who is there, with their part in it and how their film goes. */
export class People {
  #party;
  #rows = new Map();
  #count = element("h2", { class: "side-count" });
  #list = element("ul", { class: "people", role: "list" });
  #compare = new Intl.Collator(language()).compare;
  nodes;

  constructor(party) {
    this.#party = party;
    this.nodes = [this.#count, this.#list];
  }

  show() {
    const all = present(this.#party.room, { compare: this.#compare });
    const here = all.filter(({ isPresent }) => isPresent);
    const gone = all.filter(({ isPresent }) => !isPresent);
    setText(this.#count, t("party.present", { count: presentCount(this.#party.room) }));
    const shown = [...here, ...gone.slice(0, mostGone)].slice(0, most);
    const keys = new Set(shown.map(({ person }) => keyOf(person)));
    for (const [key, row] of this.#rows) if (!keys.has(key)) row.node.remove(), this.#rows.delete(key);
    shown.forEach((member, index) => this.#place(member, index));
  }

  #place(member, index) {
    const key = keyOf(member.person);
    if (!this.#rows.has(key)) this.#rows.set(key, this.#row(key));
    const row = this.#rows.get(key);
    row.show(member);
    if (this.#list.children[index] !== row.node) this.#list.insertBefore(row.node, this.#list.children[index] ?? null);
  }

  #row(key) {
    const avatar = element("span", { class: "person-avatar", "aria-hidden": "true" });
    const name = element("bdi", { class: "person-name" });
    const role = element("span", { class: "person-role" });
    const state = element("span", { class: "person-state" });
    const more = element("button", { class: "button quiet small only-icon", type: "button" }, icon("more"));
    menuButton(more, () => this.#items(this.#party.room.members.get(key)));
    const words = element("span", { class: "person-words" }, element("span", { class: "person-head" }, name, role), state);
    const node = element("li", { class: "person" }, avatar, words, more);
    return { node, show: (member) => this.#showRow(member, { node, avatar, name, role, state, more }) };
  }

  #showRow(member, { node, avatar, name, role, state, more }) {
    const { person } = member;
    const called = person.name || t("party.guest");
    const isMe = this.#isMe(person);
    setText(avatar, [...called][0].toUpperCase());
    setText(name, isMe ? t("party.you", { name: called }) : called);
    setText(role, member.role === "viewer" ? "" : t(`party.role.${member.role}`));
    setText(state, stateText(member));
    state.dataset.state = markOf(member);
    node.classList.toggle("is-away", !member.isPresent);
    more.hidden = this.#items(member).length === 0;
    more.ariaLabel = more.title = t("party.person.more", { name: called });
  }

  #isMe = (person) => keyOf(person) === keyOf(this.#party.me?.person ?? {});

  // MARK: Acting

  #items(member) {
    if (!member) return [];
    const { me, mayHost, room } = this.#party;
    return actsOn(room, member, { me, mayHost, mayKick: this.#party.may("kick") }).map((act) => this.#item(act, member));
  }

  #item(act, { person }) {
    const name = person.name || t("party.guest");
    switch (act) {
      case "remove": return { label: t("party.remove"), icon: "close", danger: true, act: () => this.#remove(person, name) };
      case "host": return { label: t(this.#isMe(person) ? "party.make.host.me" : "party.make.host"), icon: "flag", act: () => this.#handOver(person, name) };
      default: return { label: t(`party.make.${act}`), icon: act === "controller" ? "sliders" : "show", act: () => this.#setRole(person, act) };
    }
  }

  #setRole = (person, role) => busy(null, () => this.#party.setRole(person, role));

  /** Who gives it away is told what that means; who owns the party takes it back without a question. */
  #handOver(person, name) {
    if (this.#isMe(person)) return this.#setRole(person, "host");
    const words = this.#party.isManager ? "party.make.host.owner" : "party.make.host.text";
    return confirmDialog(t(words, { name }),
      { title: t("party.make.host"), action: t("party.make.host"), act: () => this.#party.setRole(person, "host") });
  }

  #remove = (person, name) => confirmDialog(t("party.remove.text", { name }),
    { title: t("party.remove"), action: t("party.remove"), danger: true, act: () => this.#party.dismiss(person) });
}

function markOf({ isPresent, state, drift = 0 }) {
  if (!isPresent) return "gone";
  if (state === "buffering") return "buffering";
  return Math.abs(drift) > inStep ? "off" : "well";
}

/** How somebody's film goes: what is wrong with it first. */
function stateText({ isPresent, state, drift }) {
  if (!isPresent) return t("party.state.gone");
  if (state === "buffering") return t("party.state.buffering");
  if (state === "paused" || state === "ready") return t(`party.state.${state}`);
  if (drift === undefined || drift === null) return t("party.state.coming");
  if (Math.abs(drift) < 1) return t("party.drift.none");
  return t(drift > 0 ? "party.drift.ahead" : "party.drift.behind", { count: Math.abs(Math.round(drift)) });
}
