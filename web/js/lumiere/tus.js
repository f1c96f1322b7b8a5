import { Problem, problemOf, request } from "./api.js";

// Resumable uploads as tus 1.0.0 has them: one function for each request. Who repeats them, and when, is decided elsewhere.

const version = { "Tus-Resumable": "1.0.0" };

/** Milliseconds without any byte going out, after which a connection is taken for dead. */
const stallAfter = 30_000;

/**
 * Announces a file.
 * @param {{sessionId: string, name: string, size: number, type?: string, sha256?: string}} file with its SHA-256 the server says
 *   at once whether it has that file
 * @returns {Promise<{url: string, offset: number}>} `url` is a path on the server
 */
export async function create(caller, { sessionId, name, size, type, sha256 }, signal) {
  const known = sha256 ? { sha256, ifKnown: "complete" } : {};
  const told = metadata({ session: sessionId, filename: name, filetype: type, ...known });
  const headers = { ...version, "Upload-Length": String(size), "Upload-Metadata": told };
  const answer = await caller.request("/api/uploads", { method: "POST", headers, signal });
  const url = new URL(answer.headers.get("Location"), caller.base || globalThis.location?.origin).pathname;
  return { url, offset: Number(answer.headers.get("Upload-Offset") ?? 0) };
}

/** @returns {Promise<number>} how many bytes the server has; a request that is still sending ends by this */
export async function ask(caller, url, signal) {
  const answer = await caller.request(url, { method: "HEAD", headers: version, signal })
    .catch((problem) => reasonOf(problem, caller, url, signal));
  return Number(answer.headers.get("Upload-Offset"));
}

/** The answer to HEAD has no content: why it was refused has to be asked for. */
async function reasonOf(problem, caller, url, signal) {
  if (problem.code === "unexpected_answer") await learn(caller, url, signal);
  throw problem;
}

/** @returns {Promise<{state: string, photoId?: string, failure?: string}>} what has become of an upload */
export const learn = (caller, url, signal) => caller.ask(url, { signal });

/** Gives an upload up; the server forgets what it has of it. */
export const end = (caller, url) => caller.request(url, { method: "DELETE", headers: version });

/**
 * Sends a stretch of a file.
 * @param {Blob} bytes what begins at `offset`
 * @param {(sent: number) => void} onProgress is told how many of these have gone out
 * @returns {Promise<number>} how many bytes the server has now
 */
export function append(caller, url, { bytes, offset, signal, onProgress }) {
  const headers = { ...version, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
  const send = globalThis.XMLHttpRequest ? sendWatched : sendUnwatched;
  return caller.authorised((held) => {
    // Getting a token takes a while, and nobody hears of what was given up in it.
    signal?.throwIfAborted();
    return send(url, { ...held, headers, body: bytes, signal, onProgress });
  });
}

/** `fetch` does not tell how much has gone out, and without that nobody can tell a slow connection from a dead one. */
function sendWatched(path, { base, token, headers, body, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("PATCH", base + path);
    for (const [name, value] of Object.entries({ ...headers, Authorization: `Bearer ${token}` })) sending.setRequestHeader(name, value);
    const stall = watch(() => sending.abort());
    const abort = () => sending.abort();
    signal?.addEventListener("abort", abort);
    sending.upload.onprogress = ({ loaded }) => (stall.moved(), onProgress(loaded));
    sending.onloadend = () => {
      stall.end();
      signal?.removeEventListener("abort", abort);
      if (signal?.aborted) return reject(signal.reason);
      if (sending.status >= 200 && sending.status < 300) return resolve(Number(sending.getResponseHeader("Upload-Offset")));
      reject(sending.status === 0 ? new Problem() : problemOf(answerOf(sending), jsonOf(sending.responseText)));
    };
    sending.send(body);
  });
}

/** Where there is no `XMLHttpRequest`, as in Node. */
async function sendUnwatched(path, options) {
  const answer = await request(path, { ...options, method: "PATCH", patience: 600_000 });
  options.onProgress(options.body.size);
  return Number(answer.headers.get("Upload-Offset"));
}

function watch(onStall) {
  let timer = setTimeout(onStall, stallAfter);
  return {
    moved() {
      clearTimeout(timer);
      timer = setTimeout(onStall, stallAfter);
    },
    end: () => clearTimeout(timer),
  };
}

const answerOf = (sending) => ({
  ok: false, status: sending.status, headers: { get: (name) => sending.getResponseHeader(name) },
});

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Keys and values in Base64, as `Upload-Metadata` has them; what is empty is left out. */
export function metadata(values) {
  return Object.entries(values).filter(([, value]) => value).map(([key, value]) => `${key} ${base64(value)}`).join(",");
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
