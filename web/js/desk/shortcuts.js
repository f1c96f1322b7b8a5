// Keys and what they do. Pure functions.

import { keyName } from "../ui/keys.js";

const rating = Object.fromEntries([0, 1, 2, 3, 4, 5].map((stars) => [String(stars), `rate${stars}`]));

/** For the contact sheet. */
export const photoKeys = {
  Enter: "open", " ": "pick", "mod+a": "all", Escape: "none", "?": "help",
  a: "approve", r: "reject", h: "hide", f: "feature", t: "tag", d: "download", Delete: "delete", Backspace: "delete", ...rating,
};

/** For one photo in large. */
export const loupeKeys = {
  ArrowLeft: "previous", ArrowRight: "next", "?": "help", i: "panel",
  a: "approve", r: "reject", h: "hide", f: "feature", d: "download", Delete: "delete", Backspace: "delete", ...rating,
};

/** For the queue. */
export const reviewKeys = {
  ArrowLeft: "previous", ArrowRight: "next", a: "approve", r: "reject", n: "note", h: "hide", u: "undo", "mod+z": "undo", "?": "help", ...rating,
};

/** @returns {string|undefined} what a key means; modifiers other than those named belong to the browser */
export function keyAction(event, keys) {
  const { ctrlKey, metaKey, altKey } = event;
  if (altKey) return undefined;
  const name = keyName(event);
  return keys[ctrlKey || metaKey ? `mod+${name}` : name];
}

/** Whether a key is only held down: that walks on, but decides nothing. */
export const isHeld = ({ key, repeat }) => Boolean(repeat) && !key.startsWith("Arrow");

/** For the overlay that explains them: what to show for each action, several keys beside each other. */
export function explained(keys) {
  const rows = new Map();
  for (const [key, action] of Object.entries(keys)) {
    const name = action.startsWith("rate") ? "rate" : action;
    rows.set(name, [...(rows.get(name) ?? []), key]);
  }
  return [...rows].map(([action, list]) => [action, action === "rate" ? ["0", "–", "5"] : list]);
}
