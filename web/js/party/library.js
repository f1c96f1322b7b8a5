import { busy } from "../ui/act.js";
import { openSheet } from "../ui/dialog.js";
import { element, setText } from "../ui/dom.js";
import { duration } from "../ui/format.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { loadStyle } from "../ui/style.js";
import { icon } from "./icons.js";

/** Films read at once. */
const page = 24;

/** Films to be put into the queue: those that the reader may see anyhow, and, for a host with an account, new ones. */
export async function openLibrary(party, visit) {
  await loadStyle("party-more");
  const list = element("ul", { class: "library", role: "list" });
  const state = element("p", { class: "side-empty", role: "status" }, t("common.loading"));
  const more = element("button", { class: "button", type: "button", hidden: true }, t("common.more"));
  const body = element("div", { class: "library-body" });
  if (party.mayHost && party.caller.user) body.append((await visit.uploads()).node);
  body.append(list, state, more);
  let cursor;
  const read = async () => {
    const { items, nextCursor } = await party.library({ limit: page, cursor });
    cursor = nextCursor;
    list.append(...items.map((film) => row(party, film)));
    more.hidden = !cursor;
    setText(state, list.children.length === 0 ? t("party.library.empty") : "");
  };
  more.onclick = () => busy(more, read);
  const sheet = openSheet({ title: t("party.queue.add"), body });
  busy(more, read, (problem) => (setText(state, problemText(problem)), (more.hidden = false)));
  await sheet.closed;
}

function row(party, { mediaId, title, duration: length, poster, sessionTitle }) {
  const isIn = () => party.room.queue?.entries.some((entry) => entry.mediaId === mediaId);
  const name = title || t("party.untitled");
  const button = element("button", { class: "button small", type: "button" }, icon("plus"), t("party.add"));
  button.ariaLabel = t("party.addFilm", { title: name });
  const mark = () => {
    button.disabled = true;
    button.replaceChildren(icon("check"), t("party.added"));
  };
  if (isIn()) mark();
  button.onclick = async () => (await busy(button, () => party.add(mediaId))) && mark();
  const image = poster ? element("img", { src: party.caller.base + poster, alt: "", loading: "lazy", width: 96, height: 54 }) : icon("film");
  const facts = [length && duration(length * 1000), sessionTitle].filter(Boolean).join(" · ");
  const words = element("span", { class: "reel-words" }, element("span", { class: "reel-title", dir: "auto" }, name),
    element("span", { class: "reel-facts" }, facts));
  return element("li", { class: "reel" }, element("span", { class: "reel-poster" }, image), words, button);
}
