import { byId, element } from "../ui/dom.js";
import { language, t } from "../ui/messages.js";
import { menuButton } from "../ui/menu.js";
import { icon } from "./icons.js";
import { everything } from "./view.js";

/** Tags that have a chip of their own; the rest are rarely looked for. */
const most = 14;

/** The row of things to look at: everything, favourites, films, tags, times. And the order. */
export class Chips {
  #row = byId("chips");
  #choose;
  #view = everything;
  #facts = { tags: [], times: [], hasFilms: false };

  /** @param {(view: View) => void} choose */
  constructor(choose) {
    this.#choose = choose;
    const sort = byId("sort");
    sort.append(icon("sort"));
    menuButton(sort, () => orders.map((name) => this.#orderItem(name)));
  }

  /**
   * @param {View} view what is shown now
   * @param {{tags: object[], times: object[], hasFilms: boolean}} facts the sections of the session
   */
  show(view, facts = this.#facts) {
    [this.#view, this.#facts] = [view, facts];
    const { tags, times, hasFilms } = facts;
    const scrolled = this.#row.scrollLeft;
    const focused = document.activeElement?.dataset?.chip;
    this.#row.replaceChildren(
      this.#chip("all", t("gallery.all"), {}),
      this.#chip("favourites", t("gallery.favourites"), { favourite: true }, "star"),
      ...(hasFilms ? [this.#chip("films", t("gallery.videos"), { type: "video" }, "film")] : []),
      ...(times.length > 1 ? [this.#timeChip(times)] : []),
      ...tags.slice(0, most).map(({ key, count }) => this.#chip(`tag ${key}`, key, { tag: key, total: count })));
    this.#row.scrollLeft = scrolled;
    if (focused) this.#row.querySelector(`[data-chip="${CSS.escape(focused)}"]`)?.focus();
  }

  #chip(name, label, filter, drawing) {
    const isOn = isSame(this.#view, filter);
    const node = element("button", { class: "chip", type: "button", "aria-pressed": String(isOn) }, label);
    if (drawing) node.prepend(icon(drawing));
    node.dataset.chip = name;
    node.onclick = () => this.#choose({ sort: this.#view.sort, ...(isOn && name !== "all" ? {} : filter) });
    return node;
  }

  #timeChip(times) {
    const chosen = times.find(({ from }) => from === this.#view.from);
    const node = element("button", { class: "chip", type: "button" }, icon("clock"), chosen?.label ?? t("gallery.when"));
    if (chosen) node.classList.add("is-on");
    node.dataset.chip = "times";
    const whenever = { label: t("gallery.whenever"), checked: !chosen, act: () => this.#choose({ sort: this.#view.sort }) };
    menuButton(node, () => [whenever, ...times.map((time) => this.#timeItem(time, time === chosen))]);
    return node;
  }

  #timeItem({ label, from, until, count }, checked) {
    const number = new Intl.NumberFormat(language()).format(count);
    return { label: `${label} · ${number}`, checked, act: () => this.#choose({ sort: "taken", from, until, total: count }) };
  }

  #orderItem(name) {
    const checked = this.#view.sort === name;
    return { label: t(`gallery.order.${name}`), checked, act: () => checked || this.#choose({ ...this.#view, sort: name }) };
  }
}

const orders = ["newest", "oldest", "taken", "latest"];

const filters = ["favourite", "type", "tag", "from"];
const isSame = (view, filter) => filters.every((key) => view[key] === filter[key]);
