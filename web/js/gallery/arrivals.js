import { byId, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";

/** Without news for so long (milliseconds), an upload is taken for broken off. */
const forgetAfter = 5000;

/** How many uploads are followed at most; more say nothing more to the reader. */
const limit = 100;

/** The discreet sign that the photographer is sending something. */
export class Arrivals {
  #node = byId("arrivals");
  #text = byId("arrivals-text");
  /** Upload id to `{offset, length, timer}`. */
  #uploads = new Map();

  /** @param {{uploadId: string, offset: number, length?: number}} progress */
  progressed({ uploadId, offset, length }) {
    if (length !== undefined && offset >= length) return this.done(uploadId);
    if (this.#uploads.size >= limit && !this.#uploads.has(uploadId)) return;
    clearTimeout(this.#uploads.get(uploadId)?.timer);
    const timer = setTimeout(() => this.done(uploadId), forgetAfter);
    this.#uploads.set(uploadId, { offset, length, timer });
    this.#show();
  }

  /** All of it has come, or nothing came for a while. A photo carries the id of its upload. */
  done(uploadId) {
    clearTimeout(this.#uploads.get(uploadId)?.timer);
    if (this.#uploads.delete(uploadId)) this.#show();
  }

  #show() {
    const uploads = [...this.#uploads.values()];
    this.#node.classList.toggle("is-shown", uploads.length > 0);
    if (uploads.length === 0) return;
    const part = partOf(uploads);
    const percent = part === null ? null : Math.floor(part * 100);
    setText(this.#text, percent === null ? t("gallery.sending", { count: uploads.length }) : t("gallery.sending.part", { count: uploads.length, percent }));
    this.#node.style.setProperty("--part", part ?? 0.25);
    if (percent === null) this.#node.removeAttribute("aria-valuenow");
    else this.#node.setAttribute("aria-valuenow", String(percent));
  }
}

/** The share of all bytes that has come, 0 to 1; `null` when no upload knows its length yet. */
function partOf(uploads) {
  const known = uploads.filter((upload) => upload.length > 0);
  if (known.length === 0) return null;
  const total = (key) => known.reduce((sum, upload) => sum + upload[key], 0);
  return total("offset") / total("length");
}
