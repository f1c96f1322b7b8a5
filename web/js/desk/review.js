import { later } from "../lumiere/later.js";
import { busy, say } from "../ui/act.js";
import { confirmDialog } from "../ui/dialog.js";
import { element, setText } from "../ui/dom.js";
import { segments } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { view } from "./loupe.js";
import { PhotoActions } from "./photoactions.js";
import { PhotoList } from "./photolist.js";
import { signed, still } from "./pictures.js";
import { ReportQueue } from "./reports.js";
import { sessionAddress } from "./router.js";
import { isHeld, keyAction, reviewKeys } from "./shortcuts.js";
import { dateTime } from "./words.js";

/** The decisions that can be taken back. */
const memory = 50;

/** The queue: one big picture after the other, decided with one key each. */
class Review {
  #page;
  #list;
  #actions;
  #reports;
  /** Where the photo that is looked at stands: others come and go before it. */
  #index = 0;
  #id = null;
  #shown = "";
  /** What was decided, the latest last: `{id, photo}`. */
  #past = [];
  #sections = element("div");
  #stage = element("div", { class: "review-stage on-picture" });
  #words = element("div", { class: "review-words" });
  #buttons = element("div", { class: "review-buttons" });
  #queue = element("div", { class: "review-card" });
  #state = element("div");
  #place = element("span", { class: "review-place", role: "status" });
  #undo;
  #what = "queue";
  #ear = new AbortController();
  #onTodo = () => this.#showTabs();
  node;

  constructor(page) {
    this.#page = page;
    this.#list = new PhotoList(page);
    this.#actions = new PhotoActions(page, this.#list);
    this.#reports = new ReportQueue(page);
    this.#undo = this.#button("undo", "undo", () => this.#takeBack());
    this.#queue.append(this.#stage, element("div", { class: "review-side" }, this.#words, this.#buttons, this.#foot()));
    this.node = element("div", { class: "review" },
      element("div", { class: "page-head" }, element("h1", { class: "page-title", tabIndex: -1 }, t("desk.nav.review")), this.#sections),
      this.#queue, this.#state, this.#reports.node);
    this.#list.addEventListener("change", () => this.#show());
    this.#buttons.append(...this.#decisions());
    addEventListener("keydown", (event) => this.#key(event), { signal: this.#ear.signal });
    page.todo.addEventListener("change", this.#onTodo);
    this.#list.begin({ sort: "oldest", review: "pending", status: "ready", hidden: "false" });
    this.#showTabs();
  }

  show({ query }) {
    this.#what = query.get("what") === "reports" ? "reports" : "queue";
    this.#showTabs();
    this.#show();
  }

  happened({ type, data }) {
    if (type === "new_photo" || type === "photo_status_updated") this.#list.put(data);
    if (type === "photo_deleted") this.#list.remove([data.photoId]);
    if (type === "photo_reported" || type === "report_resolved") this.#reports.load();
  }

  joined({ recovered }) {
    if (!recovered || this.#list.problem) this.#list.begin();
  }

  close() {
    this.#ear.abort();
    this.#list.close();
    this.#page.todo.removeEventListener("change", this.#onTodo);
  }

  #showTabs() {
    const { pending, reports } = this.#page.todo;
    const options = [["queue", t("desk.review.queue", { count: pending })], ["reports", t("desk.review.reports", { count: reports.length })]];
    const key = JSON.stringify([options, this.#what]);
    if (this.#sections.dataset.key === key || this.#sections.contains(document.activeElement)) return;
    this.#sections.dataset.key = key;
    this.#sections.replaceChildren(segments(t("desk.nav.review"), options, this.#what,
      (what) => (location.hash = sessionAddress(this.#page.id, "review", { what: what === "reports" ? what : "" }))));
  }

  get #photo() {
    return this.#list.items[this.#index] ?? null;
  }

  #show() {
    const isQueue = this.#what === "queue";
    const at = this.#list.indexOf(this.#id);
    this.#look(at >= 0 ? at : this.#index);
    const photo = this.#photo;
    this.#reports.node.hidden = isQueue;
    this.#queue.hidden = !isQueue || !photo;
    this.#state.hidden = !isQueue || Boolean(photo);
    this.#undo.disabled = this.#past.length === 0;
    if (!photo) return this.#showNothing();
    this.#showPhoto(photo);
    if (this.#index > this.#list.items.length - 8) this.#list.more();
  }

  #look(index) {
    this.#index = Math.max(0, Math.min(index, this.#list.items.length - 1));
    this.#id = this.#photo?.id ?? null;
  }

  #showNothing() {
    const { isLoading, problem } = this.#list;
    this.#shown = "";
    if (isLoading) return this.#state.replaceChildren(element("div", { class: "skeleton review-skeleton" }));
    if (problem) {
      const again = element("button", { class: "button", type: "button", onclick: () => this.#list.begin() }, t("common.retry"));
      return this.#state.replaceChildren(element("div", { class: "nothing" }, element("p", {}, problemText(problem)), again));
    }
    const back = this.#past.length > 0 ? [this.#button("undo", "undo", () => this.#takeBack())] : [];
    this.#state.replaceChildren(element("div", { class: "nothing" }, icon("check"),
      element("h2", { class: "nothing-title" }, t("desk.review.done")), element("p", {}, t("desk.review.donetext")), ...back));
  }

  #showPhoto(photo) {
    const total = this.#list.hasMore ? `${this.#list.items.length}+` : this.#list.items.length;
    setText(this.#place, t("desk.loupe.place", { at: this.#index + 1, total }));
    const file = still(photo, innerWidth * 0.7 * devicePixelRatio);
    const key = `${photo.id} ${file?.url.split("?")[0]}`;
    if (key === this.#shown) return;
    this.#shown = key;
    this.#stage.replaceChildren(view(this.#page.account, photo, file));
    const facts = [photo.uploaderName && t("desk.review.by", { name: photo.uploaderName }), dateTime(photo.createdAt), photo.caption].filter(Boolean);
    this.#words.replaceChildren(element("h2", { class: "review-name" }, photo.title || photo.filename || t("desk.photo")),
      ...facts.map((text) => element("p", {}, text)));
    this.#preload();
  }

  #preload() {
    for (const next of this.#list.items.slice(this.#index + 1, this.#index + 3)) {
      const file = still(next, innerWidth * 0.7 * devicePixelRatio);
      if (file) new Image().src = signed(this.#page.account, file.url, next.sessionId);
    }
  }

  // MARK: Deciding

  #decisions() {
    const edit = this.#page.may("edit") && !this.#page.isArchived;
    const made = [
      this.#button("approve", "check", () => this.#decide("approve"), "primary"), this.#button("reject", "close", () => this.#decide("reject")),
      this.#button("note", "edit", () => this.#decide("note")), this.#button("hide", "hide", () => this.#decide("hide")),
    ];
    for (const button of made) button.disabled = !edit;
    return [...made, this.#undo];
  }

  #foot() {
    const step = (by, picture, key) =>
      element("button", { class: "button quiet only-icon", type: "button", ariaLabel: t(`desk.loupe.${key}`), onclick: () => this.#step(by) },
      icon(picture));
    const help = element("button",
      { class: "button quiet small only-icon for-keys", type: "button", ariaLabel: t("desk.keys.title"), title: t("desk.keys.title") }, icon("help"));
    help.onclick = () => later("./help.js", import.meta.url).then(({ showHelp }) => showHelp("review"));
    const rest = element("button", { class: "button small", type: "button" }, t("desk.review.all"));
    rest.onclick = () => busy(rest, () => this.#approveAll());
    return element("div", { class: "review-foot" }, step(-1, "back", "previous"), this.#place, step(1, "next", "next"), help, rest);
  }

  #button(action, picture, onclick, kind = "") {
    const key = { approve: "A", reject: "R", note: "N", hide: "H", undo: "U" }[action];
    return element("button", { class: `button ${kind}`, type: "button", onclick }, icon(picture),
      element("span", {}, t(`desk.review.act.${action}`)), element("kbd", { class: "for-keys", "aria-hidden": "true" }, key));
  }

  #step(by) {
    this.#look(this.#index + by);
    this.#show();
  }

  /** It goes from the screen at once; should the server refuse, it comes back. */
  async #decide(action) {
    const photo = this.#photo;
    if (!photo || !this.#page.may("edit") || this.#page.isArchived) return;
    if (action === "note") return this.#actions.run("note", [photo.id]);
    // To show what was hidden would approve it: that is no undoing, so it is not offered.
    if (action !== "hide") this.#past = [...this.#past, photo].slice(-memory);
    this.#list.remove([photo.id]);
    try {
      const { failed, results } = await this.#actions.batch(action, [photo.id], {}, { isQuiet: action !== "hide" });
      if (failed > 0) throw { ...results[0], message: results[0].detail, status: 409 };
    } catch (problem) {
      this.#past = this.#past.filter((held) => held !== photo);
      this.#list.put(photo);
      say(problem);
    }
  }

  async #takeBack() {
    const photo = this.#past.pop();
    if (!photo) return;
    try {
      await this.#actions.batch("pend", [photo.id], {}, { isQuiet: true });
      this.#list.put({ ...photo, review: "pending" });
      this.#look(this.#list.indexOf(photo.id));
      this.#show();
    } catch (problem) {
      this.#past.push(photo);
      say(problem);
    }
  }

  async #approveAll() {
    await this.#list.all();
    if (this.#list.problem) throw this.#list.problem;
    // These are asked about, and no others that come while somebody thinks.
    const ids = this.#list.items.map(({ id }) => id);
    if (ids.length === 0) return;
    const act = () => this.#actions.batch("approve", ids);
    const title = t("desk.review.alltitle", { count: ids.length });
    if (await confirmDialog(t("desk.review.alltext"), { title, action: t("desk.review.all"), act })) await this.#list.begin();
  }

  #key(event) {
    if (this.#what !== "queue" || document.querySelector("dialog[open], .menu")
      || event.target.closest("input, textarea, select, video, .chat-drawer")) return;
    const action = keyAction(event, reviewKeys);
    if (!action) return;
    event.preventDefault();
    if (isHeld(event)) return;
    const mirrored = getComputedStyle(this.node).direction === "rtl" ? -1 : 1;
    if (action === "previous" || action === "next") return this.#step((action === "next" ? 1 : -1) * mirrored);
    if (action === "undo") return this.#takeBack();
    if (action === "help") return later("./help.js", import.meta.url).then(({ showHelp }) => showHelp("review"));
    if (action.startsWith("rate")) return this.#photo && this.#actions.run(action, [this.#photo.id]);
    this.#decide(action);
  }
}

export const open = (page) => new Review(page);
