import { later } from "../lumiere/later.js";
import { busy, say } from "../ui/act.js";
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { choice, field, input, numberOf, toggle } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";
import { ChatSettings } from "./chatsettings.js";
import { RenditionSettings } from "./renditionsettings.js";
import { SessionForm } from "./sessionform.js";
import { sessionAddress } from "./router.js";
import { archive, restore } from "./status.js";
import { takeAway } from "./takeaway.js";
import { momentOf, wallTime } from "./zones.js";

const gigabyte = 1e9;

/** What a session is and how it behaves, in plain words. Switches and lists are kept at once, forms by their button. */
class Settings {
  #page;
  #watermark = element("div");
  #mark = null;
  #renditions;
  /** Each shows in its control what holds. */
  #moments = [];
  node;

  constructor(page) {
    this.#page = page;
    this.node = element("div", { class: "settings" });
    this.#renditions = new RenditionSettings(page);
    const parts = page.may("manage") && !page.isArchived ? this.#parts() : [this.#closed()];
    this.node.append(element("h1", { class: "page-title", tabIndex: -1 }, t("desk.nav.settings")), ...parts,
      ...(page.may("manage") ? [this.#danger()] : []));
    if (page.may("manage") && !page.isArchived) this.#openWatermark().catch(say);
  }

  happened({ type, data }) {
    if (type === "rendering_progress") this.#renditions.progressed(data);
  }

  /** The zone may be another one, or a colleague has set them. */
  changed() {
    for (const show of this.#moments) show();
  }

  close() {
    this.#mark?.close();
  }

  #parts() {
    return [this.#about(), this.#guests(), this.#times(), this.#section("desk.set.watermark", "desk.set.watermarktext", this.#watermark),
      this.#section("desk.set.chat", "", new ChatSettings(this.#page).node),
        this.#section("desk.set.files", "desk.set.filestext", this.#limits(), this.#renditions.node)];
  }

  #closed() {
    return element("p", { class: "page-text block" }, t(this.#page.isArchived ? "problem.session_archived" : "desk.set.closed"));
  }

  async #openWatermark() {
    const { WatermarkEditor } = await later("./watermark.js", import.meta.url);
    this.#mark = new WatermarkEditor(this.#page);
    this.#watermark.replaceChildren(this.#mark.node);
  }

  #about() {
    const form = new SessionForm(this.#page.session);
    const save = this.#saveButton(async () => {
      if (!form.check()) return false;
      const { values } = form;
      if (Object.keys(values).length > 0) await this.#page.change(values);
      form.keep(values);
    });
    form.node.onsubmit = (event) => (event.preventDefault(), save.click());
    return this.#section("desk.set.about", "", form.node, element("div", { class: "set-actions" }, save));
  }

  /** As they hold now. */
  get #settings() {
    return this.#page.session.settings;
  }

  #switch(name, isOnUnsaid = false) {
    const isOn = () => this.#settings[name] ?? isOnUnsaid;
    const node = toggle(t(`desk.set.${name}`), isOn(), { hint: t(`desk.set.${name}.hint`),
      onChange: (value) => this.#keep({ [name]: value }, () => (node.box.checked = isOn())) });
    return node;
  }

  #guests() {
    const list = (name, options) => {
      const control = choice(options.map((option) => [option, t(`desk.set.${name}.${option}`)]), this.#settings[name]);
      control.onchange = () => this.#keep({ [name]: control.value }, () => (control.value = this.#settings[name]));
      return field(t(`desk.set.${name}`), control, t(`desk.set.${name}.hint`));
    };
    return this.#section("desk.set.guests", "",
      element("div", { class: "form-grid" }, list("review", ["none", "guests", "all"]), list("downloads", ["none", "watermarked", "original"])),
      this.#switch("guestUpload"), this.#switch("showCamera"), this.#switch("showLocation"));
  }

  #times() {
    const moment = (name) => {
      const control = input({ type: "datetime-local" });
      const show = () => (control.value = wallTime(this.#settings[name], this.#page.session.timeZone));
      this.#moments.push(() => control === document.activeElement || show());
      show();
      control.onchange = () => this.#keep({ [name]: momentOf(control.value, this.#page.session.timeZone) }, show);
      return field(t(`desk.set.${name}`), control, t(`desk.set.${name}.hint`));
    };
    const days = (name) => field(t(`desk.set.${name}`),
      input({ type: "number", min: 1, max: 3650, step: 1, inputMode: "numeric", value: this.#settings.retention?.[name] ?? "", name }),
      t("desk.set.days.hint"));
    const [archiveAfter, deleteAfter] = [days("archiveAfterDays"), days("deleteAfterDays")];
    for (const node of [archiveAfter, deleteAfter]) node.querySelector("input").onchange = () => this.#keepRetention(archiveAfter, deleteAfter);
    return this.#section("desk.set.times", "",
      element("div", { class: "form-grid" }, moment("releaseAt"), moment("expireAt"), archiveAfter, deleteAfter));
  }

  #keepRetention(...fields) {
    const controls = fields.map((node) => node.querySelector("input"));
    const days = Object.fromEntries(controls.map((control) => [control.name, Math.round(numberOf(control))]).filter(([, value]) => value > 0));
    const putBack = () => controls.forEach((control) => (control.value = this.#settings.retention?.[control.name] ?? ""));
    this.#keep({ retention: Object.keys(days).length > 0 ? days : null }, putBack);
  }

  #limits() {
    const files = input({ type: "number", min: 0, step: 1, inputMode: "numeric" });
    const bytes = input({ type: "number", min: 0, step: "any", inputMode: "decimal" });
    const showFiles = () => (files.value = this.#settings.maxFiles || "");
    const showBytes = () => (bytes.value = this.#settings.maxBytes ? this.#settings.maxBytes / gigabyte : "");
    files.onchange = () => this.#keep({ maxFiles: Math.round(numberOf(files)) }, showFiles);
    bytes.onchange = () => this.#keep({ maxBytes: Math.round(numberOf(bytes) * gigabyte) }, showBytes);
    showFiles();
    showBytes();
    const pairs = this.#switch("pairFiles", true);
    return element("div", { class: "dialog-form" },
      element("div", { class: "form-grid" }, field(t("desk.set.maxFiles"), files, t("desk.link.nolimit")),
      field(t("desk.set.maxBytes"), bytes, t("desk.link.nolimit"))), pairs);
  }

  /** What cannot be kept is said, and the page shows what holds. */
  async #keep(settings, putBack) {
    try {
      await this.#page.change({ settings });
      toast(t("desk.detail.saved"));
    } catch (problem) {
      putBack();
      say(problem);
    }
  }

  #saveButton(act) {
    const button = element("button", { class: "button primary", type: "button" }, t("common.save"));
    button.onclick = () => busy(button, async () => (await act()) !== false && toast(t("desk.detail.saved")));
    return button;
  }

  #danger() {
    const { isArchived, session } = this.#page;
    const row = (key, button) =>
      element("li", { class: "row" },
      element("div", { class: "row-words" }, element("span", { class: "row-title" }, t(`desk.${key}.row`)),
      element("span", { class: "row-facts" }, t(`desk.${key}.rowtext`))), button);
    const button = (words, kind, onclick) => element("button", { class: `button small ${kind}`, type: "button", onclick }, words);
    const store = isArchived ? row("unarchive", button(t("desk.act.unarchive"), "", () => restore(this.#page).then(() => location.reload())))
      : row("archive", button(t("desk.act.archive"), "", () => archive(this.#page)));
    return this.#section("desk.set.danger", "", element("ul", { class: "rows card" },
      row("takeaway", this.#takeaway()), row("duplicate", button(t("desk.duplicate.button"), "", () => this.#duplicate())), store,
      ...(session.role === "owner" ? [row("remove", button(t("common.delete"), "danger", () => this.#remove()))] : [])));
  }

  #takeaway() {
    const button = (files) => {
      const made = element("button", { class: "button small", type: "button" }, t(`desk.takeaway.${files}`));
      made.onclick = () => busy(made, () => takeAway(this.#page, files));
      return made;
    };
    return element("div", { class: "row-actions" }, button("originals"), button("renditions"));
  }

  #duplicate() {
    const title = input({ value: this.#page.session.title, required: true, maxLength: 200 });
    const members = toggle(t("desk.duplicate.members"), true);
    const act = async () => {
      const session = await this.#page.account.ask(`/api/sessions/${this.#page.id}/duplicate`,
        { method: "POST", body: { title: title.value.trim(), members: members.box.checked } });
      location.hash = sessionAddress(session.id);
    };
    openDialog({ title: t("desk.duplicate.row"), body: element("form", { class: "dialog-form" }, field(t("desk.form.title"), title), members),
      focus: title,
      actions: [{ name: "cancel", label: t("common.cancel") }, { name: "make", label: t("desk.sessions.create"), kind: "primary", act }] });
  }

  #remove() {
    const act = async () => {
      await this.#page.account.ask(`/api/sessions/${this.#page.id}`, { method: "DELETE" });
      location.hash = "#/";
      toast(t("desk.remove.done"));
    };
    confirmDialog(t("desk.remove.text"),
      { title: t("desk.remove.title", { name: this.#page.session.title }), danger: true, action: t("common.delete"), act });
  }

  #section(title, text, ...nodes) {
    const words = element("div", { class: "set-words" }, element("h2", { class: "block-title" }, t(title)),
      ...(text ? [element("p", { class: "field-hint" }, t(text))] : []));
    return element("section", { class: "set-section" }, words, element("div", { class: "set-body" }, ...nodes));
  }
}

export const open = (page) => new Settings(page);
