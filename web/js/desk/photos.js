import { later } from "../lumiere/later.js";
import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { BatchBar } from "./batchbar.js";
import { FilterBar } from "./filterbar.js";
import { Incoming } from "./incoming.js";
import { PhotoActions } from "./photoactions.js";
import { PhotoGrid } from "./photogrid.js";
import { PhotoList } from "./photolist.js";
import { filterCount, fromSearch, toSearch } from "./photoquery.js";
import * as picking from "./picks.js";
import { sessionAddress } from "./router.js";
import { isHeld, keyAction, photoKeys } from "./shortcuts.js";
import { steadily } from "./steadily.js";

/** The contact sheet of a session, as it fills: filters, many at once, everything by keyboard. */
class Photos {
  #page;
  #list;
  #grid;
  #filters;
  #bar;
  #actions;
  #incoming;
  #loupe = null;
  #picks = picking.nothing;
  #order = [];
  #rereadBin = steadily(() => this.#ear.signal.aborted || this.#list.begin(), 1000);
  #search = null;
  #state = element("div", { class: "photos-state" });
  #status = element("p", { class: "visually-hidden", role: "status" });
  #ear = new AbortController();
  node;

  constructor(page) {
    this.#page = page;
    this.#list = new PhotoList(page);
    this.#actions = new PhotoActions(page, this.#list);
    this.#grid = new PhotoGrid(page.account, {
      pressed: (id, event) => this.#pressed(id, event), opened: (id) => this.#open(id), nearEnd: () => this.#list.more(),
    });
    this.#filters = new FilterBar(page, { onFilter: (filter) => this.#go(filter), onSize: (size) => (this.#grid.size = size) });
    this.#bar = new BatchBar(page, this.#actions,
      { subjects: () => this.#subjects(), clear: () => this.#pick(picking.none(this.#picks)), all: () => this.#all() });
    this.#incoming = new Incoming();
    this.node = element("div", { class: "photos" }, element("h1", { class: "visually-hidden", tabIndex: -1 }, t("desk.photos.title")),
      this.#filters.node, this.#incoming.node, this.#grid.node, this.#state, this.#bar.node, this.#status);
    this.#list.addEventListener("change", () => this.#changed());
    addEventListener("keydown", (event) => this.#key(event), { signal: this.#ear.signal });
  }

  show(route) {
    const filter = fromSearch(route.query);
    const search = JSON.stringify(filter);
    if (search !== this.#search) {
      this.#search = search;
      this.#picks = picking.nothing;
      this.#filters.show(filter);
      this.#list.begin(filter);
    }
    const id = route.query.get("photo");
    if (id) this.#open(id);
  }

  happened(message) {
    const { type, data } = message;
    this.#loupe?.happened(message);
    if (type === "new_photo" || type === "photo_status_updated") this.#put(data);
    if (type === "photo_deleted") this.#gone(data.photoId);
    if (type === "photo_liked") this.#liked(data);
    if (type === "batch_progress") this.#actions.progressed(data);
    if (type === "upload_progress") this.#incoming.progressed(data);
  }

  joined({ recovered }) {
    if ((!recovered || this.#list.problem) && this.#search) this.#list.begin();
  }

  changed() {
    this.#bar.show(this.#picks.ids.size);
  }

  close() {
    this.#ear.abort();
    this.#list.close();
    this.#grid.close();
    this.#incoming.close();
    this.#loupe?.close();
    this.#bar.close();
  }

  // MARK: The list

  #put(photo) {
    const isNew = this.#list.indexOf(photo.id) < 0;
    this.#incoming.done(photo.id);
    if (isNew) this.#grid.greet(photo.id);
    this.#list.put(photo);
    this.#loupe?.put(photo);
  }

  #liked({ photoId, likes }) {
    const photo = this.#list.get(photoId);
    if (photo) this.#list.put({ ...photo, likes });
  }

  /** In the bin, what is not known has come into it. */
  #gone(id) {
    if (this.#list.filter.deleted !== "true" || this.#list.get(id)) this.#list.remove([id]);
    else this.#rereadBin();
  }

  #changed() {
    const before = this.#order;
    this.#order = this.#list.items.map(({ id }) => id);
    this.#picks = picking.keep(this.#picks, this.#order, before);
    this.#filters.learn(this.#list.items);
    this.#show();
    this.#loupe?.listChanged();
  }

  #show() {
    this.#grid.show(this.#list.items, this.#picks);
    this.#bar.show(this.#picks.ids.size);
    this.#showState();
  }

  #showState() {
    const { items, isLoading, problem } = this.#list;
    if (problem) return this.#showFailure(problemText(problem));
    // Below a list that grows, a word would be pushed down again and again.
    if (items.length > 0 || isLoading) return this.#state.replaceChildren(isLoading && items.length === 0
      ? element("p", { class: "photos-loading" }, t("common.loading")) : "");
    const isFiltered = filterCount(this.#list.filter) > 0;
    this.#state.replaceChildren(isFiltered ? this.#nothingFound() : this.#empty());
  }

  /** While it is tried again the button stays where it is, or nobody could press it. */
  #showFailure(text) {
    const [shown] = this.#state.children;
    if (shown?.classList.contains("is-failure")) return setText(shown.firstChild, text);
    const again = element("button", { class: "button", type: "button", onclick: () => this.#list.begin() }, t("common.retry"));
    this.#state.replaceChildren(element("div", { class: "nothing is-failure" }, element("p", { role: "alert" }, text), again));
  }

  #nothingFound() {
    const clear = element("button", { class: "button", type: "button", onclick: () => this.#go({ sort: this.#list.filter.sort }) },
      t("desk.photos.clear"));
    return element("div", { class: "nothing" }, icon("search"),
      element("p", {}, t(this.#list.filter.deleted ? "desk.photos.binempty" : "desk.photos.none")), clear);
  }

  #empty() {
    const send = element("button", { class: "button primary", type: "button", onclick: () => this.#page.send() }, icon("upload"),
      t("desk.upload.button"));
    return element("div", { class: "nothing drop-here" }, icon("photos"), element("h2", { class: "nothing-title" }, t("desk.photos.emptytitle")),
      element("p", {}, t("desk.photos.empty")), ...(this.#page.may("upload") ? [send] : []));
  }

  #go(filter) {
    location.hash = sessionAddress(this.#page.id, "photos", toSearch(filter));
  }

  // MARK: Picking

  #pressed(id, event) {
    const onMark = event.target.closest(".cell-pick");
    if (event.shiftKey) return this.#pick(picking.extend(this.#picks, id, this.#order));
    if (onMark || event.ctrlKey || event.metaKey || this.#picks.ids.size > 0) return this.#pick(picking.toggle(this.#picks, id));
    this.#pick(picking.focusOn(this.#picks, id));
    this.#open(id);
  }

  #pick(picks) {
    const count = this.#picks.ids.size;
    this.#picks = picks;
    this.#show();
    if (picks.ids.size !== count) setText(this.#status, t("desk.photos.picked", { count: picks.ids.size }));
  }

  #subjects() {
    return picking.subjects(this.#picks, this.#order);
  }

  async #all() {
    this.#pick(picking.all(this.#picks, this.#order));
    await this.#list.all();
    this.#pick(picking.all(this.#picks, this.#order));
  }

  async #open(id) {
    const { Loupe } = await later("./loupe.js", import.meta.url);
    if (this.#loupe || this.#ear.signal.aborted) return;
    this.#loupe = new Loupe(this.#page, this.#list, this.#actions, { onMoved: (at) => this.#look(at), onClosed: () => this.#closed() });
    this.#loupe.open(id);
  }

  #look(id) {
    this.#picks = picking.focusOn(this.#picks, id);
    this.#show();
  }

  /** The address keeps no photo that is not looked at any more; the focus is where the eye was. */
  #closed() {
    this.#loupe = null;
    if (/[?&]photo=/.test(location.hash)) history.replaceState(null, "", sessionAddress(this.#page.id, "photos", toSearch(this.#list.filter)));
    const index = this.#order.indexOf(this.#picks.focus);
    if (index >= 0) this.#grid.reveal(index);
    this.#grid.focus();
  }

  // MARK: Keys

  #key(event) {
    if (this.#loupe || document.querySelector("dialog[open], .menu")
      || event.target.closest?.("input, textarea, select, .chat-drawer, .dock")) return;
    const inGrid = this.#grid.node.contains(event.target) || event.target === document.body;
    if (inGrid && this.#move(event)) return event.preventDefault();
    const action = keyAction(event, photoKeys);
    if (!action || (!inGrid && (event.key === "Enter" || event.key === " "))) return;
    event.preventDefault();
    if (isHeld(event)) return;
    this.#act(action);
  }

  #move(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#grid.columns, ArrowDown: this.#grid.columns, Home: -Infinity, End: Infinity };
    const isMirrored = getComputedStyle(this.node).direction === "rtl" && event.key.startsWith("Arrow") && !/Up|Down/.test(event.key);
    const step = (steps[event.key] ?? 0) * (isMirrored ? -1 : 1);
    if (!step || event.altKey || this.#order.length === 0) return false;
    const at = this.#order.indexOf(this.#picks.focus);
    const next = at < 0 && step < Infinity ? 0 : Math.max(0, Math.min(this.#order.length - 1, at + step));
    const id = this.#order[next];
    if (event.shiftKey && !this.#picks.anchor) this.#picks = { ...this.#picks, anchor: this.#picks.focus ?? id };
    this.#pick(event.shiftKey ? picking.extend(this.#picks, id, this.#order) : picking.focusOn(this.#picks, id));
    this.#grid.reveal(next);
    this.#grid.focus();
    return true;
  }

  #act(action) {
    const { focus } = this.#picks;
    if (action === "open") return focus && this.#open(focus);
    if (action === "pick") return focus && this.#pick(picking.toggle(this.#picks, focus));
    if (action === "all") return this.#all();
    if (action === "none") return this.#pick(picking.none(this.#picks));
    if (action === "help") return later("./help.js", import.meta.url).then(({ showHelp }) => showHelp("photos"));
    const ids = this.#subjects();
    if (ids.length > 0) this.#actions.run(action, ids);
  }
}

export const open = (page) => new Photos(page);
