import { isComposing } from "../ui/dom.js";
import { keyName } from "../ui/keys.js";

/** What keys do, anywhere on the page but in fields. */
export const keys = {
  " ": "toggle", k: "toggle", ArrowLeft: "back", ArrowRight: "on", j: "farBack", l: "farOn",
  m: "mute", f: "full", c: "subtitles", n: "next", "?": "help",
};

/** What moves a slider that has the focus, as it has after it was dragged. */
const sliding = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]);

/** What goes on while a key is held down. */
const repeated = new Set(["back", "on", "farBack", "farOn"]);

/** @param {Screen} screen @param {{help()}} visit @param {AbortSignal} signal ends that */
export function listenToKeys(screen, visit, signal) {
  addEventListener("keydown", (event) => {
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    if (action === "help") return visit.help();
    if (!event.repeat || repeated.has(action)) screen.act(action);
  }, { signal });
}

/** What a key means here: fields, dialogs and buttons have their own use for some. */
export function actionOf(event) {
  const { key, target, ctrlKey, metaKey, altKey, defaultPrevented } = event;
  if (defaultPrevented || ctrlKey || metaKey || altKey || isComposing(event)) return undefined;
  if (target.closest?.("input:not([type=range]), textarea, select, dialog, [role=menu], [popover], [contenteditable]")) return undefined;
  if (sliding.has(key) && target.closest?.("input")) return undefined;
  if ((key === " " || key === "Enter") && target.closest?.("button, a, summary")) return undefined;
  if (key.startsWith("Arrow") && target.closest?.("[role=tablist], [role=log]")) return undefined;
  return keys[keyName(event)];
}
