import { element } from "../ui/dom.js";
import { area, field, input, numberOf } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { localZone, momentOf, wallTime } from "./zones.js";

/** What a list is called, how many may be on it, and until when it can be chosen from. */
export class SelectionForm {
  #before;
  name;
  #description;
  #minimum;
  #maximum;
  #closes;
  node;

  /** @param {object|null} selection to be changed */
  constructor(selection) {
    this.#before = selection;
    this.name = input({ value: selection?.name ?? "", required: true, maxLength: 100, placeholder: t("desk.selection.nameexample") });
    this.#description = area({ value: selection?.description ?? "", rows: 2, maxLength: 1000 });
    this.#minimum = input({ type: "number", min: 0, max: 10000, step: 1, inputMode: "numeric", value: selection?.minimum || "" });
    this.#maximum = input({ type: "number", min: 0, max: 10000, step: 1, inputMode: "numeric", value: selection?.maximum || "" });
    this.#closes = input({ type: "datetime-local", value: wallTime(selection?.closesAt, localZone()) });
    const [name, description] = [field(t("desk.link.name"), this.name),
      field(t("desk.selection.description"), this.#description, t("desk.selection.descriptionhint"))];
    for (const node of [name, description]) node.classList.add("is-wide");
    this.node = element("form", { class: "form-grid" }, name, field(t("desk.selection.minimum"), this.#minimum, t("desk.link.nolimit")),
      field(t("desk.selection.maximum"), this.#maximum, t("desk.link.nolimit")),
      field(t("desk.selection.closes"), this.#closes), description);
  }

  check() {
    const [least, most] = [numberOf(this.#minimum), numberOf(this.#maximum)];
    this.#maximum.setCustomValidity(most > 0 && most < least ? t("desk.selection.wrongway") : "");
    return this.node.reportValidity();
  }

  get values() {
    const all = {
      name: this.name.value.trim(), description: this.#description.value.trim() || null, minimum: Math.round(numberOf(this.#minimum)),
      maximum: Math.round(numberOf(this.#maximum)), closesAt: momentOf(this.#closes.value, localZone()),
    };
    return this.#before ? all : Object.fromEntries(Object.entries({ ...all, kind: "shared" }).filter(([, value]) => value));
  }
}
