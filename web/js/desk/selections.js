import { busy } from "../ui/act.js";
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { toast } from "../ui/toast.js";
import { ExportForm } from "./exportform.js";
import { sessionAddress } from "./router.js";
import { SelectionForm } from "./selectionform.js";
import { SelectionPhotos } from "./selectionphotos.js";
import { ago, dateTime, number } from "./words.js";

/** Lists of photos that guests choose, as they grow; one of them opened. */
class Selections {
  #page;
  #lists = new Map();
  #list = element("ul", { class: "selection-list" });
  #detail = element("section", { class: "selection-detail" });
  #photos = null;
  #openId = null;
  node;

  constructor(page) {
    this.#page = page;
    const add = element("button", { class: "button", type: "button", onclick: () => this.#edit(null) }, icon("plus"), t("desk.selection.new"));
    add.hidden = !this.#mayEdit;
    this.node = element("div", { class: "selections" },
      element("div", { class: "page-head" }, element("h1", { class: "page-title", tabIndex: -1 }, t("desk.nav.selections")), add),
      element("div", { class: "selection-columns" }, this.#list, this.#detail));
    this.#load();
  }

  get #mayEdit() {
    return !this.#page.isArchived && this.#page.may("edit");
  }

  show({ query }) {
    this.#openId = query.get("list") || null;
    this.#showDetail();
    this.#showList();
  }

  happened({ type, data }) {
    if (type === "selection_updated") this.#put(data.selection ?? data);
    if (type === "selection_deleted") this.#remove(data.selectionId ?? data.id);
    if (type === "selection_photo_changed") {
      if (data.selectionId === this.#openId) this.#photos?.changed(data);
      this.#refresh(data.selectionId);
    }
  }

  joined({ recovered }) {
    if (!recovered) this.#load();
  }

  close() {
    this.#photos?.close();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #timers = new Map();

  /** A list that is chosen from quickly is read once for many changes. */
  #refresh(id) {
    if (!id || this.#timers.has(id)) return;
    this.#timers.set(id, setTimeout(async () => {
      this.#timers.delete(id);
      const selection = await this.#page.account.ask(`/api/selections/${id}`).catch(() => null);
      if (selection) this.#put(selection);
    }, 700));
  }

  async #load() {
    try {
      this.#lists = new Map();
      for await (const items of this.#page.account.pages(`/api/sessions/${this.#page.id}/selections`,
        { limit: 100 })) for (const item of items) this.#lists.set(item.id, item);
      this.#showList();
      this.#showDetail();
    } catch (problem) {
      const again = element("button", { class: "button", type: "button", onclick: () => this.#load() }, t("common.retry"));
      this.#list.replaceChildren(element("li", { class: "nothing" }, element("p", {}, problemText(problem)), again));
    }
  }

  #put(selection) {
    if (!selection?.id) return;
    const before = this.#lists.get(selection.id);
    const rest = [...this.#lists].filter(([id]) => id !== selection.id);
    this.#lists = before ? new Map([...this.#lists, [selection.id, { hiddenCount: before.hiddenCount, ...selection }]]) : new Map([[selection.id, selection], ...rest]);
    if (before?.state === "open" && selection.state === "submitted") toast(t("desk.selection.submitted", { name: selection.name }));
    this.#showList();
    if (selection.id === this.#openId) this.#showDetail();
  }

  #remove(id) {
    this.#lists.delete(id);
    if (id === this.#openId) location.hash = sessionAddress(this.#page.id, "selections");
    this.#showList();
  }

  #showList() {
    const lists = [...this.#lists.values()];
    this.node.classList.toggle("has-open", Boolean(this.#openId));
    if (lists.length === 0) return this.#list.replaceChildren(element("li", { class: "nothing" }, icon("heart"),
      element("h2", { class: "nothing-title" }, t("desk.selection.none")), element("p", {}, t("desk.selection.nonetext"))));
    this.#list.replaceChildren(...lists.map((selection) => this.#card(selection)));
  }

  #card(selection) {
    const link = element("a", { class: "card selection-card", href: sessionAddress(this.#page.id, "selections", { list: selection.id }) },
      element("span", { class: "row-title" }, selection.name), element("span", { class: "row-facts" }, holder(selection)), gauge(selection),
        state(selection));
    if (selection.id === this.#openId) link.setAttribute("aria-current", "true");
    return element("li", {}, link);
  }

  // MARK: The one that is open

  #showDetail() {
    const selection = this.#lists.get(this.#openId);
    if (!selection) {
      this.#photos?.close();
      this.#photos = null;
      return this.#detail.replaceChildren();
    }
    if (this.#photos?.id !== selection.id) {
      this.#photos?.close();
      this.#photos = new SelectionPhotos(this.#page, selection.id);
    }
    this.#detail.replaceChildren(this.#head(selection), this.#photos.node);
  }

  #head(selection) {
    const back = element("a",
      { class: "button quiet only-icon selection-back", href: sessionAddress(this.#page.id, "selections"), ariaLabel: t("common.back") },
      icon("back"));
    const facts = [holder(selection), limits(selection),
      selection.closesAt && t("desk.selection.until", { time: dateTime(selection.closesAt) }),
      selection.hiddenCount > 0 && t("desk.selection.hidden", { count: selection.hiddenCount })];
    const words = element("div", { class: "row-words" }, element("h2", { class: "block-title" }, selection.name),
      element("p", { class: "row-facts" }, facts.filter(Boolean).join(" · ")),
      ...(selection.description ? [element("p", { class: "row-facts" }, selection.description)] : []), state(selection));
    return element("div", { class: "selection-head" }, back, words,
      element("div", { class: "row-actions" }, this.#export(selection),
        ...(this.#mayEdit ? [this.#turn(selection), this.#menu(selection)] : [])));
  }

  #export(selection) {
    const button = element("button", { class: "button primary", type: "button" }, icon("download"), t("desk.selection.export"));
    button.onclick = () => new ExportForm(this.#page, selection).open();
    return button;
  }

  #turn(selection) {
    const action = selection.state === "open" ? "submit" : "reopen";
    const button = element("button", { class: "button", type: "button" }, t(`desk.selection.${action}`));
    button.onclick = () => busy(button,
      async () => this.#put(await this.#page.account.ask(`/api/selections/${selection.id}/${action}`, { method: "POST" })));
    return button;
  }

  #menu(selection) {
    const button = element("button", { class: "button quiet only-icon", type: "button", ariaLabel: t("common.more") }, icon("more"));
    menuButton(button, () =>
      [{ label: t("common.edit"), icon: "edit", act: () => this.#edit(selection) },
      { label: t("common.delete"), icon: "trash", danger: true, act: () => this.#delete(selection) }]);
    return button;
  }

  #edit(selection) {
    const form = new SelectionForm(selection);
    const path = selection ? `/api/selections/${selection.id}` : `/api/sessions/${this.#page.id}/selections`;
    const act = async () => {
      if (!form.check()) return false;
      const made = await this.#page.account.ask(path, { method: selection ? "PUT" : "POST", body: form.values });
      this.#put(made);
    };
    openDialog({ title: t(selection ? "desk.selection.edit" : "desk.selection.new"), body: form.node, focus: form.name,
      actions: [{ name: "cancel", label: t("common.cancel") },
        { name: "save", label: t(selection ? "common.save" : "desk.sessions.create"), kind: "primary", act }] });
  }

  #delete(selection) {
    const act = async () => {
      await this.#page.account.ask(`/api/selections/${selection.id}`, { method: "DELETE" });
      this.#remove(selection.id);
    };
    confirmDialog(t("desk.selection.deletetext"),
      { title: t("desk.link.removetitle", { name: selection.name }), danger: true, action: t("common.delete"), act });
  }
}

const holder = ({ kind, holder }) =>
  (kind === "shared" ? t("desk.selection.shared") : t("desk.selection.of", { name: holder?.name || t("desk.report.nameless") }));

function limits({ count, minimum, maximum }) {
  if (maximum > 0 && minimum > 0) return t("desk.selection.between", { count, least: number(minimum), most: number(maximum) });
  if (maximum > 0) return t("desk.selection.most", { count, most: number(maximum) });
  if (minimum > 0) return t("desk.selection.least", { count, least: number(minimum) });
  return t("common.photos", { count });
}

/** How full it is, where it has a limit. */
function gauge(selection) {
  const { count, minimum, maximum } = selection;
  const of = maximum || minimum;
  const fill = element("div", { class: "bar-fill" });
  fill.style.width = `${of > 0 ? Math.min(100, (count / of) * 100) : 0}%`;
  return element("div", { class: "selection-gauge" }, element("span", { class: "row-facts" }, limits(selection)),
    ...(of > 0 ? [element("div", { class: "bar-track" }, fill)] : []));
}

const state = ({ state: name, submittedAt, updatedAt }) =>
  element("span", { class: `badge ${name === "submitted" ? "good" : "warm"}` },
    t(`desk.selection.state.${name}`, { time: ago(submittedAt ?? updatedAt) }));

export const open = (page) => new Selections(page);
