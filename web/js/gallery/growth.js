import { prefersStillness } from "../ui/dom.js";

/** Milliseconds after which a change that the browser has not made yet is made without it. */
const patience = 400;

/**
 * Changes the page so that a picture seems to grow out of one place into another: where the browser can, and where nobody has
 * asked for stillness. `act` is called once in any case.
 * @param {() => Element|undefined} from where the picture is before @param {() => Element|undefined} to and where afterwards
 */
export function grow(from, to, act) {
  const before = from();
  if (!document.startViewTransition || !before || document.hidden || prefersStillness()) return act();
  let isDone = false;
  const once = () => {
    if (!isDone) act();
    isDone = true;
  };
  let after;
  before.style.viewTransitionName = "photo";
  const transition = document.startViewTransition(() => {
    before.style.viewTransitionName = "";
    once();
    after = to();
    if (after) after.style.viewTransitionName = "photo";
  });
  // A browser that is busy with something else may take its time; the reader should not.
  setTimeout(once, patience);
  transition.ready.catch(() => {});
  transition.finished.catch(() => {}).then(() => {
    before.style.viewTransitionName = "";
    if (after) after.style.viewTransitionName = "";
  });
}
