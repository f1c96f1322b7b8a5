import { byId, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { EntryForm, write } from "./entryform.js";
import { wantsPassword } from "./way.js";

/** Refusals that a code does not help against: the gallery is there, and closed. */
const closed = new Set(["not_released", "session_expired", "session_archived", "link_expired", "link_used_up"]);

/** Refusals that time may heal. */
const passing = new Set(["not_released", "busy", "too_many_requests"]);

/** What stands before the gallery: a form for the code or password, and a word about why it is shut. */
export class Door {
  #way;
  #form;
  #open;

  /** @param {{open(password)}} hooks called to try again, with a password where one was asked for */
  constructor(way, { open }) {
    this.#way = way;
    this.#open = open;
    this.#form = new EntryForm();
    byId("door-retry").addEventListener("click", () => open());
  }

  /** @param {Problem} problem */
  refuse(problem) {
    byId("door").hidden = false;
    if (wantsPassword(problem)) return this.#askPassword(problem);
    const isClosed = closed.has(problem.code);
    const isLost = problem.status === 404 && this.#way.link !== undefined;
    this.#say(isClosed ? problem.code : isLost ? "no_link" : "title");
    byId("door-retry").hidden = !passing.has(problem.code);
    if (isClosed || isLost) this.#form.offer();
    else this.#form.ask(problemText(problem), this.#way.code);
  }

  #say(name) {
    const text = t(`gallery.door.${name}.text`);
    const hasText = text !== `gallery.door.${name}.text`;
    write(byId("door-title"), t(hasText ? `gallery.door.${name}.title` : "gallery.door.title"));
    setText(byId("door-text"), hasText ? text : "");
    byId("door-text").hidden = !hasText;
  }

  #askPassword(problem) {
    const message = problem.code === "wrong_password" ? problemText(problem) : "";
    this.#form.askPassword(message, (password) => this.#open(password));
  }
}
