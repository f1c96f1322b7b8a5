import { element } from "./dom.js";
import { embedded } from "./exifthumb.js";

/** Pixels of a side, for screens with two to a CSS pixel. */
const edge = 80;

/** Bytes in which the small picture of a file is looked for. */
const head = 128 * 1024;

/** Bytes of a file that is decoded for want of a small picture: larger ones would cost more than they are worth. */
const largest = 16 * 2 ** 20;

/** Pictures that are remembered. */
const most = 200;

const turns = { 3: 180, 6: 90, 8: 270 };
const known = new Map();
let turn = Promise.resolve();

/**
 * A small picture of a file that is being sent, if the browser can make one.
 * @param {string} id
 * @param {File|undefined} file
 * @param {() => boolean} isWanted asked again when its turn comes: one after the other is made
 * @returns {Promise<HTMLCanvasElement|null>}
 */
export function thumbOf(id, file, isWanted) {
  if (known.has(id)) return Promise.resolve(known.get(id));
  if (!file?.type.startsWith("image/")) return Promise.resolve(null);
  const made = turn.then(() => (isWanted() ? make(file).catch(() => null) : undefined));
  turn = made.then((canvas) => canvas !== undefined && remember(id, canvas));
  return made;
}

async function make(file) {
  const found = embedded(await file.slice(0, head).arrayBuffer());
  if (found && found.end <= head) return drawn(file.slice(found.start, found.end, "image/jpeg"), found.orientation);
  return file.size <= largest ? drawn(file, 1) : null;
}

async function drawn(blob, orientation) {
  const bitmap = await createImageBitmap(blob);
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = element("canvas", { width: edge, height: edge });
  canvas.getContext("2d").drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, edge, edge);
  bitmap.close();
  if (turns[orientation]) canvas.style.rotate = `${turns[orientation]}deg`;
  return canvas;
}

function remember(id, canvas) {
  known.set(id, canvas);
  if (known.size > most) known.delete(known.keys().next().value);
}
