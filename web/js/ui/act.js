import { problemText } from "./problem.js";
import { toast } from "./toast.js";

/**
 * Runs what a button is for: it shows that it waits, cannot be pressed twice, and what fails is said.
 * @param {HTMLElement|null} button
 * @param {() => Promise<any>} work
 * @returns {Promise<boolean>} whether it worked
 */
export async function busy(button, work, onProblem = say) {
  if (button?.ariaBusy === "true") return false;
  button?.setAttribute("aria-busy", "true");
  try {
    await work();
    return true;
  } catch (problem) {
    if (problem?.name !== "AbortError") onProblem(problem);
    return false;
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

/** Says a failure at the edge of the page. */
export const say = (problem) => toast(problemText(problem), { isBad: true });
