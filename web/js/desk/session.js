import { later } from "../lumiere/later.js";
import { Live } from "../lumiere/live.js";
import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { expectFirstDrop } from "./firstdrop.js";
import { keepGrantFresh } from "./grants.js";
import { SessionHead } from "./sessionhead.js";
import { Todo } from "./todo.js";
import { may } from "./words.js";

const toldTwice = new Set(["new_photo", "photo_status_updated", "photo_deleted", "selection_updated", "selection_photo_changed",
  "selection_deleted"]);

/** The database in which uploads are kept over reloads. */
const uploadShelf = "lumiere.uploads";

const openers = {
  overview: () => later("./overview.js", import.meta.url),
  photos: () => later("./photos.js", import.meta.url),
  review: () => later("./review.js", import.meta.url),
  selections: () => later("./selections.js", import.meta.url),
  share: () => later("./share.js", import.meta.url),
  statistics: () => later("./statistics.js", import.meta.url),
  settings: () => later("./settings.js", import.meta.url),
};

/**
 * One session at the desk: its live connection, its uploads, and the view of it that is shown.
 *
 * Views are made by `open(context, route)`, and are `{node, happened?(message), joined?(facts), changed?(session), show?(route), close?()}`.
 */
class SessionPage {
  account;
  session = null;
  live;
  /** Who follows the session, as told last. */
  presence = { count: 0, people: [], sampled: false };
  todo;
  node = element("div", { class: "page session-page" });
  #shell;
  #docks;
  #route;
  #head;
  #place = element("div", { class: "session-view" });
  #view = null;
  #viewName = "";
  #turn = 0;
  #isClosed = false;
  #letGrantGo = null;
  #hearsDesk = false;
  /** In a row, without getting in. */
  #renewals = 0;

  constructor({ account, shell, docks }, route) {
    this.account = account;
    this.#shell = shell;
    this.#docks = docks;
    this.#route = route;
    this.node.append(skeleton());
    this.live = new Live(account, route.sessionId, {
      event: (message) => this.#happened(message), joined: (facts) => this.#joined(facts), phase: (phase) => this.#head?.showPhase(phase),
      refused: () => this.#renew(), dismissed: (ending) => this.#head?.showPhase("dismissed", ending),
    });
    this.todo = new Todo(this, (view, count) => this.#shell.showCount(view, count));
    this.#begin();
  }

  get id() {
    return this.#route.sessionId;
  }

  may(right) {
    return may(this.session, right);
  }

  get isArchived() {
    return this.session.status === "archived";
  }

  /** Changes the session on the server and here. */
  async change(body) {
    this.take(await this.account.ask(`/api/sessions/${this.id}`, { method: "PUT", body }));
  }

  /** The session is different by now: what an answer or an event leaves out is not set, but for what is only told of one session. */
  take(session) {
    this.session = { rendering: this.session.rendering, ...session };
    this.#head.show(this.session);
    this.#shell.showSession(this.session);
    this.#view?.changed?.(this.session);
  }

  show(route) {
    this.#route = route;
    if (this.session) this.#showView();
  }

  close() {
    this.#isClosed = true;
    this.live.stop();
    this.#letGrantGo?.();
    this.#view?.close?.();
    this.#head?.close();
    this.#docks.leave(this.id, this.session?.title);
  }

  async send() {
    (await this.#dock())?.open();
  }

  /** Files may be dropped wherever one is, and what was under way before a reload goes on; until then, what sends them is not needed. */
  async #expectFiles() {
    if (this.#docks.has(this.id)) return void (await this.#dock());
    expectFirstDrop(this.node, async () => (await this.#dock())?.ready);
    const kept = await indexedDB.databases?.().catch(() => null);
    if (!kept || kept.some(({ name }) => name === uploadShelf)) this.#dock().catch(() => undefined);
  }

  /** @returns {Promise<UploadDock|null>} `null` when the page has gone meanwhile */
  async #dock() {
    const { UploadDock } = await later("./uploaddock.js", import.meta.url);
    if (this.#isClosed) return null;
    const dock = this.#docks.of(this.id, () => new UploadDock(this.account, this.id));
    dock.arrive(this.node);
    return dock;
  }

  async #begin() {
    try {
      this.session = await this.account.ask(`/api/sessions/${this.id}`);
    } catch (problem) {
      return this.node.replaceChildren(this.#lost(problem));
    }
    if (this.#isClosed) return;
    this.#shell.showSession(this.session);
    this.#head = new SessionHead(this);
    this.node.replaceChildren(this.#head.node, this.#place);
    this.#head.show(this.session);
    this.live.start();
    this.#letGrantGo = keepGrantFresh(this.account, this.id);
    this.todo.start();
    this.#showView();
    if (this.may("upload")) this.#expectFiles().catch(() => undefined);
  }

  async #showView() {
    const turn = (this.#turn += 1);
    const { view } = this.#route;
    this.#shell.showView(view);
    document.title = `${t(`desk.nav.${view}`)} · ${this.session.title}`;
    if (view === this.#viewName) return this.#view?.show?.(this.#route);
    try {
      const { open } = await openers[view]();
      if (turn !== this.#turn || this.#isClosed) return;
      this.#replace(view, open(this, this.#route));
    } catch (problem) {
      if (turn === this.#turn) this.#place.replaceChildren(this.#lost(problem));
    }
  }

  #replace(name, view) {
    this.#view?.close?.();
    this.#viewName = name;
    this.#view = view;
    this.#place.replaceChildren(view.node);
    scrollTo(0, 0);
    view.show?.(this.#route);
  }

  #joined(facts) {
    this.#renewals = 0;
    this.#hearsDesk = facts.desk;
    this.presence = { count: facts.guests, people: facts.people ?? [], sampled: facts.sampled };
    this.#head?.showPresence(this.presence);
    this.#head?.chatJoined(facts.recovered);
    if (!facts.recovered) this.todo.refresh();
    this.#view?.joined?.(facts);
  }

  #happened(message) {
    const { type, data, topic } = message;
    // Of what both topics tell, the staff's says more: on the guests' one, "deleted" also means "hidden from guests".
    if (this.#hearsDesk && topic?.startsWith("session:") && toldTwice.has(type)) return;
    if (type === "session_updated" && data.id === this.id) this.#updated(data);
    if (type === "user_joined" || type === "user_left") {
      this.presence = { count: data.count, people: data.people ?? this.presence.people, sampled: data.sampled };
      this.#head?.showPresence(this.presence);
    }
    this.todo.happened(message);
    this.#head?.happened(message);
    this.#view?.happened?.(message);
  }

  /** The event tells what everybody may know; rights and settings are one's own. */
  #updated(data) {
    const { rights, role, settings, accessCode, galleryPath } = this.session;
    this.take({ ...data, rights, role, settings: data.settings ?? settings, accessCode: data.accessCode ?? accessCode,
      galleryPath: data.galleryPath ?? galleryPath });
    this.account.ask(`/api/sessions/${this.id}`).then((session) => !this.#isClosed && this.take(session), () => undefined);
  }

  /** Whom the server has sent away asks to be let in again. */
  reconnect() {
    this.#renewals = 0;
    this.live.start();
  }

  /** Refused again and again with fresh tokens, it gives up; a token that does not come for want of a network is no refusal. */
  async #renew() {
    if (this.#renewals >= 3) return this.#head?.showPhase("dismissed");
    try {
      await this.account.renew();
      this.#renewals += 1;
      if (!this.#isClosed) this.live.start();
    } catch (problem) {
      if (problem.isPassing) setTimeout(() => !this.#isClosed && this.#renew(), 5000);
    }
  }

  #lost(problem) {
    const again = element("button", { class: "button", type: "button", onclick: () => location.reload() }, t("common.retry"));
    const home = element("a", { class: "button quiet", href: "#/" }, t("desk.nav.sessions"));
    const text = problem.status === 404 ? t("desk.session.lost") : problemText(problem);
    return element("div", { class: "nothing" }, element("h1", { class: "nothing-title", tabIndex: -1 }, text), problem.status === 404 ? home : again);
  }
}

const skeleton = () => element("div", { class: "session-skeleton", "aria-hidden": "true" },
  element("div", { class: "skeleton" }), element("div", { class: "skeleton" }));

export const open = (place, route) => new SessionPage(place, route);
