// ThumbHash: a picture in some 25 bytes, blurred beyond recognition and close enough to it not to startle. Pure functions.

/** Pixels of the longer side; blurred as they are, more would show nothing more. */
const edge = 24;

/**
 * @param {string} text the hash, in Base64
 * @returns {{width: number, height: number, pixels: Uint8ClampedArray}|null} RGBA; `null` for what is no hash
 */
export function thumbhash(text) {
  const bytes = decoded(text);
  return bytes && bytes.length >= 5 ? painted(facts(bytes), bytes) : null;
}

/** What the first bytes tell: averages, scales, and how many waves there are each way. */
function facts(bytes) {
  const head = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
  const tail = bytes[3] | (bytes[4] << 8);
  const hasAlpha = head >> 23 === 1;
  const isLandscape = tail >> 15 === 1;
  const most = hasAlpha ? 5 : 7;
  const least = tail & 7;
  return {
    hasAlpha,
    l: (head & 63) / 63, p: ((head >> 6) & 63) / 31.5 - 1, q: ((head >> 12) & 63) / 31.5 - 1,
    scaleL: ((head >> 18) & 31) / 31, scaleP: ((tail >> 3) & 63) / 63, scaleQ: ((tail >> 9) & 63) / 63,
    across: Math.max(3, isLandscape ? most : least), down: Math.max(3, isLandscape ? least : most),
    shape: (isLandscape ? most : least) / (isLandscape ? least : most),
    alpha: hasAlpha ? (bytes[5] & 15) / 15 : 1, scaleA: hasAlpha ? (bytes[5] >> 4) / 15 : 0,
  };
}

function painted(facts, bytes) {
  const nibbles = reader(bytes, facts.hasAlpha ? 6 : 5);
  const l = channel(nibbles, facts.across, facts.down, facts.scaleL);
  // The colours are kept a little stronger than they were: rounding has made them paler.
  const p = channel(nibbles, 3, 3, facts.scaleP * 1.25);
  const q = channel(nibbles, 3, 3, facts.scaleQ * 1.25);
  const a = facts.hasAlpha ? channel(nibbles, 5, 5, facts.scaleA) : null;
  const width = Math.max(1, Math.round(facts.shape > 1 ? edge : edge * facts.shape));
  const height = Math.max(1, Math.round(facts.shape > 1 ? edge / facts.shape : edge));
  const [l2, p2, q2] = [waves(l, width, height), waves(p, width, height), waves(q, width, height)];
  const a2 = a && waves(a, width, height);
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < width * height; at += 1) {
    const light = facts.l + l2[at];
    const [yellow, red] = [facts.p + p2[at], facts.q + q2[at]];
    const blue = light - (2 / 3) * yellow;
    const warm = (3 * light - blue + red) / 2;
    pixels.set([255 * warm, 255 * (warm - red), 255 * blue, 255 * (a2 ? facts.alpha + a2[at] : 1)], at * 4);
  }
  return { width, height, pixels };
}

/** The waves of one channel: those of low frequency, without the average. */
function channel(next, across, down, scale) {
  const factors = [];
  for (let y = 0; y < down; y += 1) {
    for (let x = y ? 0 : 1; x * down < across * (down - y); x += 1) factors.push([x, y, (next() / 7.5 - 1) * scale]);
  }
  return factors;
}

function waves(factors, width, height) {
  const sum = new Float32Array(width * height);
  for (const [x, y, factor] of factors) {
    const [columns, rows] = [cosines(x, width), cosines(y, height)];
    for (let row = 0, at = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1, at += 1) sum[at] += 2 * factor * columns[column] * rows[row];
    }
  }
  return sum;
}

const cosines = (wave, size) => Float32Array.from({ length: size }, (_, at) => Math.cos((Math.PI / size) * (at + 0.5) * wave));

function reader(bytes, from) {
  let at = from * 2;
  return () => {
    const byte = bytes[at >> 1] ?? 0;
    return (at++ & 1 ? byte >> 4 : byte & 15);
  };
}

function decoded(text) {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}
