import { later } from "../lumiere/later.js";
import { say } from "./act.js";

/**
 * Opens a menu under a button: arrows move, Escape and a press elsewhere close, the focus comes back.
 * @param {HTMLButtonElement} button
 * @param {() => import("./menusheet.js").Item[]} items asked for each time
 */
export function menuButton(button, items) {
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  let [closedAt, isComing] = [0, false];
  button.addEventListener("click", async () => {
    // The press that closed an open menu is not to open it again.
    if (isComing || performance.now() - closedAt < 250) return;
    isComing = true;
    const sheet = await later("./menusheet.js", import.meta.url).catch(() => void say({ code: "unreachable" }));
    isComing = false;
    sheet?.openMenu(button, items(), () => (closedAt = performance.now()));
  });
}
