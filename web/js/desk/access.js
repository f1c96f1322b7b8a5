import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { copy } from "./clipboard.js";
import { sessionAddress } from "./router.js";

/** How guests get in: the code to read out, the picture to scan, the address to send. */
export function accessCard(page) {
  const { accessCode, galleryPath, status } = page.session;
  if (!accessCode || !galleryPath) return closed(page);
  const url = new URL(galleryPath, location.origin).href;
  const code = element("button", { class: "access-code", type: "button", title: t("desk.access.copycode"), onclick: () => copy(accessCode) },
    accessCode);
  const note = status === "archived" ? [element("p", { class: "field-hint" }, t("desk.access.archived"))] : [];
  return element("section", { class: "card access" }, qr(galleryPath), element("h2", { class: "access-label" }, t("desk.access.code")), code, ...note,
    element("div", { class: "access-actions" },
      action("copy", t("desk.access.copylink"), () => copy(url)), share(page.session, url),
      action("print", t("desk.access.print"), () => printCard(page.session, url)),
      element("a", { class: "button small", href: sessionAddress(page.id, "share") }, icon("link"), t("desk.access.links"))));
}

function closed(page) {
  return element("section", { class: "card access" }, icon("lock"), element("p", { class: "field-hint" }, t("desk.access.none")),
    element("a", { class: "button small", href: sessionAddress(page.id, "share") }, icon("link"), t("desk.access.links")));
}

/** Dark on white whatever the page: scanners want it so. */
export function qr(galleryPath) {
  const image = element("img", { class: "qr", alt: t("desk.access.qr"), width: 200, height: 200, src: `${galleryPath}/qr` });
  image.onerror = () => (image.hidden = true);
  return image;
}

function share({ title }, url) {
  if (!navigator.share) return "";
  return action("share", t("common.share"), () => navigator.share({ title, url }).catch(() => undefined));
}

const action = (picture, words, onclick) => element("button", { class: "button small", type: "button", onclick }, icon(picture), words);

/** A card for the table: only it goes to the printer. */
export function printCard(session, url) {
  const card = element("div", { class: "print-card" }, element("p", { class: "print-brand" }, t("desk.print.head")),
    element("h2", { class: "print-title" }, session.title), qr(session.galleryPath),
    element("p", { class: "print-text" }, t("desk.print.text")), element("p", { class: "print-code" }, session.accessCode),
      element("p", { class: "print-url" }, url.replace(/^https?:\/\//, "")));
  const act = async () => {
    print();
    return false;
  };
  openDialog({ title: t("desk.access.print"), body: card, actions: [{ name: "print", label: t("desk.print.button"), kind: "primary", act }] });
}
