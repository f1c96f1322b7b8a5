// One way to the server: JSON in, JSON out, refusals as `Problem`.

/** What the server refused and why (RFC 9457), or `unreachable` when it could not be asked at all. */
export class Problem extends Error {
  /** @param {{status?: number, code?: string, detail?: string, retryAfter?: number}} facts */
  constructor({ status = 0, code = "unreachable", detail = "The server cannot be reached.", retryAfter } = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    /** Seconds. */
    this.retryAfter = retryAfter;
  }

  /** Asking again later may help: no connection, an overloaded or restarting server. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** How long an answer may take: a dead mobile connection would otherwise keep the page waiting for minutes. */
const patience = 20_000;

/**
 * @param {string} path
 * @param {{method?: string, token?: string, body?: object}} [options]
 * @returns {Promise<any>} the answer's JSON
 * @throws {Problem}
 */
export async function call(path, { method = "GET", token, body } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const response = await send(path, {
    method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(patience), credentials: "omit",
  });
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw problem(response, answer);
}

async function send(path, request) {
  try {
    return await fetch(path, request);
  } catch {
    throw new Problem();
  }
}

/** Proxies answer without our JSON: the status alone must do then. */
function problem(response, answer) {
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  return new Problem({
    status: response.ok ? 502 : response.status,
    code: answer?.code ?? "unexpected_answer",
    detail: answer?.detail ?? "The server gave an unexpected answer.",
    retryAfter,
  });
}
