import { byId, element } from "../ui/dom.js";
import { chooseLanguage, language, languages, loadMessages, t } from "../ui/messages.js";
import { recallTheme } from "../ui/theme.js";
import { EntryForm } from "./entryform.js";

recallTheme();
new EntryForm();
await loadMessages("common", "gallery");
offerLanguages();

function offerLanguages() {
  const choices = Object.entries(languages).map(([code, name]) => element("option", { value: code, lang: code }, name));
  const select = element("select", { class: "language", "aria-label": t("common.language") }, ...choices);
  select.value = language();
  select.addEventListener("change", () => chooseLanguage(select.value));
  byId("languages").append(select);
}
