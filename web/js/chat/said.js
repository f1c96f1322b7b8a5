import { element } from "../ui/dom.js";
import { duration } from "../ui/format.js";
import { language, t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { isOnlyEmoji, pieces } from "./pieces.js";
import { photoButton } from "./photos.js";
import { dayName, momentOf, timeOf } from "./when.js";

// The elements of a talk, one for each line; what a line says never changes an element, it makes another.

/**
 * @param {object} line of `lines.js`
 * @param {{caller, names: string[], find(id), isMe(person), acts: object, moments?}} room what the elements need to know and can cause
 */
export function nodeOf(line, room) {
  switch (line.kind) {
    case "day": return element("li", { class: "speech-day" }, element("span", {}, dayName(line.at)));
    case "new": return element("li", { class: "speech-new" }, element("span", {}, t("chat.new")));
    default: return message(line, room);
  }
}

/** Whoever has not said what they are called. */
export const nameOf = (person) => person?.name || t(person?.kind === "user" ? "chat.somebody" : "chat.guest");

function message({ kind, message: said, isMine, isFirst }, room) {
  const names = ["said", isMine && "is-mine", isFirst && "is-first", kind === "pending" && "is-pending", said.deletedAt && "is-gone"];
  const node = element("li", { class: names.filter(Boolean).join(" "), tabIndex: -1 });
  if (said.id) node.dataset.id = said.id;
  const bubble = element("div", { class: "said-bubble" }, ...content(said, room));
  const body = element("div", { class: "said-body" }, head(said, isMine, isFirst), bubble, foot(said, room));
  node.append(isMine ? "" : avatar(said.author, isFirst), body);
  if (said.id) letTab(node, false);
  return node;
}

/** Whether the tabulator stops at what is in a message: only in the one that the arrows have come to, for there are hundreds. */
export function letTab(node, isStop) {
  for (const one of node.querySelectorAll("button, a")) one.tabIndex = isStop ? 0 : -1;
}

function avatar(author, isFirst) {
  const [letter = ""] = isFirst ? nameOf(author).trim() : "";
  return element("span", { class: "said-avatar", ariaHidden: "true" }, letter.toUpperCase());
}

function head({ author, createdAt }, isMine, isFirst) {
  const name = element("bdi", { class: isMine ? "visually-hidden" : "said-name" }, isMine ? t("chat.you") : nameOf(author));
  const time = element("time", { class: "said-time", dir: "auto", dateTime: createdAt, title: momentOf(createdAt) }, timeOf(createdAt));
  return element("p", { class: isFirst ? "said-head" : "said-head visually-hidden" }, name, " ", time);
}

function content(said, room) {
  if (said.deletedAt) return [element("p", { class: "said-text" }, t(said.byModerator ? "chat.removed" : "chat.deleted"))];
  const parts = [];
  if (said.replyTo) parts.push(quote(said.replyTo, room));
  if (said.photoId && room.showsPhotos) parts.push(photoButton(said.photoId, room));
  if (said.moment && room.moments) parts.push(momentButton(said.moment, room));
  const text = pieces(said.text, room.names).map((piece) => inline(piece, room));
  parts.push(element("p", { class: isOnlyEmoji(said.text) ? "said-text is-large" : "said-text", dir: "auto" }, ...text));
  if (said.editedAt) parts.push(element("span", { class: "said-edited", title: momentOf(said.editedAt) }, t("chat.edited")));
  return parts;
}

/** The moment of the film that it was said at, which leads there. */
function momentButton(moment, { moments }) {
  const time = duration(moment.position * 1000);
  return element("button", { class: "said-moment", type: "button", ariaLabel: t("chat.moment", { time }), onclick: () => moments.go(moment) }, time);
}

function inline({ kind, text, href }, room) {
  switch (kind) {
    case "link": return element("a", { href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, text);
    case "name": return element("span", { class: room.isMyName(text.slice(1)) ? "said-mention is-me" : "said-mention" }, text);
    default: return text;
  }
}

function quote(id, room) {
  const original = room.find(id);
  const text = original ? (original.deletedAt ? t("chat.deleted") : original.text) : t("chat.earlier");
  const node = element("button", { class: "said-quote", type: "button", onclick: () => room.acts.goTo(id) });
  if (original) node.append(element("bdi", { class: "said-name" }, room.isMine(original) ? t("chat.you") : nameOf(original.author)), " ");
  node.append(element("span", { dir: "auto" }, text.slice(0, 140)));
  return node;
}

function foot(said, room) {
  if (said.clientId && !said.id) return state(said, room);
  const all = (said.reactions ?? []).map(({ emoji, count, isMine }) => {
    const label = t("chat.reactions", { emoji, count });
    const node = element("button", { class: "said-reaction", type: "button", ariaPressed: String(isMine), ariaLabel: label, title: label }, emoji);
    node.onclick = () => room.acts.react(said.id, emoji, !isMine);
    node.append(element("span", {}, number(count)));
    return node;
  });
  return all.length > 0 ? element("div", { class: "said-reactions" }, ...all) : "";
}

let numbers;
const number = (value) => (numbers ??= new Intl.NumberFormat(language())).format(value);

function state({ clientId, problem }, { acts }) {
  if (!problem) return element("p", { class: "said-state" }, t("chat.sending"));
  const again = element("button", { class: "said-act", type: "button", onclick: () => acts.retry(clientId) }, t("common.retry"));
  const away = element("button", { class: "said-act", type: "button", onclick: () => acts.giveUp(clientId) }, t("common.delete"));
  return element("p", { class: "said-state is-bad" }, `${problemText(problem)} `, again, away);
}
