import { element, setText } from "./dom.js";
import { bytes } from "./format.js";
import { icon } from "./icon.js";
import { t } from "./messages.js";
import { thumbOf } from "./uploadthumb.js";
import { statusOf } from "./uploadwords.js";

/** Pixels of a row, as `uploads.css` has it. */
const height = 58;

/** Rows beyond the edges of what is seen. */
const margin = 4;

/** What needs somebody comes first, then what moves; what is done comes last. */
const rank = { failed: 0, sending: 1, hashing: 1, paused: 2, waiting: 2, done: 3, duplicate: 3 };

/** The files as a list that has only as many elements as can be seen. */
export class UploadRows {
  node = element("div", { class: "uploads-scroll", role: "group", tabIndex: 0 });
  #list = element("ul", { class: "uploads-list" });
  #acts;
  #items = [];
  /** Item's id to its row. */
  #rows = new Map();

  /** @param {{retry: (item) => void, remove: (item) => void, fileOf: (id) => File|undefined}} acts */
  constructor(acts) {
    this.#acts = acts;
    this.node.ariaLabel = t("uploads.list");
    this.node.append(this.#list);
    this.node.addEventListener("scroll", () => this.#fill(), { passive: true });
    new ResizeObserver(() => this.#fill()).observe(this.node);
  }

  show(items) {
    this.#items = sorted(items);
    this.#list.style.height = `${items.length * height}px`;
    // And the line above.
    this.node.style.height = `${items.length * height + 1}px`;
    this.#fill();
  }

  #fill() {
    const first = Math.max(0, Math.floor(this.node.scrollTop / height) - margin);
    const count = Math.ceil(this.node.clientHeight / height) + 2 * margin;
    const seen = this.#items.slice(first, first + count);
    const ids = new Set(seen.map(({ id }) => id));
    for (const [id, row] of this.#rows) if (!ids.has(id)) row.leave(), this.#rows.delete(id);
    for (const [index, item] of seen.entries()) this.#row(item).show(item, first + index, this.#items.length);
  }

  #row(item) {
    if (!this.#rows.has(item.id)) {
      const row = new Row(item, this.#acts);
      this.#rows.set(item.id, row);
      this.#list.append(row.node);
    }
    return this.#rows.get(item.id);
  }
}

class Row {
  node = element("li", { class: "upload" });
  #status = element("span", { class: "upload-status" });
  #bar = element("span", { class: "bar-fill" });
  #retry;
  #picture = element("span", { class: "upload-picture" });
  #sign = element("span", { class: "upload-sign" });
  #state;

  constructor(item, { retry, remove, fileOf }) {
    this.#retry = button("refresh", t("uploads.retry", { name: item.name }), () => retry(item));
    const name = element("bdi", { class: "upload-name", title: item.path || item.name }, item.name);
    const words = element("span", { class: "upload-words" }, name, this.#status);
    const away = button("close", t("uploads.removeName", { name: item.name }), () => remove(item));
    this.#picture.append(icon(item.type?.startsWith("video/") ? "film" : "image"));
    thumbOf(item.id, fileOf(item.id), () => this.node.isConnected).then((canvas) => canvas && this.#picture.replaceChildren(canvas));
    this.node.append(this.#picture, words, this.#sign, this.#retry, away, element("span", { class: "upload-bar bar-track" }, this.#bar));
  }

  show(item, index, count) {
    this.node.style.transform = `translateY(${index * height}px)`;
    this.node.ariaPosInSet = String(index + 1);
    this.node.ariaSetSize = String(count);
    setText(this.#status, `${bytes(item.size)} · ${statusOf(item)}`);
    this.#bar.style.width = `${item.size > 0 ? (100 * (item.sent ?? 0)) / item.size : 0}%`;
    if (this.#state !== item.state) this.#turn(item);
  }

  leave() {
    this.node.remove();
  }

  #turn(item) {
    this.#state = item.state;
    this.node.dataset.state = item.state;
    this.#retry.hidden = item.state !== "failed";
    const sign = signs[item.state];
    this.#sign.replaceChildren(...(sign ? [icon(sign)] : []));
  }
}

const signs = { done: "check", duplicate: "check", paused: "pause" };

function sorted(items) {
  const groups = [[], [], [], []];
  for (const item of items) groups[rank[item.state]].push(item);
  return groups.flat();
}

function button(name, label, onclick) {
  return element("button", { class: "button small quiet only-icon", type: "button", ariaLabel: label, title: label, onclick }, icon(name));
}
