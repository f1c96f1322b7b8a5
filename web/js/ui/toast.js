import { element } from "./dom.js";

/** Longer for what can be acted upon (milliseconds); while it is looked at, it stays. */
const stay = { plain: 5000, acting: 9000 };

/** More would hide the page. */
const limit = 3;

let region;

/**
 * Says something in passing, at the foot of the page.
 * @param {string} text
 * @param {{action?: string, onAction?: () => void, isBad?: boolean}} [options]
 * @returns {() => void} takes it away
 */
export function toast(text, { action, onAction, isBad = false } = {}) {
  region ??= document.body.appendChild(element("div", { class: "toasts", role: "status", popover: "manual" }));
  const node = element("div", { class: isBad ? "toast is-bad" : "toast" }, element("p", { class: "toast-text" }, text));
  const leave = lasting(node, action ? stay.acting : stay.plain);
  if (action) node.append(button(action, () => { leave(); onAction?.(); }));
  while (region.children.length >= limit) region.firstChild.remove();
  region.append(node);
  bringToFront();
  return leave;
}

/** Dialogs cover what came before them, so the region is lifted above them anew. */
function bringToFront() {
  if (!region.showPopover) return;
  if (region.matches(":popover-open")) region.hidePopover();
  region.showPopover();
}

function lasting(node, duration) {
  const leave = () => node.remove();
  let timer = setTimeout(leave, duration);
  node.onpointerenter = node.onfocusin = () => clearTimeout(timer);
  node.onpointerleave = node.onfocusout = () => {
    clearTimeout(timer);
    timer = setTimeout(leave, duration / 2);
  };
  return leave;
}

const button = (label, onclick) => element("button", { class: "toast-action", type: "button", onclick }, label);
