import { element, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";

/** Without news for so long (milliseconds), an upload is taken for broken off. */
const patience = 6000;
const limit = 200;

/** The line that tells what is on its way: from this device, from cameras, from guests. */
export class Incoming {
  #uploads = new Map();
  #text = element("span");
  #fill = element("div", { class: "bar-fill" });
  node = element("div", { class: "incoming", hidden: true, role: "status" }, this.#text, element("div", { class: "bar-track" }, this.#fill));

  /** @param {{uploadId: string, offset: number, length?: number}} progress */
  progressed({ uploadId, offset, length }) {
    if (length !== undefined && offset >= length) return this.done(uploadId);
    if (this.#uploads.size >= limit && !this.#uploads.has(uploadId)) return;
    clearTimeout(this.#uploads.get(uploadId)?.timer);
    this.#uploads.set(uploadId, { offset, length: length ?? 0, timer: setTimeout(() => this.done(uploadId), patience) });
    this.#show();
  }

  done(uploadId) {
    clearTimeout(this.#uploads.get(uploadId)?.timer);
    if (this.#uploads.delete(uploadId)) this.#show();
  }

  close() {
    for (const { timer } of this.#uploads.values()) clearTimeout(timer);
    this.#uploads.clear();
  }

  #show() {
    const all = [...this.#uploads.values()];
    const sum = (key) => all.reduce((total, upload) => total + upload[key], 0);
    this.node.hidden = all.length === 0;
    setText(this.#text, t("desk.photos.incoming", { count: all.length }));
    this.#fill.style.width = `${sum("length") > 0 ? Math.min(100, (sum("offset") / sum("length")) * 100) : 20}%`;
  }
}
