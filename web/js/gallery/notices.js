import { byId, element, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { icon } from "./icons.js";
import { isFiltered } from "./view.js";

const drawings = { favourites: "star", filter: "film", photos: "show", ended: "show" };

/** Why there is nothing to see. */
export function sayEmpty(session, view) {
  const kind = view.favourite ? "favourites" : isFiltered(view) ? "filter" : session.status === "ended" ? "ended" : "photos";
  byId("empty").replaceChildren(icon(drawings[kind]), element("h2", { class: "empty-title" }, t(`gallery.empty.${kind}`)),
    element("p", {}, t(`gallery.empty.${kind}.text`)));
}

/** How many new photos wait above. */
export function showPill(count) {
  const pill = byId("pill");
  pill.classList.toggle("is-shown", count > 0);
  pill.inert = count === 0;
  if (count > 0) setText(byId("pill-text"), t("gallery.new_photos", { count }));
}
