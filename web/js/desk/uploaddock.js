import { Uploads } from "../lumiere/uploads.js";
import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { loadMessages, t } from "../ui/messages.js";
import { loadStyle } from "../ui/style.js";
import { toast } from "../ui/toast.js";
import { dropTarget, UploadPanel } from "../ui/uploads.js";

/** What is being sent into one session, folded away at the foot of the page: it stays while the views and pages change. */
export class UploadDock {
  #uploads;
  #words = element("span", { class: "dock-words" });
  #fill = element("div", { class: "bar-fill" });
  #track = element("div", { class: "bar-track" }, this.#fill);
  #fold = element("button", { class: "dock-head", type: "button", ariaExpanded: "true" });
  #body = element("div", { class: "dock-body" });
  #isWanted = false;
  #known = 0;
  #endDrop = () => {};
  #page = null;
  /** While its session's page is not shown: `{title, onOver}`. */
  #away = null;
  #isClosed = false;
  /** Resolved once files can be dropped. */
  ready;
  node;

  constructor(account, sessionId) {
    this.#uploads = new Uploads(account, { sessionId, parallel: 3 });
    this.#fold.append(icon("upload"), this.#words, icon("down"));
    this.#fold.onclick = () => this.#unfold(this.#body.hidden);
    this.#body.append(new UploadPanel(this.#uploads));
    const close = element("button",
      { class: "button quiet small only-icon", type: "button", ariaLabel: t("common.close"), onclick: () => this.#hide() }, icon("close"));
    this.node = element("section", { class: "dock", ariaLabel: t("desk.upload.title"), hidden: true },
      element("div", { class: "dock-bar" }, this.#fold, close), this.#track, this.#body);
    this.#uploads.addEventListener("change", this.#show);
    this.ready = this.#begin();
  }

  open() {
    this.#isWanted = true;
    this.#unfold(true);
    this.#show();
    this.#body.querySelector("button")?.focus();
  }

  /** The session's page is shown: files may be dropped on it. @param {HTMLElement} page */
  arrive(page) {
    if (page === this.#page) return;
    [this.#page, this.#away] = [page, null];
    this.ready.then(() => page === this.#page && (this.#endDrop = dropTarget(page, this.#uploads)), () => undefined);
    this.#show();
  }

  /** It is not shown any more. @param {() => void} onOver called once nothing of this is needed */
  leave(title, onOver) {
    this.#endDrop();
    [this.#page, this.#away] = [null, { title: title ?? this.#away?.title ?? "", onOver }];
    if (this.#isOver) onOver();
    else this.#unfold(false);
  }

  close() {
    this.#isClosed = true;
    this.#endDrop();
    this.#uploads.removeEventListener("change", this.#show);
    this.#uploads.close?.();
  }

  async #begin() {
    await Promise.all([loadMessages("uploads"), loadStyle("uploads")]);
    if (!this.#isClosed) this.#show();
  }

  /** Nothing is under way, and nobody has to be told of what failed. */
  get #isOver() {
    return !this.#uploads.isBusy && (this.#uploads.totals.failed === 0 || !this.#isWanted);
  }

  /** New files open it; it is only in the way when somebody has closed it. */
  #show = () => {
    const { files, done, failed = 0, bytes, sent } = this.#uploads.totals;
    if (this.#away && this.#isOver) return this.#end(done);
    if (files > this.#known) this.#isWanted = true;
    this.#known = files;
    this.node.hidden = !this.#isWanted;
    const isOver = files > 0 && done + failed >= files;
    // Unfolded, the list says it all.
    const words = files === 0 || !this.#body.hidden ? t("desk.upload.title") : isOver ? t("desk.upload.done", { count: done })
      : t("desk.upload.progress", { done, files });
    setText(this.#words, this.#away ? `${this.#away.title}: ${words}` : words);
    this.#track.hidden = !this.#body.hidden;
    this.#fill.style.width = `${bytes > 0 ? Math.min(100, (sent / bytes) * 100) : 0}%`;
  };

  #end(count) {
    const { title, onOver } = this.#away;
    if (count > 0) toast(`${title}: ${t("desk.upload.done", { count })}`);
    onOver();
  }

  #hide() {
    this.#isWanted = false;
    this.#show();
  }

  #unfold(isOpen) {
    this.#body.hidden = !isOpen;
    this.#fold.ariaExpanded = String(isOpen);
    this.#show();
  }
}
