import { Uploads } from "../lumiere/lumiere.js";
import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { dropTarget, UploadPanel } from "../ui/uploads.js";
import { size } from "./words.js";

/** What is being sent, folded away at the foot of the page: it stays while the views change. */
export class UploadDock {
  #uploads;
  #panel;
  #words = element("span", { class: "dock-words" });
  #fill = element("div", { class: "bar-fill" });
  #fold = element("button", { class: "dock-head", type: "button" });
  #body = element("div", { class: "dock-body" });
  #files = element("input", { type: "file", multiple: true, hidden: true, accept: "image/*,video/*,.raw,.cr2,.cr3,.nef,.arw,.raf,.orf,.rw2,.dng,.pef,.srw" });
  node;

  constructor(page) {
    page.uploads ??= new Uploads(page.account, { sessionId: page.id, parallel: 3 });
    this.#uploads = page.uploads;
    this.#panel = new UploadPanel(this.#uploads);
    this.#fold.append(icon("upload"), this.#words, icon("down"));
    this.#fold.onclick = () => this.#toggle(this.#body.hidden);
    this.#body.append(this.#panel);
    this.node = element("section", { class: "dock", ariaLabel: t("desk.upload.title"), hidden: true }, this.#fold,
      element("div", { class: "bar-track" }, this.#fill), this.#body, this.#files);
    this.#files.onchange = () => this.add(this.#files.files);
    this.#uploads.addEventListener("change", this.#show);
    this.#show();
  }

  add(files) {
    this.#uploads.add(files);
    this.#toggle(true);
  }

  choose() {
    this.#files.value = "";
    this.#files.click();
  }

  close() {
    this.#uploads.removeEventListener("change", this.#show);
    this.#uploads.close?.();
    this.node.remove();
  }

  #show = () => {
    const { files, done, bytes, sent, speed } = this.#uploads.totals;
    this.node.hidden = files === 0;
    document.documentElement.classList.toggle("has-dock", files > 0);
    const isOver = files > 0 && done >= files;
    setText(this.#words, isOver ? t("desk.upload.done", { count: done }) : t("desk.upload.progress", { done, files, sent: size(sent), bytes: size(bytes), speed: size(speed ?? 0) }));
    this.#fill.style.width = `${bytes > 0 ? Math.min(100, (sent / bytes) * 100) : 0}%`;
  };

  #toggle(isOpen) {
    this.#body.hidden = !isOpen;
    this.#fold.setAttribute("aria-expanded", String(isOpen));
  }
}

/** Files and folders may be dropped anywhere on a session; what was under way before a reload goes on. */
export function watchForFiles(page) {
  page.uploads ??= new Uploads(page.account, { sessionId: page.id, parallel: 3 });
  const openAtNews = () => page.uploads.totals.files > 0 && page.openDock();
  page.uploads.addEventListener("change", openAtNews);
  openAtNews();
  dropTarget(page.node, page.uploads);
}
