import { openDialog } from "../ui/dialog.js";
import { element, setText } from "../ui/dom.js";
import { choice, input, segments, unhurried } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { sessionAddress } from "./router.js";
import { sessionCard } from "./sessioncard.js";
import { SessionForm, types } from "./sessionform.js";

const pageSize = 24;

/** All sessions that one belongs to, as a wall of covers. */
class Sessions {
  #account;
  #filter = { status: "", type: "", text: "" };
  #grid = element("ul", { class: "session-grid" });
  #state = element("div", { class: "sessions-state" });
  #end = element("div", { class: "list-end" });
  #status = element("p", { class: "visually-hidden", role: "status" });
  #cursor;
  #turn = 0;
  #isLoading = false;
  #watch = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#more(), { rootMargin: "800px" });
  node;

  constructor({ account }) {
    this.#account = account;
    this.node = element("div", { class: "page" }, this.#head(), this.#filters(), this.#grid, this.#state, this.#end, this.#status);
    this.#watch.observe(this.#end);
    this.#begin();
  }

  show() {
    document.title = `${t("desk.sessions.title")} · Lumiere`;
  }

  close() {
    this.#turn += 1;
    this.#watch.disconnect();
  }

  #head() {
    const create = element("button", { class: "button primary", type: "button", onclick: () => this.#create() }, icon("plus"),
      t("desk.sessions.new"));
    return element("div", { class: "page-head" }, element("h1", { class: "page-title", tabIndex: -1 }, t("desk.sessions.title")), create);
  }

  #filters() {
    const search = input({ type: "search", placeholder: t("desk.sessions.search"), ariaLabel: t("desk.sessions.search") });
    search.oninput = unhurried(() => this.#change({ text: search.value.trim() }));
    const kinds = choice([["", t("desk.sessions.alltypes")], ...types.map((name) => [name, t(`desk.type.${name}`)])], "",
      { ariaLabel: t("desk.form.type") });
    kinds.onchange = () => this.#change({ type: kinds.value });
    const states = ["", "active", "paused", "ended", "archived", "bin"].map((name) => [name, t(name ? `desk.status.${name}` : "desk.sessions.all")]);
    return element("div", { class: "filter-row" }, search, kinds,
      element("div", { class: "scroll-row" }, segments(t("desk.sessions.status"), states, "", (status) => this.#change({ status }))));
  }

  #change(change) {
    Object.assign(this.#filter, change);
    this.#begin();
  }

  #begin() {
    this.#turn += 1;
    this.#cursor = undefined;
    this.#isLoading = false;
    this.#state.replaceChildren();
    this.#grid.replaceChildren(...Array.from({ length: 6 }, () => element("li", { class: "session-card skeleton" })));
    this.#load();
  }

  #more() {
    if (this.#cursor) this.#load();
  }

  async #load() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const turn = this.#turn;
    try {
      const page = await this.#account.ask("/api/sessions", { query: { ...this.#query(), cursor: this.#cursor, limit: pageSize } });
      if (turn === this.#turn) this.#show(page);
    } catch (problem) {
      if (turn === this.#turn) this.#fail(problem);
    } finally {
      if (turn === this.#turn) this.#isLoading = false;
    }
  }

  #query() {
    const { status, type, text } = this.#filter;
    const isBin = status === "bin";
    return { text: text || undefined, type: type || undefined, status: isBin ? undefined : status || undefined, deleted: isBin ? true : undefined };
  }

  #show({ items, nextCursor }) {
    const cards = items.map((session) => sessionCard(this.#account, session, { onRestored: () => this.#begin() }));
    if (this.#cursor) this.#grid.append(...cards);
    else this.#grid.replaceChildren(...cards);
    this.#cursor = nextCursor;
    const isEmpty = this.#grid.children.length === 0;
    if (isEmpty) this.#state.replaceChildren(this.#isFiltered ? nothingFound() : this.#welcome());
    setText(this.#status, t("desk.sessions.count", { count: this.#grid.children.length }));
    // What ends within the window is not seen a second time: look again.
    this.#watch.unobserve(this.#end);
    this.#watch.observe(this.#end);
  }

  #fail(problem) {
    if (!this.#cursor) this.#grid.replaceChildren();
    const again = element("button", { class: "button", type: "button", onclick: () => (this.#state.replaceChildren(), this.#load()) },
      t("common.retry"));
    this.#state.replaceChildren(element("div", { class: "nothing" }, element("p", {}, problemText(problem)), again));
  }

  get #isFiltered() {
    return Object.values(this.#filter).some(Boolean);
  }

  /** Who has none yet learns in three steps what a session is. */
  #welcome() {
    const steps = ["one", "two",
      "three"].map((name) => element("li", {}, element("h3", {}, t(`desk.welcome.${name}`)), element("p", {}, t(`desk.welcome.${name}text`))));
    const create = element("button", { class: "button primary", type: "button", onclick: () => this.#create() }, icon("plus"),
      t("desk.sessions.new"));
    return element("div", { class: "nothing welcome" }, icon("photos"), element("h2", { class: "nothing-title" }, t("desk.welcome.title")),
      element("p", {}, t("desk.welcome.text")), element("ol", { class: "welcome-steps" }, ...steps), create);
  }

  #create() {
    const form = new SessionForm();
    const act = async () => {
      if (!form.check()) return false;
      const session = await this.#account.ask("/api/sessions", { method: "POST", body: form.values });
      location.hash = sessionAddress(session.id);
    };
    openDialog({
      title: t("desk.sessions.new"), body: form.node, wide: true, focus: form.title,
      actions: [{ name: "cancel", label: t("common.cancel") }, { name: "create", label: t("desk.sessions.create"), kind: "primary", act }],
    });
  }
}

const nothingFound = () => element("div", { class: "nothing" }, icon("search"), element("p", {}, t("desk.sessions.none")));

export const open = (place) => new Sessions(place);
