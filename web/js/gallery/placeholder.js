import { thumbhash } from "../ui/thumbhash.js";

/** Milliseconds of a frame that may go into placeholders: scrolling comes first. */
const budget = 4;

const waiting = new Map();

/**
 * Paints a ThumbHash when there is time. Of one canvas only the latest wish counts, and none once it has left the page.
 * @param {HTMLCanvasElement} canvas @param {string} [hash] in Base64
 */
export function paintSoon(canvas, hash) {
  if (!hash) return;
  if (waiting.size === 0) requestAnimationFrame(work);
  waiting.set(canvas, hash);
}

function work() {
  const end = performance.now() + budget;
  for (const [canvas, hash] of waiting) {
    if (performance.now() > end) break;
    waiting.delete(canvas);
    if (canvas.isConnected) paint(canvas, hash);
  }
  if (waiting.size > 0) requestAnimationFrame(work);
}

/** Paints it now. */
export function paint(canvas, hash) {
  const picture = thumbhash(hash);
  if (!picture) return;
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d").putImageData(new ImageData(picture.pixels, picture.width, picture.height), 0, 0);
}
