import { busy } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { duration } from "../ui/format.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { isSigned, skipsNeeded } from "../lumiere/partyroom.js";
import { icon } from "./icons.js";

/** What is shown, and below it what comes next, in the order that votes and hands give it. */
export class Queue {
  #party;
  #acts;
  #shown = null;
  #add = element("button", { class: "button primary small", type: "button" });
  #skip = element("button", { class: "button small", type: "button" });
  #list = element("ol", { class: "queue", role: "list" });
  #empty = element("p", { class: "side-empty" });
  nodes;

  /** @param {{addFilms(), addSubtitles(entry)}} acts */
  constructor(party, acts) {
    [this.#party, this.#acts] = [party, acts];
    this.#add.append(icon("plus"), t("party.queue.add"));
    this.#add.onclick = () => acts.addFilms();
    this.#skip.onclick = () => this.#voteToSkip();
    setText(this.#empty, t("party.queue.empty"));
    this.nodes = [element("div", { class: "queue-acts" }, this.#add, this.#skip), this.#list, this.#empty];
  }

  show() {
    const { queue } = this.#party.room;
    if (!queue) return;
    this.#add.hidden = !this.#party.may("queue");
    this.#showSkip(queue);
    this.#empty.hidden = queue.entries.length > 0;
    const currentId = this.#party.truth?.entryId;
    const key = JSON.stringify([queue, currentId, ["queue", "play", "skip"].map((grant) => this.#party.may(grant))]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#fill(queue, currentId);
  }

  /** The one that has the focus keeps it in its new place. */
  #fill(queue, currentId) {
    const focused = document.activeElement?.closest(".reel");
    const [id, part] = [focused?.dataset.id, document.activeElement?.dataset.part];
    const shown = queue.entries.filter((entry) => entry.id === currentId);
    const coming = queue.entries.filter((entry) => entry.id !== currentId);
    this.#list.replaceChildren(...[...shown, ...coming].map((entry) => this.#row(entry, coming, queue, currentId)));
    if (id) this.#list.querySelector(`[data-id="${CSS.escape(id)}"] [data-part="${part}"]`)?.focus();
  }

  #row(entry, coming, queue, currentId) {
    const isCurrent = entry.id === currentId;
    const facts = [entry.duration && duration(entry.duration * 1000), isCurrent && t("party.queue.now"),
      entry.subtitles > 0 && t("party.queue.subtitles", { count: entry.subtitles })];
    const words = element("span", { class: "reel-words" }, element("span", { class: "reel-title", dir: "auto" }, entry.title || t("party.untitled")),
      element("span", { class: "reel-facts" }, facts.filter(Boolean).join(" · ")));
    const node = element("li", { class: isCurrent ? "reel is-current" : "reel" }, this.#poster(entry), words);
    node.dataset.id = entry.id;
    if (isCurrent) node.setAttribute("aria-current", "true");
    if (!isCurrent) node.append(this.#voteButton(entry, queue));
    const items = () => this.#items(entry, coming, queue, isCurrent);
    if (items().length > 0) node.append(this.#more(entry, items));
    return node;
  }

  #poster({ posterPath }) {
    const frame = element("span", { class: "reel-poster" }, icon("film"));
    // One that is told of without what opens it comes in a moment.
    if (!isSigned(posterPath)) return frame;
    const image = element("img", { alt: "", width: 80, height: 45 });
    image.onload = () => frame.replaceChildren(image);
    image.src = this.#party.caller.base + posterPath;
    return frame;
  }

  #voteButton({ id, votes, title }, { myVotes }) {
    const isMine = myVotes.includes(id);
    const button = element("button", { class: "button small reel-vote", type: "button", ariaPressed: String(isMine) }, icon("up"), String(votes));
    button.dataset.part = "vote";
    button.ariaLabel = button.title = t("party.queue.vote", { title: title || t("party.untitled"), count: votes });
    button.onclick = () => busy(button, () => this.#party.vote(id, !isMine));
    return button;
  }

  #more({ title }, items) {
    const button = element("button", { class: "button quiet small only-icon", type: "button" }, icon("more"));
    button.dataset.part = "more";
    button.ariaLabel = t("party.queue.more", { title: title || t("party.untitled") });
    menuButton(button, items);
    return button;
  }

  #items(entry, coming, { entries }, isCurrent) {
    const party = this.#party;
    const mayQueue = party.may("queue");
    const run = (act) => () => busy(null, act);
    const at = coming.indexOf(entry);
    /** To where that one stands: the film that is shown has a place of its own in between. */
    const [above, below] = isCurrent ? [] : [coming[at - 1], coming[at + 1]];
    const moved = (other) => run(() => party.move(entry.id, entries.indexOf(other)));
    return [
      !isCurrent && party.may("skip") && { label: t("party.queue.play"), icon: "play", act: run(() => party.select(entry.id)) },
      mayQueue && above && { label: t("party.queue.up"), icon: "up", act: moved(above) },
      mayQueue && below && { label: t("party.queue.down"), icon: "down", act: moved(below) },
      mayQueue && { label: t("party.subtitles.add"), icon: "words", act: () => this.#acts.addSubtitles(entry) },
      mayQueue && !isCurrent && { label: t("party.queue.remove"), icon: "trash", danger: true, act: run(() => party.remove(entry.id)) },
    ].filter(Boolean).map((item) => ({ ...item, icon: icon(item.icon) }));
  }

  // MARK: Skipping

  #showSkip({ currentId, skipVotes, mySkip }) {
    this.#skip.hidden = !currentId;
    this.#skip.ariaPressed = String(Boolean(mySkip));
    const words = t("party.skip", { votes: skipVotes, needed: skipsNeeded(this.#party.room) });
    if (this.#skip.dataset.words !== words) this.#skip.replaceChildren(icon("skip"), words);
    this.#skip.dataset.words = words;
  }

  #voteToSkip() {
    return busy(this.#skip, () => this.#party.skip(!this.#party.room.queue.mySkip));
  }
}
