import { element } from "./dom.js";
import { icon } from "./icon.js";

const gap = 6;
let latest = 0;

/**
 * The menu that a button opens, see `menu.js`.
 * @typedef {{label: string, icon?: string|SVGElement, act: () => void, danger?: boolean, checked?: boolean, disabled?: boolean}|null} Item
 *   `null` is a line between groups
 * @param {HTMLButtonElement} button
 * @param {Item[]} items
 * @param {() => void} onClosed
 */
export function openMenu(button, items, onClosed) {
  const menu = element("div", { class: "menu", role: "menu", popover: "auto", id: `menu-${(latest += 1)}` });
  menu.append(...items.map((item) => (item ? entry(item, menu) : element("hr", { class: "menu-line" }))));
  menu.setAttribute("aria-label", button.ariaLabel || button.textContent);
  menu.onkeydown = (event) => moved(event, menu);
  menu.ontoggle = (event) => event.newState === "closed" && closed(menu, button, onClosed);
  // Inside a dialog, what is outside of it cannot be reached.
  (button.closest("dialog") ?? document.body).append(menu);
  menu.showPopover();
  place(menu, button.getBoundingClientRect());
  button.setAttribute("aria-expanded", "true");
  menu.querySelector(".menu-item")?.focus();
}

function closed(menu, button, onClosed) {
  const hadFocus = menu.contains(document.activeElement) || document.activeElement === document.body;
  menu.remove();
  button.setAttribute("aria-expanded", "false");
  onClosed();
  if (hadFocus && button.isConnected) button.focus({ preventScroll: true });
}

function entry({ label, icon: name, act, danger, checked, disabled }, menu) {
  const node = element("button", { class: danger ? "menu-item danger" : "menu-item", type: "button", tabIndex: -1 });
  node.setAttribute("role", checked === undefined ? "menuitem" : "menuitemradio");
  if (checked !== undefined) node.setAttribute("aria-checked", String(checked));
  if (disabled) node.setAttribute("aria-disabled", "true");
  if (name) node.append(name.nodeType ? name : icon(name));
  node.append(element("span", {}, label));
  if (checked) node.append(element("span", { class: "menu-item-mark" }, icon("check")));
  node.onclick = () => {
    if (disabled) return;
    menu.hidePopover();
    act();
  };
  return node;
}

/** Under the button, or above it where there is more room; never out of the window. */
function place(menu, at) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isRightToLeft = getComputedStyle(menu).direction === "rtl";
  const fitsBelow = at.bottom + gap + height <= innerHeight - gap;
  const wishedLeft = at.left + width > innerWidth - gap || isRightToLeft ? at.right - width : at.left;
  menu.style.left = `${clamp(wishedLeft, gap, innerWidth - width - gap)}px`;
  menu.style.top = `${clamp(fitsBelow ? at.bottom + gap : at.top - gap - height, gap, innerHeight - height - gap)}px`;
}

function moved(event, menu) {
  const nodes = [...menu.querySelectorAll(".menu-item")];
  const index = nodes.indexOf(document.activeElement);
  const target = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Tab") return menu.hidePopover();
  if (target !== undefined) {
    event.preventDefault();
    return nodes.at(target % nodes.length).focus();
  }
  if (event.key.length === 1) beginningWith(event.key, nodes, index)?.focus();
}

function beginningWith(letter, nodes, index) {
  const turned = [...nodes.slice(index + 1), ...nodes.slice(0, index + 1)];
  return turned.find((node) => node.textContent.toLowerCase().startsWith(letter.toLowerCase()));
}

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
