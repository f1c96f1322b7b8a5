import { Problem } from "./api.js";

// An item of a list of uploads; what its states mean is said in `uploadplan.js`.

/** What a list goes by, unless it is tried out. */
export const realClock = {
  now: () => Date.now(),
  setTimeout: (act, after) => setTimeout(act, after),
  clearTimeout: (timer) => clearTimeout(timer),
  isOnline: () => globalThis.navigator?.onLine !== false,
};

/** An item that nothing has happened to. */
export const beginning = {
  state: "waiting", offset: 0, sent: 0, url: null, sha256: null, attempt: 0, dueAt: 0, beginnings: 0, problem: null, photoId: null,
};

/** What of an item outlives the page. */
export const record = ({ id, name, size, modified, type, path, url, sha256, addedAt, order, state }) =>
  ({ id, name, size, modified, type, path, url, sha256, addedAt, order, isWhole: state === "done" || state === "duplicate" });

/** What is left of an item that the server could not take although all of it had come: it begins anew, if there is its file. */
export const broken = (file, failure) =>
  ({ state: "failed", url: null, offset: 0, sent: 0, isLeaving: false, problem: file ? notTaken(failure) : chooseAgain() });

const notTaken = (code = "upload_gone") => new Problem({ status: 422, code, detail: "The server could not take this file." });

/** The browser has not kept the bytes over a reload. */
export const chooseAgain = () => new Problem({
  status: 400, code: "choose_again", detail: "The browser has not kept this file. Choose it again, and it goes on where it was.",
});

/** By which a file is known again; cards of two cameras hold files of one name, size and time in folders of their own. */
export const keyOf = ({ name, size, modified, lastModified, path }) => `${size} ${modified ?? lastModified} ${path || name}`;

/** The same for who chooses it again by another way, file by file instead of its folder. */
export const nameKeyOf = ({ name, size, modified, lastModified }) => keyOf({ name, size, modified, lastModified });
