import { byId, element } from "../ui/dom.js";
import { chooseLanguage, language, languages, loadMessages, t } from "../ui/messages.js";
import { recallTheme } from "../ui/theme.js";
import { EntryForm } from "./entryform.js";
import { forgetAll, recent } from "./recent.js";

recallTheme();
new EntryForm();
await loadMessages("common", "gallery");
offerLanguages();
offerRecent();

function offerLanguages() {
  const choices = Object.entries(languages).map(([code, name]) => element("option", { value: code, lang: code }, name));
  const select = element("select", { class: "language", "aria-label": t("common.language") }, ...choices);
  select.value = language();
  select.addEventListener("change", () => chooseLanguage(select.value));
  byId("languages").append(select);
}

/** The way back to what was opened last. */
function offerRecent() {
  const list = recent().map(({ path, title }) => element("li", {}, element("a", { class: "recent-link", href: path }, title)));
  if (list.length === 0) return;
  const forget = element("button", { class: "recent-forget", type: "button" }, t("gallery.recent.forget"));
  const title = element("h2", { class: "recent-title" }, t("gallery.recent"));
  const node = element("section", { class: "recent" }, title, element("ul", { class: "recent-list" }, ...list), forget);
  forget.onclick = () => {
    forgetAll();
    node.remove();
    byId("code").focus();
  };
  byId("entry").after(node);
}
