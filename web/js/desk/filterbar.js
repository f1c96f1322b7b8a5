import { later } from "../lumiere/later.js";
import { element } from "../ui/dom.js";
import { choice, segments } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { openSheet } from "../ui/dialog.js";
import { filterCount, sorts } from "./photoquery.js";

/** Kept over visits: how large one likes the frames. */
const sizeKey = "lumiere.desk.size";

/** The row above the contact sheet: quick filters as chips, the rest in a sheet, the order, the size of frames. */
export class FilterBar {
  #page;
  #listener;
  #filter = { sort: "newest" };
  #chips = new Map();
  #more = element("button", { class: "button small", type: "button" });
  #sort = choice(sorts.map((name) => [name, t(`desk.sort.${name}`)]), "newest", { class: "input small", ariaLabel: t("desk.sort.title") });
  #people = new Map();
  #tags = new Set();
  node;

  constructor(page, listener) {
    this.#page = page;
    this.#listener = listener;
    this.#more.onclick = () => this.#openSheet();
    this.#sort.onchange = () => this.#set({ sort: this.#sort.value });
    const size = remembered();
    listener.onSize(size);
    const sizes = segments(t("desk.photos.size"),
      ["small", "medium", "large"].map((name) => [name, t(`desk.size.${name}`), t(`desk.size.${name}long`)]), size, (name) => this.#resize(name));
    const help = element("button",
      { class: "button quiet small only-icon for-keys", type: "button", title: t("desk.keys.title"), ariaLabel: t("desk.keys.title") }, icon("help"));
    help.onclick = () => later("./help.js", import.meta.url).then(({ showHelp }) => showHelp("photos"));
    this.node = element("div", { class: "filter-bar" }, element("div", { class: "scroll-row chips" }, ...this.#quick()),
      element("div", { class: "filter-tools" }, this.#more, this.#sort, sizes, help));
  }

  show(filter) {
    this.#filter = filter;
    for (const [key, chip] of this.#chips) chip.setAttribute("aria-pressed", String(this.#holds(key)));
    this.#sort.value = filter.sort;
    const count = filterCount(filter);
    this.#more.replaceChildren(icon("sliders"), element("span", { class: "filter-word" }, t("desk.filter.title")),
      ...(count ? [element("span", { class: "count-badge" }, String(count))] : []));
    this.#more.ariaLabel = count ? t("desk.filter.count", { count }) : t("desk.filter.title");
  }

  /** Tags and people are those of the photos that have been seen. */
  learn(photos) {
    for (const photo of photos) {
      if (this.#tags.size < 200) for (const tag of photo.tags ?? []) this.#tags.add(tag);
      if (photo.uploaderId && this.#people.size < 200) this.#people.set(photo.uploaderId, photo.uploaderName ?? "");
    }
  }

  #quick() {
    const quick = [["all", "all"], ["review=pending", "pending"], ["featured=true", "featured"], ["hidden=true", "hidden"],
      ["status=failed", "failed"], ["type=video", "videos"], ["deleted=true", "bin"]];
    return quick.map(([key, name]) => {
      const chip = element("button", { class: "chip", type: "button" }, t(`desk.filter.${name}`));
      chip.onclick = () => this.#quickly(key);
      this.#chips.set(key, chip);
      return chip;
    });
  }

  #holds(key) {
    if (key === "all") return filterCount(this.#filter) === 0;
    const [name, value] = key.split("=");
    return this.#filter[name] === value;
  }

  #quickly(key) {
    if (key === "all") return this.#listener.onFilter({ sort: this.#filter.sort });
    const [name, value] = key.split("=");
    this.#set({ [name]: this.#holds(key) ? undefined : value });
  }

  #set(change) {
    const next = Object.entries({ ...this.#filter, ...change }).filter(([, value]) => value);
    this.#listener.onFilter(Object.fromEntries(next));
  }

  #resize(name) {
    try {
      localStorage.setItem(sizeKey, name);
    } catch {}
    this.#listener.onSize(name);
  }

  #openSheet() {
    const any = ["", t("desk.filter.any")];
    const list = (name, options) => {
      const control = choice([any, ...options], this.#filter[name] ?? "");
      control.onchange = () => this.#set({ [name]: control.value });
      return element("label", { class: "field" }, element("span", { class: "field-label" }, t(`desk.filter.by.${name}`)), control);
    };
    const words = (prefix, names) => names.map((name) => [name, t(`${prefix}.${name}`)]);
    const people = [...this.#people].map(([id, name]) =>
      [id, name || (id === this.#page.account.user.id ? this.#page.account.user.username : id.slice(-6))]);
    const tags = [...new Set([...this.#tags, ...(this.#filter.tag ? [this.#filter.tag] : [])])].sort();
    const body = element("div", { class: "filter-sheet" },
      list("status", words("desk.photo", ["ready", "processing", "failed"])),
        list("review", words("desk.review", ["pending", "approved", "rejected"])),
      list("type", [["photo", t("desk.filter.photosonly")], ["video", t("desk.filter.videos")]]), list("photographer", people),
        list("tag", tags.map((tag) => [tag, tag])),
      list("rating", [1, 2, 3, 4, 5].map((stars) => [String(stars), "★".repeat(stars)])),
      list("featured", [["true", t("desk.filter.yes")], ["false", t("desk.filter.no")]]),
        list("hidden", [["true", t("desk.filter.yes")], ["false", t("desk.filter.no")]]));
    const clear = { name: "clear", label: t("desk.photos.clear"), act: async () => this.#listener.onFilter({ sort: this.#filter.sort }) };
    openSheet({ title: t("desk.filter.title"), body, actions: [clear, { name: "done", label: t("common.done"), kind: "primary" }] });
  }
}

function remembered() {
  try {
    return localStorage.getItem(sizeKey) ?? "medium";
  } catch {
    return "medium";
  }
}
