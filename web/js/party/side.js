import { element, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { icon } from "./icons.js";

/** What is beside the film, on phones below it: one tab of it at a time. */
export class Side {
  #tabs;
  #list = element("div", { class: "side-tabs", role: "tablist", ariaLabel: t("party.side") });
  node = element("aside", { class: "side", ariaLabel: t("party.side") });

  /** @param {{name: string, icon: string, node: Element, open?(), badge?: EventTarget & {count: number}}[]} tabs */
  constructor(tabs) {
    this.#tabs = tabs.map((tab) => this.#tab(tab));
    this.#list.append(...this.#tabs.map(({ button }) => button));
    this.#list.onkeydown = (event) => this.#moved(event);
    this.node.append(this.#list, ...this.#tabs.map(({ node }) => node));
    this.#choose(this.#tabs[0]);
  }

  #tab(tab) {
    const badge = element("span", { class: "count-badge", hidden: true });
    const button = element("button", { class: "tab side-tab", type: "button", role: "tab", id: `tab-${tab.name}` }, icon(tab.icon),
      element("span", {}, t(`party.tab.${tab.name}`)), badge);
    const made = { ...tab, button };
    tab.node.id = `panel-${tab.name}`;
    tab.node.setAttribute("role", "tabpanel");
    tab.node.setAttribute("aria-labelledby", button.id);
    button.setAttribute("aria-controls", tab.node.id);
    button.onclick = () => this.#choose(made);
    tab.badge?.addEventListener("count", () => {
      badge.hidden = tab.badge.count === 0 || !tab.node.hidden;
      setText(badge, tab.badge.count > 99 ? "99+" : String(tab.badge.count));
    });
    return made;
  }

  #choose(chosen) {
    for (const { button, node } of this.#tabs) {
      const isChosen = button === chosen.button;
      button.ariaSelected = String(isChosen);
      button.tabIndex = isChosen ? 0 : -1;
      node.hidden = !isChosen;
    }
    chosen.button.querySelector(".count-badge").hidden = true;
    chosen.open?.();
  }

  #moved(event) {
    const isMirrored = getComputedStyle(this.#list).direction === "rtl";
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = this.#tabs.findIndex(({ button }) => button === document.activeElement);
    const next = this.#tabs.at((at + (isMirrored ? -step : step)) % this.#tabs.length);
    next.button.focus();
    this.#choose(next);
  }
}
