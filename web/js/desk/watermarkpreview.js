import { element, setText } from "../ui/dom.js";
import { unhurried } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";

/** A photo of the session with the mark on it, as the server draws it: one after the other, always the latest wish. */
export class WatermarkPreview {
  #page;
  #image = element("img", { class: "mark-image", alt: t("desk.mark.preview"), width: 900, height: 600 });
  #state = element("p", { class: "mark-state", role: "status" });
  #wish = null;
  #isDrawing = false;
  #isClosed = false;
  #photoId;
  #url = null;
  #soon = unhurried(() => this.#draw(), 250);
  node;

  constructor(page) {
    this.#page = page;
    this.node = element("figure", { class: "mark-preview" }, this.#image, this.#state);
  }

  /** @param {object} [watermark] the one that holds for the session unless said */
  show(watermark) {
    this.#wish = { watermark };
    this.node.setAttribute("aria-busy", "true");
    this.#soon();
  }

  close() {
    this.#isClosed = true;
    URL.revokeObjectURL(this.#url);
  }

  async #draw() {
    if (this.#isDrawing || this.#isClosed || !this.#wish) return;
    this.#isDrawing = true;
    const wish = this.#wish;
    try {
      await this.#ask(wish);
      if (this.#wish === wish) this.#wish = null;
      setText(this.#state, "");
    } catch (problem) {
      await this.#failed(problem, wish);
    } finally {
      this.#isDrawing = false;
    }
    if (this.#wish) this.#draw();
    else this.node.removeAttribute("aria-busy");
  }

  /** The server draws only so many: what is refused for that comes a little later. */
  async #failed(problem, wish) {
    if (problem.status === 429 || problem.status === 503) {
      setText(this.#state, t("desk.mark.later"));
      return new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(problem.retryAfter ?? 3, 10)));
    }
    if (this.#wish === wish) this.#wish = null;
    setText(this.#state, problemText(problem));
  }

  async #ask({ watermark }) {
    this.#photoId ??= await this.#anyPhoto();
    const body = { longEdge: 900, ...(watermark && { watermark }), ...(this.#photoId && { photoId: this.#photoId }) };
    const blob = await this.#page.account.blob(`/api/sessions/${this.#page.id}/watermark/preview`,
      { method: "POST", body, headers: { Accept: "image/jpeg" } });
    if (this.#isClosed) return;
    URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(blob);
    this.#image.src = this.#url;
  }

  /** The cover, else any photo; without one the server has a picture of its own. */
  async #anyPhoto() {
    const { session, account, id } = this.#page;
    if (session.coverPhotoId) return session.coverPhotoId;
    const page = await account.ask("/api/photos", { query: { session: id, limit: 1, status: "ready", type: "photo" } }).catch(() => null);
    return page?.items[0]?.id ?? "";
  }
}
