import { element } from "./dom.js";

/** Longer for what can be acted upon (milliseconds); while it is looked at, it stays. */
const stay = { plain: 5000, acting: 9000 };

/** More would hide the page. */
const limit = 3;

/** Only what comes into a region that has been there for a moment (milliseconds) is read out. */
const moment = 100;

let region;

/**
 * Says something in passing, at the foot of the page.
 * @param {string} text
 * @param {{action?: string, onAction?: () => void, isBad?: boolean}} [options]
 * @returns {() => void} takes it away
 */
export function toast(text, { action, onAction, isBad = false } = {}) {
  bringToFront();
  const node = element("div", { class: isBad ? "toast is-bad" : "toast" }, element("p", { class: "toast-text" }, text));
  const coming = setTimeout(() => put(node), moment);
  const away = lasting(node, action ? stay.acting : stay.plain);
  const leave = () => (clearTimeout(coming), away());
  if (action) node.append(button(action, () => { leave(); onAction?.(); }));
  return leave;
}

function put(node) {
  while (region.children.length >= limit) region.firstChild.remove();
  region.append(node);
}

/** Outside of an open dialog nothing can be pressed nor read: the region goes into it, above all in it, and out when it closes. */
function bringToFront() {
  region ??= element("div", { class: "toasts", role: "status", popover: "manual", onclick: keep, onpointerdown: keep });
  const place = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const isThere = region.parentNode === place;
  // What is being read is not taken away.
  if (isThere && region.firstChild) return;
  if (!isThere) place.append(region);
  if (place !== document.body) place.addEventListener("close", bringToFront, { once: true });
  if (!region.showPopover) return;
  if (region.matches(":popover-open")) region.hidePopover();
  region.showPopover();
}

/** A press on it is none on the dialog. */
const keep = (event) => event.stopPropagation();

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
