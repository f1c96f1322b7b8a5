// The small stills of a film: a WebVTT track names the time and the place of each in one picture. Pure functions.

/**
 * @param {string} text WebVTT whose cues are `picture.jpg#xywh=x,y,width,height`
 * @returns {{from: number, to: number, file: string, x: number, y: number, width: number, height: number}[]} seconds, pixels
 */
export function cues(text) {
  return text.split(/\r?\n\r?\n/).map(cue).filter(Boolean);
}

/** The still of a moment; of one after the end the last. */
export const stillAt = (stills, time) => stills.find(({ to }) => time < to) ?? stills.at(-1);

function cue(block) {
  const lines = block.trim().split(/\r?\n/);
  const times = lines.findIndex((line) => line.includes("-->"));
  const place = /^(.*)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)/.exec(lines[times + 1] ?? "");
  if (times < 0 || !place) return null;
  const [from, to] = lines[times].split("-->").map(seconds);
  const [x, y, width, height] = place.slice(2).map(Number);
  return { from, to, file: place[1], x, y, width, height };
}

function seconds(text) {
  const parts = text.trim().split(" ")[0].split(":").map(Number);
  return parts.reduce((sum, part) => sum * 60 + part, 0);
}
