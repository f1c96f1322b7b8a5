import { openSheet } from "../ui/dialog.js";
import { byId, element, setText } from "../ui/dom.js";
import { loadMessages, t } from "../ui/messages.js";
import { Uploads } from "../lumiere/uploads.js";
import { dropTarget, UploadPanel } from "../ui/uploads.js";
import { icon } from "./icons.js";
import { askName } from "./naming.js";

let uploads = null;

/** One for the page: what was begun goes on when the sheet is closed. */
function uploadsOf(pass) {
  uploads ??= new Uploads(pass, { sessionId: pass.sessionId, parallel: 3 });
  return uploads;
}

/** For guests who may look and send. */
export function openSendingSheet(pass) {
  openSheet({ title: t("gallery.send"), body: sender(pass) });
}

/** For those who may only send: a page of its own, that shows nothing of the session. */
export function showSendingPage(pass) {
  const { title, description } = pass.session;
  document.title = `${title} · Lumiere`;
  const page = element("main", { class: "door sending" },
    element("p", { class: "brand" }, element("img", { src: "/assets/icon.svg", alt: "", width: 26, height: 26 }), "Lumiere"),
    element("h1", { class: "door-title" }, title),
    element("p", { class: "door-text" }, description || t("gallery.sending.text")), sender(pass));
  byId("door").before(page);
  byId("naming").classList.add("is-inline");
  page.append(byId("naming"));
  askName(pass, () => {});
}

function sender(pass) {
  const mine = uploadsOf(pass);
  const input = element("input", { type: "file", multiple: true, accept: "image/*,video/*,.heic,.heif,.dng,.cr2,.cr3,.nef,.arw", class: "visually-hidden", id: "files" });
  input.addEventListener("change", () => {
    mine.add(input.files);
    input.value = "";
  });
  const label = element("label", { class: "drop", htmlFor: "files" }, icon("upload"), element("strong", {}, t("gallery.sending.choose")),
    element("span", {}, t("gallery.sending.drop")));
  const box = element("div", { class: "sender" }, input, label, new UploadPanel(mine));
  dropTarget(label, mine);
  return box;
}
