import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { PhotoCell } from "./photocell.js";

/** Least width of a cell for each size. */
const widths = { small: 116, medium: 176, large: 270 };
const gap = 10;
/** Under the picture: its name and how it stands. */
const caption = 46;
/** Rows beyond the window that are there already. */
const spare = 3;

/**
 * The contact sheet: thousands of photos, of which only those near the window are in the page.
 *
 * It is a list box: one place in it has the focus, any number are picked.
 */
export class PhotoGrid {
  #account;
  #listener;
  #items = [];
  #picks;
  #size = "medium";
  #columns = 1;
  #width = 0;
  #cells = new Map();
  #frame = 0;
  #fresh = new Set();
  #watch = new ResizeObserver(() => this.#soon());
  node = element("div", { class: "sheet-grid", role: "listbox", ariaLabel: t("desk.photos.title"), ariaMultiSelectable: "true", tabIndex: 0 });

  /** @param {{pressed(id, event), opened(id), nearEnd()}} listener */
  constructor(account, listener) {
    this.#account = account;
    this.#listener = listener;
    this.#watch.observe(this.node);
    addEventListener("scroll", this.#soon, { passive: true });
    this.node.onclick = (event) => this.#on(event, (id) => listener.pressed(id, event));
    this.node.ondblclick = (event) => this.#on(event, (id) => listener.opened(id));
  }

  get columns() {
    return this.#columns;
  }

  set size(name) {
    this.#size = name;
    this.#soon();
  }

  show(items, picks) {
    this.#items = items;
    this.#picks = picks;
    this.#soon();
  }

  /** Marks what has just come, for as long as the glow lasts. */
  greet(id) {
    if (this.#fresh.size > 50) return;
    this.#fresh.add(id);
    setTimeout(() => this.#fresh.delete(id), 2500);
  }

  /** Brings an item into the window. */
  reveal(index) {
    const { height } = this.#measure();
    const top = this.node.getBoundingClientRect().top + scrollY + Math.floor(index / this.#columns) * height;
    const [above, below] = [150, 110];
    if (top < scrollY + above) scrollTo({ top: top - above });
    else if (top + height > scrollY + innerHeight - below) scrollTo({ top: top + height - innerHeight + below });
    this.#paint();
  }

  focus() {
    (this.#cells.get(this.#picks?.focus)?.node ?? this.node).focus({ preventScroll: true });
  }

  close() {
    removeEventListener("scroll", this.#soon);
    this.#watch.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  #soon = () => {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  };

  #on(event, act) {
    const id = event.target.closest?.("[data-id]")?.dataset.id;
    if (id) act(id);
  }

  #measure() {
    this.#width = this.node.clientWidth;
    const least = Math.min(widths[this.#size], (this.#width - gap) / 2);
    this.#columns = Math.max(1, Math.floor((this.#width + gap) / (least + gap)));
    const cell = (this.#width - gap * (this.#columns - 1)) / this.#columns;
    return { cell, height: Math.round(cell * 0.8) + caption + gap };
  }

  #paint() {
    if (!this.#picks || this.node.clientWidth === 0) return;
    const { cell, height } = this.#measure();
    const rows = Math.ceil(this.#items.length / this.#columns);
    this.node.style.height = `${rows * height}px`;
    const top = -this.node.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / height) - spare);
    const last = Math.min(rows, Math.ceil((top + innerHeight) / height) + spare);
    const from = first * this.#columns;
    const to = Math.min(this.#items.length, last * this.#columns);
    this.#place(from, to, cell, height);
    if (last >= rows - 2) this.#listener.nearEnd();
  }

  #place(from, to, cell, height) {
    const wanted = new Set();
    const tabStop = this.#picks.focus ?? this.#items[0]?.id;
    let before = null;
    for (let index = from; index < to; index += 1) {
      const photo = this.#items[index];
      wanted.add(photo.id);
      const made = this.#cells.get(photo.id) ?? this.#make(photo, before);
      made.show(photo, { isPicked: this.#picks.ids.has(photo.id), isFocused: photo.id === tabStop, hasPicks: this.#picks.ids.size > 0, index,
        count: this.#items.length, cell });
      made.move((index % this.#columns) * (cell + gap), Math.floor(index / this.#columns) * height, cell, height - gap);
      before = made.node;
    }
    this.#sweep(wanted);
    this.node.tabIndex = this.#items.length > 0 ? -1 : 0;
  }

  /** Who reads the page out loud meets the photos in their order. */
  #make(photo, before) {
    const cell = new PhotoCell(this.#account, photo, this.#fresh.has(photo.id));
    this.#cells.set(photo.id, cell);
    if (before) before.after(cell.node);
    else this.node.prepend(cell.node);
    return cell;
  }

  #sweep(wanted) {
    for (const [id, cell] of this.#cells) {
      if (wanted.has(id)) continue;
      cell.node.remove();
      this.#cells.delete(id);
    }
  }
}
