/** Shapes beyond these are cropped in the grid: a panorama must not become a thread, a tall strip not a tower. */
const shapes = { narrowest: 0.5, widest: 2.6 };

/** No row is higher than this many times the wished height, be its picture ever so lonely. */
const stretch = 1.4;

/**
 * Lays out pictures in rows of equal height that fill the width. Takes a millisecond for five thousand.
 *
 * A row ends where its height comes nearest to the wished one. The last of a section is not stretched, it may end early.
 * @param {number[]} aspects width over height
 * @param {{width: number, height: number, gap: number, heading: number}} frame all in pixels; `height` is wished for rows,
 *   `heading` is the room above a section
 * @param {number[]} [sections] the numbers of the pictures that sections begin with, in order
 * @returns {{boxes: object[], rows: object[], headings: {index: number, y: number}[], height: number}} boxes are
 *   `{x, y, width, height}`, rows `{y, height, from, to}`
 */
export function justify(aspects, frame, sections = []) {
  const page = { boxes: [], rows: [], headings: [], height: 0 };
  const ends = [...sections.filter((start) => start > 0), aspects.length];
  const isDivided = sections.length > 0;
  let start = 0;
  for (const end of ends) {
    if (isDivided) addHeading(page, start, frame.heading);
    addSection(page, aspects, start, end, frame);
    start = end;
  }
  page.height = Math.max(0, page.height - frame.gap);
  return page;
}

function addHeading(page, index, room) {
  page.headings.push({ index, y: page.height });
  page.height += room;
}

function addSection(page, aspects, start, end, frame) {
  let [from, sum] = [start, 0];
  for (let at = start; at < end; at += 1) {
    const aspect = clamped(aspects[at]);
    if (at > from && isBetterWithout(sum, aspect, at - from, frame)) {
      addRow(page, aspects, from, at, heightOf(sum, at - from, frame), frame);
      [from, sum] = [at, 0];
    }
    sum += aspect;
  }
  const natural = heightOf(sum, end - from, frame);
  // One that is all but full is filled: a crumb of room at its end would look like a mistake.
  const limit = natural < frame.height * 1.12 ? natural : frame.height;
  if (end > from) addRow(page, aspects, from, end, Math.min(natural, limit), frame);
}

function addRow(page, aspects, from, to, natural, { height: wished, gap }) {
  const height = Math.min(natural, wished * stretch);
  const y = page.height;
  page.rows.push({ y, height, from, to });
  for (let at = from, x = 0; at < to; at += 1) {
    const width = clamped(aspects[at]) * height;
    page.boxes.push({ x, y, width, height });
    x += width + gap;
  }
  page.height = y + height + gap;
}

function isBetterWithout(sum, aspect, count, frame) {
  const longer = heightOf(sum + aspect, count + 1, frame);
  return longer < frame.height && Math.abs(heightOf(sum, count, frame) - frame.height) <= Math.abs(longer - frame.height);
}

const heightOf = (sum, count, { width, gap }) => (width - gap * (count - 1)) / sum;

const clamped = (aspect) => Math.min(shapes.widest, Math.max(shapes.narrowest, aspect));

/** Rows about a quarter of the width high, between what a thumb can hit and what an eye can take in. */
export function frame(width) {
  const height = Math.min(310, Math.max(140, width / 4.4));
  return { width, height, gap: width < 700 ? 4 : 8, heading: width < 700 ? 58 : 76 };
}
