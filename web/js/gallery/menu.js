import { say } from "../ui/act.js";
import { openDialog } from "../ui/dialog.js";
import { byId, element } from "../ui/dom.js";
import { menuButton } from "../ui/menu.js";
import { chooseLanguage, language, languages, t } from "../ui/messages.js";
import { chooseTheme, theme } from "../ui/theme.js";
import { icon } from "./icons.js";
import { takeName } from "./naming.js";

/** What is not about one photo: the gallery as a whole, the page's language and colours, and who the reader is. */
export function offerMenu(visit) {
  const button = byId("menu");
  button.append(icon("more"));
  menuButton(button, () => items(visit));
  const send = byId("send");
  send.hidden = !visit.rights.has("upload");
  send.append(icon("upload"));
  send.addEventListener("click", () => openSending(visit).catch(say));
}

async function openSending(visit) {
  const { openSendingSheet } = await import("./sending.js");
  openSendingSheet(visit.pass);
}

function items(visit) {
  const { pass, rights } = visit;
  return [
    { label: t("gallery.share"), icon: "share", act: () => visit.shareGallery() },
    { label: t("gallery.qr"), icon: "link", act: () => showCode(visit) },
    { label: t("gallery.slideshow"), icon: "play", act: () => visit.startShow() },
    { label: t("gallery.lists"), icon: "list", act: () => visit.showLists() },
    ...(rights.has("download") ? [{ label: t("gallery.save_all"), icon: "download", act: () => visit.saveAll().catch(say) }] : []),
    null,
    { label: pass.name ? t("gallery.you_are", { name: pass.name }) : t("gallery.name_yourself"), icon: "person", act: () => askForName(visit) },
    { label: t("common.language"), icon: "help", act: () => chooseOne(t("common.language"), Object.entries(languages), language(), chooseLanguage) },
    { label: t("common.appearance"), icon: "image", act: () => chooseOne(t("common.appearance"), appearances(), theme(), chooseTheme) },
  ];
}

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

function askForName({ pass }) {
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
  byId("naming").hidden = true;
  return takeName(pass, name);
}

/** The gallery's address as a picture for other phones. */
function showCode({ session }) {
  const image = element("img", { class: "code", src: `${location.pathname}/qr`, alt: t("gallery.qr.alt"), width: 260, height: 260 });
  image.onerror = () => (image.hidden = true);
  const address = element("p", { class: "code-address" }, location.host + location.pathname);
  const body = element("div", { class: "code-card" }, image, address);
  return openDialog({ title: session.title, body, actions: [{ name: "done", label: t("common.done"), kind: "primary" }] });
}
