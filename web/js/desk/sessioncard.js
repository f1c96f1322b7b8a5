import { busy } from "../ui/act.js";
import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { coverOf, picture } from "./pictures.js";
import { sessionAddress } from "./router.js";
import { day, statusKind } from "./words.js";

/** One session on the wall: its cover, its name, when and where, and how it stands. */
export function sessionCard(account, session, { onRestored }) {
  const cover = element("span", { class: "session-cover" });
  const words = element("span", { class: "session-words" },
    element("span", { class: "session-title" }, session.title), element("span", { class: "session-facts" }, facts(session)), state(session));
  if (session.deletedAt) return element("li", { class: "session-card is-binned" }, filled(cover, account, session), words,
    restore(account, session, onRestored));
  const link = element("a", { class: "session-link", href: sessionAddress(session.id) }, filled(cover, account, session), words);
  return element("li", { class: "session-card" }, link);
}

const facts = ({ type, startsAt, createdAt, timeZone, place }) =>
  [t(`desk.type.${type}`), day(startsAt ?? createdAt, timeZone), place].filter(Boolean).join(" · ");

function state({ status, photoCount, deletedAt }) {
  const badge = element("span", { class: `badge ${deletedAt ? "bad" : statusKind(status)}` }, t(`desk.status.${deletedAt ? "bin" : status}`));
  return element("span", { class: "session-state" }, badge, element("span", { class: "session-count" }, t("common.photos", { count: photoCount })));
}

function filled(node, account, { coverPhotoId, title }) {
  if (!coverPhotoId) {
    node.append(element("span", { class: "session-initial", "aria-hidden": "true" }, [...title][0] ?? ""));
    return node;
  }
  coverOf(account, coverPhotoId).then((photo) => photo && node.append(picture(account, photo, 420)));
  return node;
}

function restore(account, session, onRestored) {
  const button = element("button", { class: "button small", type: "button" }, icon("restore"), t("desk.sessions.undelete"));
  button.onclick = () => busy(button, async () => {
    await account.ask(`/api/sessions/${session.id}/undelete`, { method: "POST" });
    onRestored();
  });
  return button;
}
