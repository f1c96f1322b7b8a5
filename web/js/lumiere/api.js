// One way to the server: JSON in, JSON out, refusals as `Problem`.

/** What the server refused and why (RFC 9457), or `unreachable` when it could not be asked at all. */
export class Problem extends Error {
  /** @param {{status?: number, code?: string, detail?: string, retryAfter?: number, facts?: object}} facts */
  constructor({ status = 0, code = "unreachable", detail = "The server cannot be reached.", retryAfter, facts = {} } = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    /** Seconds. */
    this.retryAfter = retryAfter;
    /** All that the server said: `holder` and `limit` of a quota, `until` of a mute ... */
    this.facts = facts;
  }

  /** Asking again later may help: no connection, an overloaded or restarting server. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || (this.status >= 500 && this.status !== 507);
  }
}

/** How long an answer may take: a dead mobile connection would otherwise keep the page waiting for minutes. */
const patience = 20_000;

/**
 * Asks the API.
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any>} the answer's JSON; `undefined` when it has no content
 * @throws {Problem}
 */
export async function call(path, options = {}) {
  const response = await request(path, options);
  if (response.status === 204) return undefined;
  const answer = await contentOf(response.json(), options.signal);
  if (answer === null) throw problemOf(response, null);
  return answer;
}

/**
 * The same for answers that are not JSON, and for who wants to see the headers.
 * @typedef {{method?: string, token?: string, base?: string, query?: object, headers?: object, signal?: AbortSignal,
 *   patience?: number, body?: object|string|Blob|FormData}} Options plain objects are sent as JSON, anything else as it is
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<Response>} of a request that was granted
 * @throws {Problem}
 */
export async function request(path, options = {}) {
  const response = await send(address(path, options), {
    method: options.method ?? "GET", ...content(options), signal: limited(options), credentials: "omit",
  }, options.signal);
  if (response.ok) return response;
  throw problemOf(response, await response.json().catch(() => null));
}

/** What an answer holds, `null` for JSON that is none; it may still break off, or be given up. */
export async function contentOf(reading, signal) {
  try {
    return await reading;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SyntaxError) return null;
    throw new Problem();
  }
}

/** The URL of a path with its query; members that are `undefined` or `null` are left out. */
export function address(path, { base = "", query = {} } = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(given).toString();
  return base + path + (search && (path.includes("?") ? "&" : "?") + search);
}

function content({ token, body, headers }) {
  const isJSON = body !== undefined && (Object.getPrototypeOf(body) === Object.prototype || Array.isArray(body));
  const all = { Accept: "application/json", ...headers };
  if (token) all.Authorization = `Bearer ${token}`;
  if (isJSON) all["Content-Type"] = "application/json";
  return { headers: all, body: isJSON ? JSON.stringify(body) : body };
}

function limited({ signal, patience: own = patience }) {
  const timeout = AbortSignal.timeout(own);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

/** @throws what the caller aborted it with, or a `Problem` when nobody answers */
async function send(url, request, signal) {
  try {
    return await fetch(url, request);
  } catch {
    signal?.throwIfAborted();
    throw new Problem();
  }
}

/**
 * What a refusal says. Proxies answer without our JSON: the status alone must do then.
 * @param {{ok: boolean, status: number, headers: Headers}} response
 * @param {object|null} answer
 */
export function problemOf(response, answer) {
  const retryAfter = Number(response.headers.get("Retry-After")) || answer?.retryAfter || undefined;
  return new Problem({
    status: response.ok ? 502 : response.status,
    code: answer?.code ?? "unexpected_answer",
    detail: answer?.detail ?? "The server gave an unexpected answer.",
    retryAfter,
    facts: answer ?? {},
  });
}
