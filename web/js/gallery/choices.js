import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { chooseLanguage, language, languages, t } from "../ui/messages.js";
import { chooseTheme, theme } from "../ui/theme.js";

// The dialogs of the menu: who the reader is, how the page looks, and the gallery's code.

export const askForLanguage = () => chooseOne(t("common.language"), Object.entries(languages), language(), chooseLanguage);

export const askForAppearance = () => chooseOne(t("common.appearance"), appearances(), theme(), chooseTheme);

const appearances = () => [["system", t("common.system")], ["dark", t("common.dark")], ["light", t("common.light")]];

/** A few choices of which one holds. */
function chooseOne(title, choices, current, choose) {
  const options = choices.map(([value, label]) => {
    const input = element("input", { type: "radio", name: "choice", value, checked: value === current });
    return element("label", { class: "check" }, input, label);
  });
  const body = element("fieldset", { class: "choices", "aria-label": title }, ...options);
  body.addEventListener("change", (event) => choose(event.target.value));
  return openDialog({ title, body, actions: [{ name: "done", label: t("common.done"), kind: "primary" }] });
}

export function askForName({ pass }) {
  const field = element("input", { class: "input", maxLength: 80, autocomplete: "given-name", value: pass.name ?? "", enterKeyHint: "done" });
  const label = element("label", { class: "field" }, element("span", { class: "field-label" }, t("gallery.name")), field,
    element("span", { class: "field-hint" }, t("gallery.name.hint")));
  const save = { name: "save", label: t("common.save"), kind: "primary", act: () => named(pass, field) };
  return openDialog({ title: t("gallery.name.title"), body: element("form", {}, label), actions: [save], focus: field });
}

/** `false` keeps the dialog. */
async function named(pass, field) {
  const name = field.value.trim();
  if (!name) {
    field.focus();
    return false;
  }
  return pass.rename(name);
}

/** The gallery's address as a picture for other phones. */
export function showCode({ session }) {
  const image = element("img", { class: "code", src: `${location.pathname}/qr`, alt: t("gallery.qr.alt"), width: 260, height: 260 });
  image.onerror = () => (image.hidden = true);
  const address = element("p", { class: "code-address" }, location.host + location.pathname);
  const body = element("div", { class: "code-card" }, image, address);
  return openDialog({ title: session.title, body, actions: [{ name: "done", label: t("common.done"), kind: "primary" }] });
}
