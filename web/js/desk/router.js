// What the fragment of the address says. Pure functions.

/** The views of a session, in the order of the navigation. */
export const views = ["overview", "photos", "review", "selections", "share", "statistics", "settings"];

const named = ["photos", "review", "selections", "share", "statistics", "settings"];

/**
 * @param {string} hash `#/`, `#/devices`, `#/sessions/{id}/photos/{rest}?status=failed` ...
 * @returns {{page: "sessions"|"session"|"devices", sessionId?: string, view?: string, rest?: string, query: URLSearchParams}}
 */
export function parse(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const [first = "", id = "", view = "", rest = ""] = path.split("/");
  const query = new URLSearchParams(search);
  if (first === "devices") return { page: "devices", query };
  if (first !== "sessions" || !/^[\w-]{1,64}$/.test(id)) return { page: "sessions", query };
  return { page: "session", sessionId: id, view: named.includes(view) ? view : "overview", rest, query };
}

/** The address of a session's view. */
export function sessionAddress(id, view = "overview", query = {}) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return `#/sessions/${id}${view === "overview" ? "" : `/${view}`}${search ? `?${search}` : ""}`;
}
