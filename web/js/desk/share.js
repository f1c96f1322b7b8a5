import { busy } from "../ui/act.js";
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { element, setText } from "../ui/dom.js";
import { keepingFocus } from "../ui/focus.js";
import { choice, field, input } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { accessCard } from "./access.js";
import { changeCode } from "./codeform.js";
import { LinkCards } from "./links.js";
import { steadily } from "./steadily.js";
import { ago } from "./words.js";

/** Who gets in, and how: the code, links, guests who are in, and the team. */
class Share {
  #page;
  #access = element("div", { class: "share-access" });
  #links;
  #guests = element("ul", { class: "rows card" });
  /** Guests' ids to their rows: each keeps its own while others come and go. */
  #rows = new Map();
  #turn = 0;
  #members = element("ul", { class: "rows card" });
  #names = new Map();
  node;

  constructor(page) {
    this.#page = page;
    const mayManage = page.may("manage");
    this.#links = new LinkCards(page, (links) => this.#learn(links));
    const blocks = mayManage
      ? [this.#links.node, this.#block("desk.share.guests", this.#guests, this.#refresh()),
      this.#block("desk.share.team", this.#members, this.#add())]
      : [this.#block("desk.share.team", this.#members)];
    this.node = element("div", { class: "share" }, element("h1", { class: "page-title", tabIndex: -1 }, t("desk.nav.share")),
      element("div", { class: "share-columns" }, this.#access, element("div", { class: "share-main" }, ...blocks)));
    this.changed();
    if (mayManage) this.#loadGuests();
    this.#loadMembers();
  }

  changed() {
    const change = element("button", { class: "button quiet small", type: "button", onclick: () => changeCode(this.#page) }, icon("edit"),
      t("desk.code.change"));
    this.#access.replaceChildren(accessCard(this.#page), ...(this.#page.may("manage") && !this.#page.isArchived ? [change] : []));
  }

  happened({ type }) {
    if ((type === "user_joined" || type === "user_left") && this.#page.may("manage")) this.#later();
  }

  close() {
    this.#isClosed = true;
  }

  #isClosed = false;

  #later = steadily(async () => this.#isClosed || this.#loadGuests(), 1500);

  // MARK: Guests

  #learn(links) {
    this.#names = new Map(links.map(({ id, name }) => [id, name]));
    this.#loadGuests();
  }

  async #loadGuests() {
    const turn = (this.#turn += 1);
    try {
      const page = await this.#page.account.ask(`/api/sessions/${this.#page.id}/guests`, { query: { limit: 100 } });
      if (turn === this.#turn) this.#showGuests(page);
    } catch (problem) {
      if (turn === this.#turn && this.#rows.size === 0) this.#guests.replaceChildren(element("li", { class: "row" }, problemText(problem)));
    }
  }

  #showGuests({ items, nextCursor }) {
    const former = this.#rows;
    this.#rows = new Map(items.map((guest) => [guest.id, former.get(guest.id) ?? this.#guest(guest)]));
    for (const guest of items) this.#rows.get(guest.id).show(guest);
    const said = items.length === 0 ? ["desk.share.noguests"] : nextCursor ? ["desk.share.moreguests"] : [];
    const rest = said.map((key) => element("li", { class: "row row-facts" }, t(key)));
    keepingFocus(this.#guests, () => this.#guests.replaceChildren(...[...this.#rows.values()].map(({ node }) => node), ...rest));
  }

  #guest({ id }) {
    const avatar = element("span", { class: "avatar small", "aria-hidden": "true" });
    const [title, facts] = [element("span", { class: "row-title" }), element("span", { class: "row-facts" })];
    const out = element("button", { class: "button small", type: "button" }, t("desk.share.out"));
    out.onclick = () => this.#showOut(id, title.textContent);
    const node = element("li", { class: "row" }, avatar, element("div", { class: "row-words" }, title, facts), out);
    const show = (guest) => {
      const name = guest.name || t("desk.report.nameless");
      const way = guest.link ? this.#names.get(guest.link) ?? t("desk.share.bylink") : t("desk.share.bycode");
      setText(avatar, [...name][0].toUpperCase());
      setText(title, name);
      setText(facts, `${way} · ${ago(guest.enteredAt)}`);
      out.ariaLabel = t("desk.share.outlabel", { name });
    };
    return { node, show };
  }

  async #showOut(id, name) {
    const act = () => this.#page.account.ask(`/api/sessions/${this.#page.id}/guests/${id}`, { method: "DELETE" });
    const isOut = await confirmDialog(t("desk.share.outtext", { name }), { title: t("desk.share.out"), danger: true, action: t("desk.share.out"), act });
    if (isOut) await this.#loadGuests();
  }

  #refresh() {
    const button = element("button",
      { class: "button quiet small only-icon", type: "button", ariaLabel: t("desk.refresh"), title: t("desk.refresh") }, icon("refresh"));
    button.onclick = () => busy(button, () => this.#loadGuests());
    return button;
  }

  // MARK: The team

  async #loadMembers() {
    try {
      const { items } = await this.#page.account.ask(`/api/sessions/${this.#page.id}/members`, { query: { limit: 100 } });
      this.#members.replaceChildren(...items.map((member) => this.#member(member)));
    } catch (problem) {
      this.#members.replaceChildren(element("li", { class: "row" }, problemText(problem)));
    }
  }

  #member(member) {
    const name = member.name ?? member.userId.slice(-6);
    const row = element("li", { class: "row" }, element("span", { class: "avatar small", "aria-hidden": "true" }, [...name][0].toUpperCase()),
      element("div", { class: "row-words" }, element("span", { class: "row-title" }, name),
        element("span", { class: "row-facts" }, `${t(`desk.role.${member.role}`)} · ${t(`desk.role.${member.role}text`)}`)));
    const isSelf = member.userId === this.#page.account.user.id;
    if (member.role !== "owner" && (this.#page.may("manage") || isSelf)) row.append(this.#memberMenu(member, name, isSelf));
    return row;
  }

  #memberMenu(member, name, isSelf) {
    const button = element("button",
      { class: "button quiet small only-icon", type: "button", ariaLabel: t("desk.share.memberlabel", { name }) }, icon("more"));
    const path = `/api/sessions/${this.#page.id}/members/${member.userId}`;
    const change = (act) => () => busy(button, async () => {
      await act();
      await this.#loadMembers();
    });
    const role = (name) => ({ label: t(`desk.role.${name}`), checked: member.role === name,
      act: change(() => this.#page.account.ask(path, { method: "PUT", body: { role: name } })) });
    const manage = [role("photographer"), role("editor"), null,
      { label: t("desk.share.owner"), icon: "person", act: () => this.#handOver(member, name) }, null];
    menuButton(button, () => [...(this.#page.may("manage") ? manage : []),
      { label: t(isSelf ? "desk.share.leave" : "desk.share.remove"), icon: "trash", danger: true,
        act: change(() => this.#page.account.ask(path, { method: "DELETE" })) }]);
    return button;
  }

  #handOver({ userId }, name) {
    const act = async () => {
      this.#page.take(await this.#page.account.ask(`/api/sessions/${this.#page.id}/owner`, { method: "POST", body: { userId } }));
      await this.#loadMembers();
    };
    confirmDialog(t("desk.share.ownertext", { name }), { title: t("desk.share.owner"), danger: true, action: t("desk.share.owner"), act });
  }

  #add() {
    const button = element("button", { class: "button small", type: "button" }, icon("plus"), t("desk.share.add"));
    button.hidden = this.#page.isArchived;
    button.onclick = () => {
      const email = input({ type: "email", required: true, autocomplete: "off" });
      const role = choice(["photographer", "editor"].map((name) => [name, `${t(`desk.role.${name}`)}: ${t(`desk.role.${name}text`)}`]),
        "photographer");
      const form = element("form", { class: "form-grid" }, wide(field(t("desk.share.email"), email, t("desk.share.emailhint"))),
        wide(field(t("desk.share.role"), role)));
      const act = async () => {
        if (!form.reportValidity()) return false;
        await this.#page.account.ask(`/api/sessions/${this.#page.id}/members`,
          { method: "POST", body: { email: email.value.trim(), role: role.value } });
        await this.#loadMembers();
      };
      openDialog({ title: t("desk.share.add"), body: form, focus: email,
        actions: [{ name: "cancel", label: t("common.cancel") }, { name: "add", label: t("desk.share.add"), kind: "primary", act }] });
    };
    return button;
  }

  #block(key, body, ...extra) {
    return element("section", { class: "block" },
      element("div", { class: "block-head" }, element("h2", { class: "block-title" }, t(key)), ...extra), body);
  }
}

function wide(node) {
  node.classList.add("is-wide");
  return node;
}

export const open = (page) => new Share(page);
