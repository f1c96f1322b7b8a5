/** Shapes beyond these are cropped in the grid: a panorama must not become a thread, a tall strip not a tower. */
const shapes = { narrowest: 0.5, widest: 2.6 };

/** No row is higher than this many times the wished height, be its picture ever so lonely. */
const stretch = 1.4;

/**
 * Lays out pictures in rows of equal height that fill the width.
 *
 * A row ends where its height comes nearest to the wished one. The last is not stretched, it may end early.
 * @param {number[]} aspects width over height
 * @param {{width: number, height: number, gap: number}} frame all in pixels; `height` is wished for rows
 * @returns {{boxes: {x: number, y: number, width: number, height: number}[], height: number}}
 */
export function justify(aspects, { width, height, gap }) {
  const boxes = [];
  let y = 0;
  const all = rows(aspects.map(clamped), width, height, gap);
  for (const row of all) {
    const natural = (width - gap * (row.length - 1)) / sum(row);
    const rowHeight = Math.min(natural, row === all.at(-1) ? height : height * stretch);
    let x = 0;
    for (const aspect of row) {
      boxes.push({ x, y, width: aspect * rowHeight, height: rowHeight });
      x += aspect * rowHeight + gap;
    }
    y += rowHeight + gap;
  }
  return { boxes, height: Math.max(0, y - gap) };
}

function rows(aspects, width, height, gap) {
  const rows = [];
  let row = [];
  const heightOf = (row) => (width - gap * (row.length - 1)) / sum(row);
  for (const aspect of aspects) {
    const longer = [...row, aspect];
    const isBetterWithout = row.length > 0 && heightOf(longer) < height
      && Math.abs(heightOf(row) - height) <= Math.abs(heightOf(longer) - height);
    if (isBetterWithout) {
      rows.push(row);
      row = [aspect];
    } else {
      row = longer;
    }
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

const clamped = (aspect) => Math.min(shapes.widest, Math.max(shapes.narrowest, aspect));
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
