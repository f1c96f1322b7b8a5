// A message's text in pieces: plain, links, names of people. Pure.

const address = /https?:\/\/[^\s<>"']+/gi;

/**
 * @param {string} text
 * @param {string[]} [names] of people who may be meant by `@name`
 * @returns {{kind: "text"|"link"|"name", text: string, href?: string}[]}
 */
export function pieces(text, names = []) {
  return split(text, address, linkOf).flatMap((piece) => (piece.kind === "text" ? named(piece.text, names) : [piece]));
}

/** Whether it is a message of nothing but a few emoji, which may be large. */
export const isOnlyEmoji = (text) => /^(?:\p{Extended_Pictographic}[\p{Emoji_Modifier}\u200d\ufe0f]*\s?){1,3}$/u.test(text);

/** The name that is being written at the end of `text`, behind an `@`; `null` if none is. */
export const nameBegun = (text) => /(?:^|\s)@([^\s@]{0,30})$/u.exec(text)?.[1] ?? null;

/** Up to five people whose name begins so, or has a word that does. */
export function suggested(begun, names) {
  const wanted = begun.toLowerCase();
  const fits = (name) => [name, ...name.split(/\s+/)].some((word) => word.toLowerCase().startsWith(wanted));
  return [...new Set(names)].filter(fits).slice(0, 5);
}

/** What ends a sentence is not part of the address, unless it closes a bracket that the address has opened. */
function linkOf(found) {
  let end = found.replace(/[.,;:!?…。，；：！？»”]+$/u, "");
  if (end.endsWith(")") && !end.includes("(")) end = end.slice(0, -1);
  return isSafe(end) ? { kind: "link", text: end, href: new URL(end).href } : null;
}

/** Not what shows one place and leads to another: names before an @, or letters of other scripts that look like Latin ones. */
function isSafe(text) {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return !url.username && !url.password && !url.hostname.includes("xn--") && url.hostname.includes(".");
}

/** Names to the pattern that finds them: the same list is asked for with hundreds of messages. */
const patterns = new WeakMap();

function named(text, names) {
  if (!patterns.has(names)) patterns.set(names, patternOf(names));
  const pattern = patterns.get(names);
  if (!pattern) return text ? [{ kind: "text", text }] : [];
  return split(text, pattern, (found) => ({ kind: "name", text: found }));
}

function patternOf(names) {
  const longestFirst = [...new Set(names)].filter(Boolean).sort((a, b) => b.length - a.length);
  const known = longestFirst.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return known.length > 0 ? new RegExp(`@(?:${known.join("|")})(?![\\p{L}\\p{N}])`, "giu") : null;
}

function split(text, pattern, make) {
  const all = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    const piece = make(found[0]);
    if (!piece) continue;
    if (found.index > end) all.push({ kind: "text", text: text.slice(end, found.index) });
    all.push(piece);
    end = found.index + piece.text.length;
  }
  if (end < text.length) all.push({ kind: "text", text: text.slice(end) });
  return all;
}
