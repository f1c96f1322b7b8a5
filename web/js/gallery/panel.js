import { later } from "../lumiere/later.js";
import { byId, element, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { factList } from "./facts.js";
import { icon } from "./icons.js";

/** What lies beside the photo, on phones below it: its details, or what was said about it. */
export class Panel {
  #node = byId("panel");
  #body = byId("panel-body");
  #visit;
  #changed;
  #kind = "facts";
  #photo = null;
  #comments = null;

  /** @param {() => void} changed called when it opens or closes */
  constructor(visit, changed) {
    [this.#visit, this.#changed] = [visit, changed];
    byId("panel-close").append(icon("close"));
    byId("panel-close").addEventListener("click", () => this.close());
  }

  get isOpen() {
    return !this.#node.hidden;
  }

  /** Which of the two is open, if any. */
  get kind() {
    return this.isOpen ? this.#kind : null;
  }

  toggle(kind) {
    if (this.kind === kind) return this.close();
    this.#node.hidden = false;
    this.#kind = kind;
    this.#fill(true);
    this.#changed();
  }

  close() {
    this.#node.hidden = true;
    this.#changed();
  }

  /** Another photo, or the same one in a newer state. */
  show(photo) {
    const isOther = photo.id !== this.#photo?.id;
    this.#photo = photo;
    if (this.isOpen) this.#fill(isOther);
  }

  /** Something has happened in the session: it may be about this photo. */
  happened(message) {
    if (this.kind === "comments") this.#comments?.handle(message);
  }

  joined(recovered) {
    if (this.kind === "comments") this.#comments?.joined(recovered);
  }

  #fill(isOther) {
    setText(byId("panel-title"), t(this.#kind === "facts" ? "gallery.details" : "gallery.comments"));
    this.#node.classList.toggle("is-talk", this.#kind === "comments");
    if (this.#kind === "facts") return this.#body.replaceChildren(factList(this.#photo));
    if (isOther) this.#openComments(this.#photo);
  }

  async #openComments(photo) {
    this.#comments = null;
    this.#body.replaceChildren(element("p", { class: "panel-wait", role: "status" }, t("common.loading")));
    try {
      const { PhotoComments } = await later("../chat/panel.js", import.meta.url);
      if (photo.id !== this.#photo.id || this.kind !== "comments") return;
      const { pass: caller, live, session } = this.#visit;
      this.#comments = new PhotoComments({ caller, live, session, photoId: photo.id, me: this.#visit.me });
      this.#body.replaceChildren(this.#comments);
    } catch {
      this.#body.replaceChildren(element("p", { class: "panel-wait", role: "alert" }, t("problem.unreachable")));
    }
  }
}
