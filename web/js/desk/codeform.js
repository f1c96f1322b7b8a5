import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { field, input } from "../ui/form.js";
import { t } from "../ui/messages.js";

/** Letters and digits that nobody mistakes for one another. */
const letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/** Another access code: whoever came in by the one before is shown out. */
export function changeCode(page) {
  const code = input({ value: page.session.accessCode ?? "", minLength: 4, maxLength: 64, required: true, autocapitalize: "characters",
    spellcheck: false });
  const random = element("button", { class: "button small", type: "button", onclick: () => (code.value = made(6)) }, t("desk.code.random"));
  const form = element("form", { class: "form-grid" }, field(t("desk.access.code"), code, t("desk.code.hint")), element("p", {}, random));
  const act = async () => (form.reportValidity() ? void (await page.change({ accessCode: code.value.trim() })) : false);
  openDialog({ title: t("desk.code.change"), body: form, focus: code,
    actions: [{ name: "cancel", label: t("common.cancel") }, { name: "save", label: t("common.save"), kind: "primary", act }] });
}

const made = (length) => Array.from(crypto.getRandomValues(new Uint32Array(length)), (value) => letters[value % letters.length]).join("");
