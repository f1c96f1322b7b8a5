import { Awake } from "./awake.js";
import { confirmDialog } from "./dialog.js";
import { element, setText } from "./dom.js";
import { eventually } from "./eventually.js";
import { bytes } from "./format.js";
import { icon } from "./icon.js";
import { loadMessages, t } from "./messages.js";
import { problemText } from "./problem.js";
import { loadStyle } from "./style.js";
import { fileField, folderField, picksFolders } from "./uploadpicker.js";
import { UploadRows } from "./uploadrows.js";
import { timeLeft } from "./uploadwords.js";

export { dropTarget } from "./uploadpicker.js";

/** Milliseconds between two things that a screen reader says of the same list. */
const calm = 10_000;

/** What is being sent, file by file and in all: `new UploadPanel(uploads)`. */
export class UploadPanel extends HTMLElement {
  #uploads;
  #rows;
  #parts;
  #ear = null;
  #onlyFailed = false;
  #saidAt = 0;
  #files;
  #folder;
  #words;

  /** @param {Uploads} uploads @param {{invite?: string, choose?: string}} [words] of a place where not everything is sent */
  constructor(uploads, words = {}) {
    super();
    [this.#uploads, this.#words] = [uploads, words];
    [this.#files, this.#folder] = [fileField(uploads), folderField(uploads)];
  }

  async connectedCallback() {
    this.#ear?.abort();
    const ear = (this.#ear = new AbortController());
    this.hidden = !this.#parts;
    keepAwake(this.#uploads);
    const fetched = () => Promise.all([loadMessages("uploads"), loadStyle("uploads")]);
    await eventually(fetched, ear.signal, () => this.#excuse());
    if (ear.signal.aborted) return;
    this.#parts ?? this.#build();
    this.hidden = false;
    this.#uploads.addEventListener("change", () => this.#show(), { signal: ear.signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#ear?.abort();
    keepAwake(this.#uploads);
  }

  /** What it is made of could not be fetched yet. */
  #excuse() {
    if (!this.firstChild) this.append(element("p", { class: "uploads-detail", role: "alert" }, t("problem.unreachable")));
    this.hidden = false;
  }

  // MARK: Parts

  #build() {
    const p = (this.#parts = {
      title: element("p", { class: "uploads-title" }), detail: element("p", { class: "uploads-detail" }),
      bar: element("div", { class: "bar-track uploads-bar", role: "progressbar", ariaValueMin: "0", ariaValueMax: "100" }),
      stop: element("button", { class: "button small", type: "button", onclick: () => this.#stopOrGo() }),
      more: this.#button("plus", "uploads.chooseFiles", () => this.#files.click()),
      clear: this.#button("check", "uploads.clear", () => this.#uploads.clear()),
      alarm: element("div", { class: "uploads-alarm", role: "alert", hidden: true }),
      failed: element("button", { class: "chip", type: "button", onclick: () => this.#filter() }),
      retry: element("button", { class: "button small", type: "button", onclick: () => this.#retryAll() }, t("uploads.retryAll")),
      said: element("p", { class: "visually-hidden", role: "status" }),
    });
    p.problems = element("div", { class: "uploads-problems" }, p.failed, p.retry);
    p.head = element("div", { class: "uploads-head" }, p.title, p.stop, p.more, p.clear);
    this.#rows = new UploadRows({
      retry: (item) => this.#retry(item), remove: (item) => this.#remove(item), fileOf: (id) => this.#uploads.fileOf(id),
    });
    p.bar.append(element("div", { class: "bar-fill" }));
    p.bar.ariaLabel = t("uploads.progress");
    p.nothing = this.#invitation();
    this.replaceChildren(this.#files, this.#folder, p.nothing, p.head, p.bar, p.detail, p.alarm, p.problems, this.#rows.node, p.said);
  }

  #button(name, label, onclick) {
    const properties = { class: "button small quiet only-icon", type: "button", ariaLabel: t(label), title: t(label), onclick };
    return element("button", properties, icon(name));
  }

  #invitation() {
    const files = element("button", { class: "button primary", type: "button" }, icon("image"), this.#words.choose ?? t("uploads.chooseFiles"));
    const folder = element("button", { class: "button", type: "button", hidden: !picksFolders }, icon("folder"), t("uploads.chooseFolder"));
    const words = element("p", {}, this.#words.invite ?? t(picksFolders ? "uploads.invitation" : "uploads.invitationTouch"));
    files.onclick = () => this.#files.click();
    folder.onclick = () => this.#folder.click();
    return element("div", { class: "uploads-nothing" }, icon("upload"), words, element("div", { class: "uploads-choices" }, files, folder));
  }

  // MARK: Showing

  #show() {
    const { items, totals, isPaused } = this.#uploads;
    const p = this.#parts;
    const isEmpty = items.length === 0;
    p.nothing.hidden = !isEmpty;
    for (const part of [p.head, p.bar, p.detail, this.#rows.node]) part.hidden = isEmpty;
    const isOver = totals.done + totals.failed === totals.files;
    this.#showHead(totals, isPaused, isOver);
    this.#showProblems(totals);
    this.#rows.show(this.#onlyFailed ? items.filter(({ state }) => state === "failed") : items);
    this.#say(totals, isOver);
  }

  #showHead(totals, isPaused, isOver) {
    const p = this.#parts;
    const part = totals.bytes > 0 ? Math.floor((100 * totals.sent) / totals.bytes) : 0;
    setText(p.title, headline(totals, isPaused, isOver));
    setText(p.detail, detail(totals, isPaused, isOver));
    p.bar.ariaValueNow = String(part);
    p.bar.firstChild.style.width = `${part}%`;
    p.bar.classList.toggle("is-still", isPaused);
    p.stop.hidden = isOver;
    p.clear.hidden = totals.done === 0;
    const words = t(isPaused ? "uploads.resume" : "uploads.pause");
    if (p.stop.textContent !== words) p.stop.replaceChildren(icon(isPaused ? "play" : "pause"), words);
  }

  #showProblems({ failed }) {
    const { problem, overflow } = this.#uploads;
    const p = this.#parts;
    const text = problem ? problemText(problem) : overflow > 0 ? t("uploads.overflow", { count: overflow }) : "";
    p.alarm.hidden = !text;
    setText(p.alarm, text);
    if (failed === 0) this.#onlyFailed = false;
    p.problems.hidden = failed === 0;
    setText(p.failed, t("uploads.failed", { count: failed }));
    p.failed.ariaPressed = String(this.#onlyFailed);
  }

  #say(totals, isOver) {
    const now = Date.now();
    if (totals.files === 0 || (!isOver && now - this.#saidAt < calm)) return;
    this.#saidAt = now;
    setText(this.#parts.said, headline(totals, this.#uploads.isPaused, isOver));
  }

  // MARK: Doing

  #stopOrGo() {
    if (this.#uploads.isPaused) this.#uploads.resume();
    else this.#uploads.pause();
  }

  #filter() {
    this.#onlyFailed = !this.#onlyFailed;
    this.#show();
  }

  #retry(item) {
    if (isLost(item)) this.#files.click();
    else this.#uploads.retry(item.id);
  }

  /** Of some the browser has no bytes: when that is all that failed, they are chosen again. */
  #retryAll() {
    const failed = this.#uploads.items.filter(({ state }) => state === "failed");
    if (failed.every(isLost)) this.#files.click();
    else this.#uploads.retry();
  }

  async #remove(item) {
    const isBegun = item.state !== "failed" && item.sent > 0 && item.sent < item.size;
    const isMeant = !isBegun || (await confirmDialog(t("uploads.confirmRemove", { name: item.name }), { danger: true, action: t("uploads.remove") }));
    if (isMeant) this.#uploads.remove(item.id);
  }
}

/** Lists to what looks after them: files are sent on when nobody looks at the list. */
const keepers = new WeakMap();

function keepAwake(uploads) {
  if (!keepers.has(uploads)) {
    const awake = new Awake();
    keepers.set(uploads, () => awake.set(isUnderWay(uploads)));
    uploads.addEventListener("change", keepers.get(uploads));
  }
  // Who takes the list off the page may end it in the same breath.
  queueMicrotask(keepers.get(uploads));
}

const isUnderWay = ({ isPaused, totals: { done, failed, files } }) => !isPaused && done + failed < files;

/** Whether the browser has no bytes of it any more. */
const isLost = ({ problem }) => problem?.code === "choose_again" || problem?.code === "file_gone";

function headline({ files, done, failed }, isPaused, isOver) {
  if (isOver && failed === 0) return t("uploads.allSent", { count: done });
  if (isOver) return t("uploads.someSent", { count: files, done });
  return t(isPaused ? "uploads.stopped" : "uploads.sending", { count: files, done });
}

function detail({ bytes: all, sent, speed, left, duplicates }, isPaused, isOver) {
  const known = duplicates > 0 ? t("uploads.duplicates", { count: duplicates }) : "";
  if (isOver) return [bytes(all), known].filter(Boolean).join(" · ");
  const pace = !isPaused && speed > 0 ? [t("uploads.speed", { size: bytes(speed) }), timeLeft(left)] : [];
  return [t("uploads.volume", { sent: bytes(sent), all: bytes(all) }), ...pace, known].filter(Boolean).join(" · ");
}

customElements.define("lumiere-uploads", UploadPanel);
