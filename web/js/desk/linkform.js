import { element } from "../ui/dom.js";
import { check, field, input, numberOf } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { localZone, momentOf, wallTime } from "./zones.js";

const rights = ["view", "download", "original", "select", "upload", "publish"];

/** What a link gives, and for how long. */
export class LinkForm {
  #before;
  name;
  #rights;
  #password;
  #noPassword = null;
  #expires;
  #uses;
  #downloads;
  node;

  /** @param {object|null} link to be changed */
  constructor(link) {
    this.#before = link;
    this.name = input({ value: link?.name ?? "", required: true, maxLength: 100, placeholder: t("desk.link.nameexample") });
    this.#rights = new Map(rights.map((right) => [right, check(t(`desk.right.${right}`), (link?.rights ?? ["view", "download"]).includes(right))]));
    this.#password = input({ autocomplete: "off", maxLength: 200, placeholder: link?.hasPassword ? t("desk.link.passwordkept") : "" });
    this.#expires = input({ type: "datetime-local", value: wallTime(link?.expiresAt, localZone()) });
    this.#uses = input({ type: "number", min: 0, step: 1, value: link?.maxUses || "", inputMode: "numeric" });
    this.#downloads = input({ type: "number", min: 0, step: 1, value: link?.maxDownloads || "", inputMode: "numeric" });
    this.node = this.#layout(link);
  }

  check() {
    const first = this.#rights.get("view").box;
    first.setCustomValidity(this.#chosen.length > 0 ? "" : t("desk.link.norights"));
    return this.node.reportValidity();
  }

  get values() {
    const password = this.#noPassword?.box.checked ? null : this.#password.value || undefined;
    const all = {
      name: this.name.value.trim(), rights: this.#chosen, expiresAt: momentOf(this.#expires.value, localZone()),
      maxUses: Math.round(numberOf(this.#uses)), maxDownloads: Math.round(numberOf(this.#downloads)), password,
    };
    const isLeftOut = (value) => value === undefined || (!this.#before && (value === null || value === 0));
    return Object.fromEntries(Object.entries(all).filter(([, value]) => !isLeftOut(value)));
  }

  get #chosen() {
    return rights.filter((right) => this.#rights.get(right).box.checked);
  }

  #layout(link) {
    if (link?.hasPassword) this.#noPassword = check(t("desk.link.nopassword"), false);
    const boxes = element("fieldset", { class: "link-boxes is-wide" }, element("legend", { class: "field-label" }, t("desk.link.gives")),
      ...this.#rights.values());
    const wide = field(t("desk.link.name"), this.name, t("desk.link.namehint"));
    wide.classList.add("is-wide");
    return element("form", { class: "form-grid" }, wide, boxes,
      field(t("desk.link.password"), this.#password), field(t("desk.link.expires"), this.#expires),
      field(t("desk.link.maxuses"), this.#uses, t("desk.link.nolimit")), field(t("desk.link.maxdownloads"), this.#downloads, t("desk.link.nolimit")),
      ...(this.#noPassword ? [this.#noPassword] : []), ...(link ? [element("p", { class: "field-hint is-wide" }, t("desk.link.changehint"))] : []));
  }
}
