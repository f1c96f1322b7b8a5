import { busy, say } from "../ui/act.js";
import { element } from "../ui/dom.js";
import { dateAndTime } from "../ui/format.js";
import { t } from "../ui/messages.js";

/** Older ones are fetched when they are asked for, so many at a time. */
const pageSize = 30;

/** What was said about one photo, oldest first, and a field to say more. */
export class Comments {
  #photo;
  #visit;
  #list = element("ol", { class: "comments" });
  #older = element("button", { class: "button quiet small", type: "button", hidden: true });
  #nothing = element("p", { class: "comments-none" });
  #field = element("textarea", { class: "input", rows: 2, maxLength: 4000, required: true });
  #cursor;
  node;

  constructor(photo, visit) {
    [this.#photo, this.#visit] = [photo, visit];
    this.#older.textContent = t("gallery.comments.older");
    this.#older.onclick = () => busy(this.#older, () => this.#read());
    this.#nothing.textContent = t("common.loading");
    this.node = element("div", { class: "comments-box" }, this.#older, this.#nothing, this.#list, this.#form());
    this.#read().catch((problem) => this.#failed(problem));
  }

  /** Something was said in the session. */
  happened({ type, data }) {
    if (type === "message_deleted") this.#find(data.id)?.remove();
    if (data.photoId !== this.#photo.id) return;
    if (type === "new_message") this.#add(data);
    if (type === "message_edited") this.#find(data.id)?.replaceWith(this.#item(data));
  }

  async #read() {
    const page = await this.#visit.pass.ask(`/api/photos/${this.#photo.id}/comments`, { query: { limit: pageSize, cursor: this.#cursor } });
    this.#cursor = page.nextCursor;
    this.#list.prepend(...page.items.filter(({ deletedAt, id }) => !deletedAt && !this.#find(id)).reverse().map((one) => this.#item(one)));
    this.#older.hidden = !this.#cursor;
    this.#count();
  }

  #failed(problem) {
    this.#nothing.textContent = "";
    this.#older.textContent = t("common.retry");
    this.#older.hidden = false;
    say(problem);
  }

  #add(message) {
    if (!this.#find(message.id)) this.#list.append(this.#item(message));
    this.#count();
    this.#list.lastElementChild.scrollIntoView({ block: "nearest" });
  }

  #find(id) {
    return this.#list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  #count() {
    this.#nothing.textContent = t("gallery.comments.none");
    this.#nothing.hidden = this.#list.children.length > 0;
  }

  #item({ id, author, text, createdAt }) {
    const name = element("span", { class: "comment-name" }, author.name || t("gallery.somebody"));
    const time = element("time", { class: "comment-time", dateTime: createdAt }, dateAndTime(createdAt));
    const item = element("li", { class: "comment" }, element("p", { class: "comment-head" }, name, time), element("p", { class: "comment-text" }, text));
    item.dataset.id = id;
    return item;
  }

  #form() {
    const send = element("button", { class: "button primary small", type: "submit" }, t("gallery.comments.send"));
    this.#field.setAttribute("aria-label", t("gallery.comments.write"));
    this.#field.placeholder = t("gallery.comments.write");
    const form = element("form", { class: "comment-form" }, this.#field, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      busy(send, () => this.#send());
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && matchMedia("(pointer: fine)").matches) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    return form;
  }

  async #send() {
    const text = this.#field.value.trim();
    if (!text) return;
    // Sent again after a loss, it is still the same.
    this.#field.dataset.id ||= crypto.randomUUID?.() ?? String(Math.random());
    const body = { text, clientId: this.#field.dataset.id };
    const message = await this.#visit.pass.ask(`/api/photos/${this.#photo.id}/comments`, { method: "POST", body });
    this.#field.value = "";
    this.#field.dataset.id = "";
    this.#add(message);
  }
}
