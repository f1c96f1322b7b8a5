import { openSheet } from "../ui/dialog.js";
import { byId, element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { Uploads } from "../lumiere/uploads.js";
import { dropTarget, UploadPanel } from "../ui/uploads.js";
import { askName } from "./naming.js";

let uploads = null;

/** One for the page: what was begun goes on when the sheet is closed. */
function uploadsOf(pass) {
  uploads ??= new Uploads(pass, { sessionId: pass.sessionId, parallel: 3 });
  return uploads;
}

/** What was under way before a reload goes on, whether anybody looks or not. */
export const goOnSending = (pass) => void uploadsOf(pass);

/** For guests who may look and send. */
export function openSendingSheet(pass) {
  openSheet({ title: t("gallery.send"), body: sender(pass) });
}

/** For those who may only send: a page of its own, that shows nothing of the session. */
export function showSendingPage(pass) {
  const { title, description } = pass.session;
  document.title = `${title} · Lumiere`;
  const page = element("main", { class: "door sending" }, element("div", { class: "start-light", "aria-hidden": "true" }),
    element("p", { class: "brand" }, element("img", { src: "/assets/icon.svg", alt: "", width: 26, height: 26 }), "Lumiere"),
    element("h1", { class: "door-title" }, title),
    element("p", { class: "door-text" }, description || t("gallery.sending.text")), sender(pass));
  byId("door").before(page);
  byId("naming").classList.add("is-inline");
  page.append(byId("naming"));
  askName(pass);
}

function sender(pass) {
  const mine = uploadsOf(pass);
  const box = element("div", { class: "sender" }, new UploadPanel(mine));
  dropTarget(box, mine);
  return box;
}
