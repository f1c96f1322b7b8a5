import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { unhurried } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { picture } from "./pictures.js";
import { sessionAddress } from "./router.js";

const pageSize = 60;

/** What is on one list, in the order of choosing, with what was written on it. */
export class SelectionPhotos {
  id;
  #page;
  #grid = element("ul", { class: "chosen" });
  #end = element("div", { class: "list-end" });
  #cursor;
  #turn = 0;
  #isLoading = false;
  #again = unhurried(() => this.#begin(), 600);
  #watch = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#cursor && this.#load(), { rootMargin: "700px" });
  node;

  constructor(page, id) {
    this.id = id;
    this.#page = page;
    this.node = element("div", {}, this.#grid, this.#end);
    this.#watch.observe(this.#end);
    this.#begin();
  }

  /** A guest chose something, or took it back, or wrote on it. */
  changed() {
    this.#again();
  }

  close() {
    this.#turn += 1;
    this.#watch.disconnect();
  }

  #begin() {
    this.#turn += 1;
    this.#cursor = undefined;
    this.#isLoading = false;
    this.#load(true);
  }

  async #load(isFirst = false) {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const turn = this.#turn;
    try {
      const { items, nextCursor } = await this.#page.account.ask(`/api/selections/${this.id}/photos`,
        { query: { limit: pageSize, cursor: this.#cursor } });
      if (turn !== this.#turn) return;
      this.#cursor = nextCursor;
      const cards = items.map((item) => this.#card(item));
      if (isFirst) this.#grid.replaceChildren(...(cards.length > 0 ? cards
        : [element("li", { class: "row-facts chosen-none" }, t("desk.selection.empty"))]));
      else this.#grid.append(...cards);
      // What ends within the window is not seen a second time: look again.
      this.#watch.unobserve(this.#end);
      this.#watch.observe(this.#end);
    } catch (problem) {
      if (turn === this.#turn) this.#grid.append(element("li", { class: "row-facts chosen-none" }, problemText(problem)));
    } finally {
      if (turn === this.#turn) this.#isLoading = false;
    }
  }

  #card({ photo, photoId, note, rating, colour, isHidden, by }) {
    const link = element("a",
      { class: "chosen-picture", href: sessionAddress(this.#page.id, "photos", { photo: photoId }),
      ariaLabel: photo?.filename ?? t("desk.photo") }, photo ? picture(this.#page.account, photo, 200) : icon("image"));
    if (isHidden) link.append(element("span", { class: "strip-state" }, t("desk.photo.hidden")));
    const marks = element("span", { class: "chosen-marks" },
      ...(colour ? [element("span", { class: `colour-dot ${colour}`, role: "img", ariaLabel: t(`desk.colour.${colour}`) })] : []),
      ...(rating > 0 ? [element("span", { class: "cell-mark stars" }, "★".repeat(rating))] : []));
    return element("li", { class: "chosen-item" }, link, element("span", { class: "chosen-name" }, element("span", {}, photo?.filename ?? ""), marks),
      ...(note ? [element("p", { class: "chosen-note" }, note)] : []), ...(by?.name ? [element("span", { class: "row-facts" }, by.name)] : []));
  }
}
