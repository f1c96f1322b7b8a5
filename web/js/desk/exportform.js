import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { area, field, segments, toggle, choice } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { copy } from "./clipboard.js";
import { download } from "./links.js";

const formats = ["names", "csv", "xmp"];
const separators = ["comma", "space", "newline", "semicolon"];

/** A list as Lightroom, Capture One or a spreadsheet take it. */
export class ExportForm {
  #page;
  #selection;
  #format = "names";
  #separator = choice(separators.map((name) => [name, t(`desk.export.${name}`)]), "comma");
  #strip = toggle(t("desk.export.strip"), true, { hint: t("desk.export.striphint"), onChange: () => this.#preview() });
  #text = area({ readOnly: true, rows: 5, ariaLabel: t("desk.export.names") });
  #hint = element("p", { class: "field-hint" });
  #names = element("div", { class: "dialog-form" });

  constructor(page, selection) {
    this.#page = page;
    this.#selection = selection;
    this.#separator.onchange = () => this.#preview();
    this.#names.append(field(t("desk.export.separator"), this.#separator), this.#strip, this.#text);
  }

  open() {
    const kinds = segments(t("desk.selection.export"), formats.map((name) => [name, t(`desk.export.${name}`)]), this.#format,
      (name) => this.#choose(name));
    const body = element("div", { class: "dialog-form" }, kinds, this.#hint, this.#names);
    const act = async () => {
      if (this.#format === "names") return void (await copy(this.#text.value));
      download(await this.#fetch(), `${this.#selection.name}.${this.#format === "csv" ? "csv" : "zip"}`);
    };
    openDialog({ title: t("desk.export.title", { name: this.#selection.name }), body,
      actions: [{ name: "cancel", label: t("common.cancel") }, { name: "do", label: t("desk.export.button"), kind: "primary", act }] });
    this.#choose(this.#format);
  }

  #choose(format) {
    this.#format = format;
    this.#names.hidden = format !== "names";
    this.#hint.textContent = t(`desk.export.${format}hint`);
    if (format === "names") this.#preview();
  }

  async #preview() {
    const blob = await this.#fetch().catch(() => null);
    this.#text.value = blob ? await blob.text() : "";
  }

  #fetch() {
    const query = this.#format === "names"
      ? { format: "names", separator: this.#separator.value, extension: this.#strip.box.checked ? "strip" : "keep" } : { format: this.#format };
    return this.#page.account.blob(`/api/selections/${this.#selection.id}/export`, { query, patience: 120_000 });
  }
}
