import { busy } from "../ui/act.js";
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { qrImage } from "../ui/qr.js";
import { copy } from "./clipboard.js";
import { LinkForm } from "./linkform.js";
import { ago, dateTime, number } from "./words.js";

/** The links into a session: each lets in whoever has it, and gives what its maker gave it. */
export class LinkCards {
  #page;
  #onLoaded;
  #list = element("ul", { class: "link-list" });
  #all = element("button", { class: "button quiet small", type: "button", hidden: true }, t("desk.link.removeall"));
  #links = [];
  node;

  constructor(page, onLoaded) {
    this.#page = page;
    this.#onLoaded = onLoaded;
    const add = element("button", { class: "button small", type: "button", onclick: () => this.#edit(null) }, icon("plus"), t("desk.link.new"));
    add.hidden = page.isArchived;
    this.#all.onclick = () => this.#removeAll();
    this.node = element("section", { class: "block" },
      element("div", { class: "block-head" }, element("h2", { class: "block-title" }, t("desk.link.title")),
      element("div", { class: "row-actions" }, this.#all, add)), this.#list);
    this.load();
  }

  get #path() {
    return `/api/sessions/${this.#page.id}/links`;
  }

  async load() {
    try {
      const { items } = await this.#page.account.ask(this.#path, { query: { limit: 200 } });
      this.#links = items;
      this.#all.hidden = items.length === 0;
      this.#list.replaceChildren(...(items.length > 0 ? items.map((link) => this.#card(link))
        : [element("li", { class: "card row-facts link-none" }, t("desk.link.none"))]));
      this.#onLoaded(items);
    } catch (problem) {
      this.#list.replaceChildren(element("li", { class: "card link-none" }, problemText(problem)));
    }
  }

  #card(link) {
    const isOver = link.expiresAt && Date.parse(link.expiresAt) < Date.now();
    const badge = isOver ? [element("span", { class: "badge bad" }, t("desk.link.expired"))] : link.hasPassword
      ? [element("span", { class: "badge" }, t("desk.link.locked"))] : [];
    const head = element("div", { class: "link-head" }, element("h3", { class: "row-title" }, link.name), ...badge, this.#menu(link));
    const rights = element("div", { class: "link-rights" },
      ...link.rights.map((right) => element("span", { class: "chip" }, t(`desk.right.${right}`))));
    const actions = link.url
      ? [this.#button("copy", "desk.access.copylink", () => copy(link.url)), this.#button("photos", "desk.link.qr", () => this.#showQR(link))] : [];
    return element("li", { class: "card link-card" }, head, rights, element("p", { class: "row-facts" }, facts(link)),
      element("div", { class: "row-actions" }, ...actions, this.#button("list", "desk.link.log", () => this.#showLog(link))));
  }

  #button(picture, key, onclick) {
    return element("button", { class: "button small", type: "button", onclick }, icon(picture), t(key));
  }

  #menu(link) {
    const button = element("button",
      { class: "button quiet small only-icon", type: "button", ariaLabel: t("desk.link.menu", { name: link.name }) }, icon("more"));
    menuButton(button, () =>
      [{ label: t("common.edit"), icon: "edit", act: () => this.#edit(link) },
      { label: t("desk.link.remove"), icon: "trash", danger: true, act: () => this.#remove(link) }]);
    return button;
  }

  #edit(link) {
    const form = new LinkForm(link);
    const act = async () => {
      if (!form.check()) return false;
      const made = await this.#page.account.ask(link ? `${this.#path}/${link.id}` : this.#path, { method: link ? "PUT" : "POST", body: form.values });
      await this.load();
      if (!link) queueMicrotask(() => this.#showQR(made));
    };
    openDialog({
      title: t(link ? "desk.link.edit" : "desk.link.new"), body: form.node, focus: form.name,
      actions: [{ name: "cancel", label: t("common.cancel") },
        { name: "save", label: t(link ? "common.save" : "desk.sessions.create"), kind: "primary", act }],
    });
  }

  #remove(link) {
    const act = async () => {
      await this.#page.account.ask(`${this.#path}/${link.id}`, { method: "DELETE" });
      await this.load();
    };
    confirmDialog(t("desk.link.removetext"),
      { title: t("desk.link.removetitle", { name: link.name }), danger: true, action: t("desk.link.remove"), act });
  }

  #removeAll() {
    const act = async () => {
      await this.#page.account.ask(this.#path, { method: "DELETE" });
      await this.load();
    };
    confirmDialog(t("desk.link.removetext"), { title: t("desk.link.removeall"), danger: true, action: t("desk.link.removeall"), act });
  }

  #showQR(link) {
    if (!link.url) return;
    const path = `${this.#path}/${link.id}/qr`;
    const save = element("button", { class: "button small", type: "button" }, icon("download"), "PNG");
    save.onclick = () => busy(save,
      async () => download(await this.#page.account.blob(path, { query: { format: "png", scale: 12 } }), `${link.name}.png`));
    const body = element("div", { class: "qr-view" }, qrImage(this.#page.account, path, t("desk.link.qrof", { name: link.name })),
      element("p", { class: "qr-url" }, link.url),
        element("div", { class: "row-actions" }, this.#button("copy", "desk.access.copylink", () => copy(link.url)), save));
    openDialog({ title: link.name, body });
  }

  async #showLog(link) {
    const list = element("ul", { class: "rows" }, element("li", { class: "row row-facts" }, t("common.loading")));
    openDialog({ title: t("desk.link.logof", { name: link.name }), body: list });
    try {
      const { items } = await this.#page.account.ask(`${this.#path}/${link.id}/uses`, { query: { limit: 100 } });
      const row = ({ at, kind, name, network }) => element("li", { class: "row" }, element("div", { class: "row-words" },
        element("span", { class: "row-title" }, t(`desk.log.${kind}`)),
          element("span", { class: "row-facts" }, [name, network, dateTime(at)].filter(Boolean).join(" · "))));
      list.replaceChildren(...(items.length > 0 ? items.map(row) : [element("li", { class: "row row-facts" }, t("desk.log.none"))]));
    } catch (problem) {
      list.replaceChildren(element("li", { class: "row" }, problemText(problem)));
    }
  }
}

function facts(link) {
  const uses = link.maxUses > 0 ? t("desk.link.usesof", { count: link.uses, most: number(link.maxUses) }) : t("desk.link.uses", { count: link.uses });
  const saved = link.downloads > 0 ? t("desk.link.saved", { count: link.downloads }) : "";
  const until = link.expiresAt ? t("desk.link.until", { time: dateTime(link.expiresAt) }) : "";
  const last = link.lastUsedAt ? t("desk.devices.used", { time: ago(link.lastUsedAt) }) : "";
  return [uses, saved, until, last].filter(Boolean).join(" · ");
}

/** Gives the reader a file that has been fetched already. */
export function download(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name.replace(/[\\/:*?"<>|]/g, "_") });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 30_000);
}
