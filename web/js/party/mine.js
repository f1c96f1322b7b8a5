import { busy } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { dateAndTime } from "../ui/format.js";
import { field, input } from "../ui/form.js";
import { loadMessages, t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { loadStyle } from "../ui/style.js";
import { icon } from "./icons.js";

/** Parties shown; older ones are found by their links. */
const most = 200;

/** The parties of whoever is signed in, a way to begin another, and the way into that of somebody else. */
export class Mine {
  #account;
  #root;

  constructor(account, root) {
    [this.#account, this.#root] = [account, root];
    account.onChange = () => this.start();
  }

  async start() {
    this.#root.hidden = false;
    if (!this.#account.user) return this.#askSignIn();
    await loadStyle("party-more");
    const list = element("ul", { class: "mine-list", role: "list" });
    const state = element("p", { class: "side-empty", role: "status" }, t("common.loading"));
    this.#root.replaceChildren(element("main", { class: "mine" }, head(),
      element("div", { class: "mine-forms" }, this.#begin(), joining()),
      element("section", { class: "mine-parties" }, element("h2", { class: "mine-title" }, t("party.mine")), list, state)));
    this.#read(list, state);
  }

  /** The desk's way in, with what it needs. */
  async #askSignIn() {
    const [{ open }] = await Promise.all([import("../desk/signin.js"), loadStyle("desk"), loadStyle("desk-pages"), loadMessages("desk")]);
    const { node, show } = open({ account: this.#account });
    this.#root.replaceChildren(node);
    show();
  }

  async #read(list, state) {
    try {
      for await (const parties of this.#account.pages("/api/parties")) {
        list.append(...parties.map(row));
        if (list.children.length >= most) break;
      }
      setText(state, list.children.length === 0 ? t("party.mine.empty") : "");
    } catch (problem) {
      setText(state, problemText(problem));
    }
  }

  #begin() {
    const title = input({ maxLength: 200, required: true, placeholder: t("party.create.example") });
    const button = element("button", { class: "button primary", type: "submit" }, icon("plus"), t("party.create"));
    const form = element("form", { class: "card mine-form" }, element("h2", { class: "mine-title" }, t("party.create")), field(t("party.name"), title),
      element("p", { class: "field-hint" }, t("party.create.text")), button);
    form.onsubmit = (event) => {
      event.preventDefault();
      busy(button, async () => {
        const party = await this.#account.ask("/api/parties", { method: "POST", body: { title: title.value.trim() || t("party.title") } });
        location.assign(addressOf(party));
      });
    };
    return form;
  }
}

function head() {
  const brand = element("a", { class: "brand", href: "/" }, element("img", { src: "/assets/icon.svg", alt: "", width: 24, height: 24 }), "Lumiere");
  const desk = element("a", { class: "button small", href: "/desk" }, t("party.desk"));
  return element("header", { class: "mine-head" }, brand, element("h1", { class: "mine-heading" }, t("party.title")), desk);
}

function joining() {
  const code = input({ required: true, maxLength: 64, autocomplete: "off", autocapitalize: "characters", spellcheck: false });
  const form = element("form", { class: "card mine-form" }, element("h2", { class: "mine-title" }, t("party.join")), field(t("party.door.code"), code),
    element("p", { class: "field-hint" }, t("party.join.text")), element("button", { class: "button", type: "submit" }, t("party.door.enter")));
  form.onsubmit = (event) => {
    event.preventDefault();
    if (code.value.trim()) location.assign(`/party/${encodeURIComponent(code.value.trim())}`);
  };
  return form;
}

function row(party) {
  const count = party.presentCount > 0 ? t("party.present", { count: party.presentCount }) : "";
  const facts = [dateAndTime(party.createdAt), count].filter(Boolean).join(" · ");
  const words = element("span", { class: "reel-words" }, element("span", { class: "reel-title", dir: "auto" }, party.title),
    element("span", { class: "reel-facts" }, facts));
  const mark = element("span", { class: party.state?.playing ? "mine-mark is-on" : "mine-mark" }, icon(party.state?.playing ? "play" : "film"));
  return element("li", {}, element("a", { class: "mine-entry", href: addressOf(party) }, mark, words, icon("next")));
}

const addressOf = ({ partyPath, accessCode, id }) => partyPath ?? `/party/${encodeURIComponent(accessCode ?? id)}`;
