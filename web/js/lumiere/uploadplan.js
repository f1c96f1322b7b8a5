import { backoff } from "./backoff.js";

// What to do next about files that are to be sent. Pure: items and the time come in, decisions come out.
//
// An item is `{id, name, size, modified, type, path, state, offset, url, sha256, attempt, dueAt, problem, photoId}`. Its `state`:
// - `waiting`: for its turn, or for `dueAt` after something that may pass.
// - `hashing`, `sending`: at work.
// - `paused`: was at work, and will be again when somebody wants it.
// - `done`, `duplicate`: the server has it; a duplicate it had before.
// - `failed`: nothing happens by itself any more; `problem` says why.
//
// `offset` is what the server has confirmed, `null` when it has to be asked.

/** Bytes of the largest file that is read as a whole to learn its digest. */
export const largestHashed = 128 * 2 ** 20;

/** Milliseconds that one request should take: long enough to be worth it, short enough that proxies let it come to its end. */
const wantedTime = 6000;

const chunk = { first: 4 * 2 ** 20, least: 256 * 2 ** 10, most: 64 * 2 ** 20 };

/** Uploads that the server has forgotten begin anew; one that is forgotten again and again has another reason. */
const mostBeginnings = 5;

/** Refusals that are about the session or whoever sends, not about the file: trying the next file would be refused as well. */
const general = new Set([
  "session_paused", "session_ended", "session_archived", "guest_upload_off", "forbidden", "unauthorized", "signed_out", "token_reused",
  "invalid_token", "expired_token", "not_found", "not_released", "wrong_code", "link_expired", "link_used_up",
  "password_required", "wrong_password",
]);

/**
 * @param {{canHash: boolean, chunk: number}} means
 * @returns {{kind: "hash"|"create"|"ask"|"send"|"finish", end?: number}}
 */
export function nextStep(item, { canHash, chunk: size }) {
  if (!item.url) return { kind: canHash && !item.sha256 && item.size <= largestHashed ? "hash" : "create" };
  if (item.offset === null) return { kind: "ask" };
  if (item.offset < item.size) return { kind: "send", end: Math.min(item.size, item.offset + size) };
  return { kind: "finish" };
}

/**
 * Which items begin now, in the order of the list, and when to look again.
 * @returns {{start: object[], wakeAt: number}}
 */
export function pick(items, { parallel, isOnline, now }) {
  const free = parallel - items.filter(isAtWork).length;
  const waiting = isOnline ? items.filter(({ state }) => state === "waiting") : [];
  const start = waiting.filter(({ dueAt }) => dueAt <= now).slice(0, Math.max(0, free));
  const later = waiting.filter(({ dueAt }) => dueAt > now).map(({ dueAt }) => dueAt);
  return { start, wakeAt: later.reduce((a, b) => Math.min(a, b), Infinity) };
}

/**
 * What a failed step makes of its item.
 * @returns {{change: object, isGeneral?: boolean}} `isGeneral`: the others would be refused, too
 */
export function afterProblem(item, problem, { now, random = Math.random }) {
  if (problem.status === 409 && problem.code === "upload_offset_mismatch") return again(item, null, now, random);
  if (isForgotten(item, problem)) return beginAnew(item, problem);
  if (general.has(problem.code)) return { change: { state: "waiting", offset: null, problem }, isGeneral: true };
  if (problem.isPassing || problem.status === 423 || problem.status === 408) return again(item, problem, now, random);
  return { change: { state: "failed", problem } };
}

/**
 * Bytes of the next request, after one of `size` that took so long. Grows and shrinks by a factor of two at most.
 * @param {number} [ceiling] what a proxy takes at once, as far as is known
 */
export function nextChunk(size, milliseconds, ceiling = Infinity) {
  const fitting = (size * wantedTime) / Math.max(1, milliseconds);
  return Math.round(clamp(clamp(fitting, size / 2, size * 2), chunk.least, Math.min(chunk.most, ceiling)));
}

export const firstChunk = chunk.first;

/** After a stretch was refused it does not grow to that size any more: it would only be refused again. */
export const ceilingAfter = (size) => Math.max(chunk.least, Math.floor(size / 2));

/** A proxy on the way takes only less at once; `null` when it is not about that. */
export function chunkAfter(problem, size) {
  const isProxys = problem.status === 413 && problem.code === "unexpected_answer";
  return isProxys && size > chunk.least ? Math.max(chunk.least, Math.floor(size / 4)) : null;
}

export const isAtWork = ({ state }) => state === "hashing" || state === "sending";
export const isOver = ({ state }) => state === "done" || state === "duplicate";
export const isUnsent = (item) => !isOver(item) && item.state !== "failed";

/**
 * How far it all is. Failed files count as files, but their bytes are not expected any more.
 * @param {number} [speed] bytes a second
 * @returns {{files, done, duplicates, failed, bytes, sent, speed, left}} `left`: seconds, `null` when nobody can say
 */
export function totalsOf(items, speed = 0) {
  const sum = { files: items.length, done: 0, duplicates: 0, failed: 0, bytes: 0, sent: 0 };
  for (const item of items) count(sum, item);
  const rest = sum.bytes - sum.sent;
  return { ...sum, speed, left: rest === 0 ? 0 : speed > 0 ? rest / speed : null };
}

function count(sum, item) {
  if (item.state === "failed") return (sum.failed += 1);
  sum.bytes += item.size;
  sum.sent += isOver(item) ? item.size : Math.min(item.size, item.sent ?? item.offset ?? 0);
  if (isOver(item)) sum.done += 1;
  if (item.state === "duplicate") sum.duplicates += 1;
}

const isForgotten = (item, { status }) => Boolean(item.url) && (status === 404 || status === 410);

function beginAnew(item, problem) {
  const beginnings = (item.beginnings ?? 0) + 1;
  if (beginnings > mostBeginnings) return { change: { state: "failed", problem } };
  return { change: { state: "waiting", url: null, offset: 0, sent: 0, dueAt: 0, beginnings } };
}

/** Where the server stands has to be asked after anything that went wrong. */
function again(item, problem, now, random) {
  const isHarmless = !problem && item.attempt === 0;
  const pause = isHarmless ? 0 : Math.max(backoff(item.attempt, random), (problem?.retryAfter ?? 0) * 1000);
  return { change: { state: "waiting", offset: null, attempt: item.attempt + 1, dueAt: now + pause, problem } };
}

const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
