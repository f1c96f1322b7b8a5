import { later } from "../lumiere/later.js";
import { say } from "../ui/act.js";
import { byId } from "../ui/dom.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { icon } from "./icons.js";

/** What is not about one photo: the gallery as a whole, the page's language and colours, and who the reader is. */
export function offerMenu(visit) {
  const button = byId("menu");
  button.append(icon("more"));
  menuButton(button, () => items(visit));
  const send = byId("send");
  send.hidden = !visit.rights.has("upload");
  send.append(icon("upload"));
  send.addEventListener("click", () => openSending(visit).catch(say));
  if (!send.hidden) goOnSending(visit).catch(() => undefined);
}

/** Who has never sent anything needs nothing of that. */
async function goOnSending({ pass }) {
  const kept = await indexedDB.databases?.();
  if (kept?.some(({ name }) => name === "lumiere.uploads")) (await later("./sending.js", import.meta.url)).goOnSending(pass);
}

/** The dialogs come when one is asked for. */
async function ask(name, visit) {
  try {
    await (await later("./choices.js", import.meta.url))[name](visit);
  } catch {
    say({ code: "unreachable" });
  }
}

async function openSending(visit) {
  const { openSendingSheet } = await later("./sending.js", import.meta.url);
  openSendingSheet(visit.pass);
}

function items(visit) {
  const { pass, rights } = visit;
  return [
    { label: t("gallery.share"), icon: "share", act: () => visit.errands.shareGallery() },
    { label: t("gallery.qr"), icon: "link", act: () => ask("showCode", visit) },
    { label: t("gallery.slideshow"), icon: "play", act: () => visit.errands.startShow() },
    { label: t("gallery.lists"), icon: "list", act: () => visit.errands.showLists() },
    ...(rights.has("download") ? [{ label: t("gallery.save_all"), icon: "download", act: () => visit.errands.saveAll().catch(say) }] : []),
    null,
    { label: pass.name ? t("gallery.you_are", { name: pass.name }) : t("gallery.name_yourself"), icon: "person", act: () => ask("askForName", visit) },
    { label: t("common.language"), icon: "globe", act: () => ask("askForLanguage") },
    { label: t("common.appearance"), icon: "sliders", act: () => ask("askForAppearance") },
  ];
}
