// Which part of a long list is near the window. Pure functions.

/**
 * @param {{y: number, height: number, from: number, to: number}[]} rows from top to bottom; `to` is past the last item
 * @returns {[number, number]} the first item that touches the stretch from `top` to `bottom`, and the one after the last
 */
export function itemsWithin(rows, top, bottom) {
  const first = firstRow(rows, (row) => row.y + row.height > top);
  const end = firstRow(rows, (row) => row.y >= bottom);
  return first < end ? [rows[first].from, rows[end - 1].to] : [0, 0];
}

/** The number of the row that an item is in. */
export const rowOf = (rows, index) => firstRow(rows, (row) => row.to > index);

/** The first row that `holds`, given that all after it do; the number of rows when none does. */
function firstRow(rows, holds) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(rows[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Where an arrow key leads from an item.
 * @param {{x: number, width: number}[]} boxes of all items
 * @param {"ArrowLeft"|"ArrowRight"|"ArrowUp"|"ArrowDown"|"Home"|"End"} key
 * @returns {number} an item's number, the same one at the edges
 */
export function neighbour(rows, boxes, index, key) {
  if (key === "Home") return 0;
  if (key === "End") return boxes.length - 1;
  if (key === "ArrowLeft") return Math.max(0, index - 1);
  if (key === "ArrowRight") return Math.min(boxes.length - 1, index + 1);
  const row = rows[rowOf(rows, index) + (key === "ArrowDown" ? 1 : -1)];
  return row ? nearest(boxes, row, boxes[index].x + boxes[index].width / 2) : index;
}

function nearest(boxes, { from, to }, middle) {
  let best = from;
  const distance = (at) => Math.abs(boxes[at].x + boxes[at].width / 2 - middle);
  for (let at = from + 1; at < to; at += 1) if (distance(at) < distance(best)) best = at;
  return best;
}
