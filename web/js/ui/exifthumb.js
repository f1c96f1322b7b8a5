// The small picture that cameras put into their files: quick to find, where decoding the whole would take a while. Pure.

const tags = { orientation: 0x0112, offset: 0x0201, length: 0x0202 };

/** Entries of a directory; real ones have some dozens. */
const most = 200;

/**
 * @param {ArrayBuffer} head the first bytes of a JPEG file
 * @returns {{start: number, end: number, orientation: number}|null} where its small picture is, if it has one
 */
export function embedded(head) {
  try {
    return inSegments(new DataView(head));
  } catch {
    // Cut off, or not what it says it is.
    return null;
  }
}

function inSegments(view) {
  if (view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    const isExif = view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966;
    if (isExif) return inTIFF(view, at + 10);
  }
  return null;
}

function inTIFF(view, base) {
  const isLittle = view.getUint16(base) === 0x4949;
  const first = directory(view, base, view.getUint32(base + 4, isLittle), isLittle);
  if (!first.next) return null;
  const second = directory(view, base, first.next, isLittle);
  const [offset, length] = [second.values.get(tags.offset), second.values.get(tags.length)];
  if (!offset || !length) return null;
  return { start: base + offset, end: base + offset + length, orientation: first.values.get(tags.orientation) ?? 1 };
}

/** Only numbers are looked at: short ones stand in the first half of their place. */
function directory(view, base, offset, isLittle) {
  const count = Math.min(most, view.getUint16(base + offset, isLittle));
  const values = new Map();
  for (let index = 0; index < count; index += 1) {
    const at = base + offset + 2 + index * 12;
    const isShort = view.getUint16(at + 2, isLittle) === 3;
    values.set(view.getUint16(at, isLittle), isShort ? view.getUint16(at + 8, isLittle) : view.getUint32(at + 8, isLittle));
  }
  return { values, next: view.getUint32(base + offset + 2 + count * 12, isLittle) };
}
