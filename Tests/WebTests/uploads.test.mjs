import assert from "node:assert/strict";
import test from "node:test";
import { Problem } from "../../web/js/lumiere/api.js";
import { filesDropped } from "../../web/js/lumiere/files.js";
import { Uploads } from "../../web/js/lumiere/uploads.js";

/** A clock that goes when it is told to. */
class Clock {
  time = 1_000_000;
  isUp = true;
  #timers = new Map();
  #latest = 0;
  now = () => this.time;
  isOnline = () => this.isUp;
  setTimeout = (act, after) => (this.#timers.set((this.#latest += 1), { act, at: this.time + after }), this.#latest);
  clearTimeout = (timer) => this.#timers.delete(timer);

  /** Lets so many milliseconds pass, with all that is due in them. */
  async pass(milliseconds) {
    const end = this.time + milliseconds;
    await settled();
    for (let next; (next = this.#next(end)); await settled()) {
      this.#timers.delete(next.timer);
      this.time = Math.max(this.time, next.at);
      next.act();
    }
    this.time = end;
    await settled();
  }

  #next(end) {
    const due = [...this.#timers].map(([timer, { act, at }]) => ({ timer, act, at })).filter(({ at }) => at <= end);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 4));

/** What a server does with uploads; `trouble` is asked before each request, and may throw. */
class Server {
  uploads = new Map();
  known = new Map();
  requests = [];
  busiest = 0;
  #busy = 0;
  trouble = () => {};

  async create(_, { name, size, sha256 }) {
    await this.#asked("create", name);
    const url = `/api/uploads/${this.uploads.size}`;
    const offset = this.known.has(sha256) ? size : 0;
    this.uploads.set(url, { name, size, offset });
    return { url, offset };
  }

  async ask(_, url) {
    await this.#asked("ask", url);
    if (!this.uploads.has(url)) throw new Problem({ status: 410, code: "upload_gone" });
    return this.uploads.get(url).offset;
  }

  async append(_, url, { bytes, offset, signal, onProgress }) {
    const upload = this.uploads.get(url);
    this.#busy += 1;
    this.busiest = Math.max(this.busiest, this.#busy);
    try {
      // Half of what was on its way when a connection breaks has arrived.
      upload.offset = offset + Math.floor(bytes.size / 2);
      await this.#asked("append", url);
      await null;
      signal.throwIfAborted();
      onProgress(bytes.size);
      return (upload.offset = offset + bytes.size);
    } finally {
      this.#busy -= 1;
    }
  }

  async learn(_, url) {
    return { state: "completed", photoId: `photo of ${this.uploads.get(url).name}` };
  }

  async end(_, url) {
    this.uploads.delete(url);
  }

  async #asked(kind, what) {
    this.requests.push(kind);
    await this.trouble(kind, what, this.requests.filter((one) => one === kind).length);
  }
}

const nothingKept = { restore: async () => [], put() {}, keep: async () => {}, remove() {}, hasRoom: () => true };
const noHash = { canHash: false };
const file = (name, size, lastModified = 1) => new File([new Uint8Array(size)], name, { lastModified });

function begin(more = {}) {
  const [server, clock] = [new Server(), new Clock()];
  const uploads = new Uploads({ base: "" }, { sessionId: "s", transport: server, clock, hasher: noHash, shelf: nothingKept, ...more });
  return { server, clock, uploads, states: () => uploads.items.map(({ state }) => state) };
}

test("files are sent, a few at a time, and learn which photos they became", async () => {
  const { server, clock, uploads, states } = begin();
  uploads.add(Array.from({ length: 10 }, (_, index) => file(`${index}.jpg`, 1000 + index)));
  await clock.pass(2000);
  assert.deepEqual(states(), Array(10).fill("done"));
  assert.equal(server.busiest, 3);
  assert.equal(uploads.items[4].photoId, "photo of 4.jpg");
  const { files, done, bytes, sent, left } = uploads.totals;
  assert.deepEqual({ files, done, bytes, sent, left }, { files: 10, done: 10, bytes: 10_045, sent: 10_045, left: 0 });
});

test("a large file goes in stretches that grow while the connection is good", async () => {
  const { server, clock, uploads } = begin();
  uploads.add([file("film.mov", 40 * 2 ** 20)]);
  await clock.pass(2000);
  assert.equal(uploads.items[0].state, "done");
  assert.ok(server.requests.filter((kind) => kind === "append").length < 6);
});

test("after a break it asks where the server stands, and goes on there", async () => {
  const { server, clock, uploads, states } = begin();
  server.trouble = (kind, _, time) => {
    if (kind === "append" && time === 1) throw new Problem();
  };
  uploads.add([file("a.jpg", 1000)]);
  await clock.pass(100);
  assert.deepEqual(states(), ["waiting"]);
  await clock.pass(1000);
  assert.deepEqual(states(), ["done"]);
  assert.deepEqual(server.requests, ["create", "append", "ask", "append"]);
});

test("without a network nothing is tried, and everything at once when it is back", async () => {
  const { server, clock, uploads, states } = begin();
  clock.isUp = false;
  uploads.add([file("a.jpg", 1000)]);
  await clock.pass(60_000);
  assert.deepEqual([server.requests.length, states()], [0, ["waiting"]]);
  clock.isUp = true;
  uploads.resume();
  await clock.pass(100);
  assert.deepEqual(states(), ["done"]);
});

test("the server's own pause is kept", async () => {
  const { server, clock, uploads } = begin();
  server.trouble = (kind, _, time) => {
    if (kind === "create" && time === 1) throw new Problem({ status: 429, code: "too_many_uploads", retryAfter: 60 });
  };
  uploads.add([file("a.jpg", 1000)]);
  await clock.pass(59_000);
  assert.equal(server.requests.length, 1);
  await clock.pass(2000);
  assert.equal(uploads.items[0].state, "done");
});

test("what the server has already is not sent", async () => {
  const hasher = { canHash: true, sha256: async (file) => (file.name === "known.jpg" ? "aa" : "bb") };
  const { server, clock, uploads, states } = begin({ hasher });
  server.known.set("aa", true);
  uploads.add([file("known.jpg", 1000), file("new.jpg", 1000)]);
  await clock.pass(1000);
  assert.deepEqual(states(), ["duplicate", "done"]);
  assert.equal(server.requests.filter((kind) => kind === "append").length, 1);
  assert.equal(uploads.totals.duplicates, 1);
});

test("an upload that the server has forgotten begins anew", async () => {
  const { server, clock, uploads, states } = begin();
  server.trouble = (kind, url, time) => {
    if (kind !== "append" || time !== 1) return;
    server.uploads.delete(url);
    throw new Problem();
  };
  uploads.add([file("a.jpg", 1000)]);
  await clock.pass(3000);
  assert.deepEqual(states(), ["done"]);
  assert.equal(server.requests.filter((kind) => kind === "create").length, 2);
});

test("a refused file fails with its reason, and the others go on", async () => {
  const { server, clock, uploads, states } = begin();
  server.trouble = (kind, name) => {
    if (kind === "create" && name === "b.txt") throw new Problem({ status: 415, code: "unsupported_type" });
  };
  uploads.add([file("a.jpg", 10), file("b.txt", 10), file("c.jpg", 10)]);
  await clock.pass(1000);
  assert.deepEqual(states(), ["done", "failed", "done"]);
  assert.equal(uploads.items[1].problem.code, "unsupported_type");
  server.trouble = () => {};
  uploads.retry(uploads.items[1].id);
  await clock.pass(1000);
  assert.deepEqual(states(), ["done", "done", "done"]);
});

test("what concerns all files stops all of them until somebody tries again", async () => {
  const { server, clock, uploads, states } = begin();
  server.trouble = (kind) => {
    if (kind === "create") throw new Problem({ status: 409, code: "session_paused" });
  };
  uploads.add(Array.from({ length: 20 }, (_, index) => file(`${index}.jpg`, 10)));
  await clock.pass(1000);
  assert.equal(uploads.problem.code, "session_paused");
  assert.ok(server.requests.length <= 3);
  assert.ok(states().every((state) => state === "paused"));
  server.trouble = () => {};
  uploads.resume();
  await clock.pass(1000);
  assert.ok(states().every((state) => state === "done"));
});

test("a full session is not asked again for each of thousands", async () => {
  const { server, clock, uploads } = begin();
  server.trouble = () => {
    throw new Problem({ status: 413, code: "quota_exceeded" });
  };
  uploads.add(Array.from({ length: 3000 }, (_, index) => file(`${index}.jpg`, 10)));
  await clock.pass(5000);
  assert.ok(server.requests.length < 10);
  assert.equal(uploads.problem.code, "quota_exceeded");
});

test("a paused list goes on where it was", async () => {
  const { server, clock, uploads, states } = begin();
  server.trouble = (kind) => (kind === "append" ? clock.isUp && new Promise((resolve) => setTimeout(resolve, 20)) : undefined);
  uploads.add([file("a.jpg", 1000)]);
  await clock.pass(5);
  uploads.pause();
  await clock.pass(100);
  assert.deepEqual(states(), ["paused"]);
  uploads.resume();
  await new Promise((resolve) => setTimeout(resolve, 60));
  await clock.pass(1000);
  assert.deepEqual(states(), ["done"]);
  assert.ok(server.requests.includes("ask"));
});

test("the same file is taken once, and junk not at all", async () => {
  const { uploads } = begin();
  uploads.add([file("a.jpg", 10), file(".DS_Store", 10), file("Thumbs.db", 10), file("empty.jpg", 0)]);
  uploads.add([file("a.jpg", 10), file("a.jpg", 11)]);
  assert.deepEqual(uploads.items.map(({ size }) => size), [10, 11]);
  uploads.close();
});

test("files of one name, size and time in folders of their own are each taken, once", () => {
  const cases = [
    [["A/DSC1.ARW", "B/DSC1.ARW"], ["A/DSC1.ARW", "B/DSC1.ARW"]],
    [["A/DSC1.ARW", "A/DSC1.ARW"], ["A/DSC1.ARW"]],
    [["DSC1.ARW", "A/DSC1.ARW", "DSC1.ARW"], ["DSC1.ARW", "A/DSC1.ARW"]],
  ];
  for (const [paths, taken] of cases) {
    const { uploads } = begin();
    uploads.pause();
    uploads.add(paths.map((path) => ({ file: file("DSC1.ARW", 10), path })));
    uploads.add(paths.map((path) => ({ file: file("DSC1.ARW", 10), path })));
    assert.deepEqual(uploads.items.map(({ path }) => path), taken);
    uploads.close();
  }
});

test("files of a folder that are not here any more may be chosen by themselves, and each is found once", async () => {
  const kept = (id) => ({ id, name: "a.jpg", size: 1000, modified: 7, url: null, sha256: null, addedAt: 1, order: 1, path: `${id}/a.jpg` });
  const { uploads } = begin({ shelf: { ...nothingKept, restore: async () => ["A", "B"].map((id) => ({ record: kept(id) })) } });
  await uploads.ready;
  uploads.pause();
  for (const [path, lost] of [["B/a.jpg", ["A"]], ["a.jpg", []], ["a.jpg", []]]) {
    uploads.add([{ file: file("a.jpg", 1000, 7), path }]);
    assert.deepEqual(uploads.items.filter(({ state }) => state === "failed").map(({ id }) => id), lost);
  }
  assert.equal(uploads.items.length, 3);
  uploads.close();
});

test("a file that is not here any more goes on where it was when it is chosen again", async () => {
  const kept = { id: "k", name: "a.jpg", size: 1000, modified: 7, url: "/api/uploads/kept", sha256: null, addedAt: 1, order: 1, path: "a.jpg" };
  const { server, clock, uploads, states } = begin({ shelf: { ...nothingKept, restore: async () => [{ record: kept }] } });
  server.uploads.set(kept.url, { name: "a.jpg", size: 1000, offset: 600 });
  await uploads.ready;
  assert.equal(uploads.items[0].problem.code, "choose_again");
  uploads.retry("k");
  assert.deepEqual(states(), ["failed"]);
  uploads.add([file("a.jpg", 1000, 7)]);
  await clock.pass(1000);
  assert.deepEqual(states(), ["done"]);
  assert.deepEqual(server.requests, ["ask", "append"]);
});

test("an answer that says nothing is not taken for progress", async () => {
  const { server, clock, uploads, states } = begin();
  const append = server.append;
  server.append = async (...all) => (await append.apply(server, all), NaN);
  uploads.add([file("a.jpg", 1000)]);
  await clock.pass(3000);
  assert.ok(server.requests.length < 12);
  server.append = append;
  await clock.pass(30_000);
  assert.deepEqual(states(), ["done"]);
});

test("a removed file is given up on the server, too", async () => {
  const { server, clock, uploads } = begin();
  server.trouble = (kind) => {
    if (kind === "append") throw new Problem();
  };
  uploads.add([file("a.jpg", 1000)]);
  await clock.pass(100);
  uploads.remove(uploads.items[0].id);
  await clock.pass(100);
  assert.deepEqual([uploads.items.length, server.uploads.size], [0, 0]);
});

test("what cannot be read or is empty is counted, folders too, and the rest is taken", async () => {
  const { uploads } = begin();
  const one = (name, get) => ({ name, fullPath: `/${name}`, isDirectory: false, file: get });
  const folder = (name, ...answers) => ({ name, fullPath: `/${name}`, isDirectory: true, createReader: () => ({ readEntries: (resolve, reject) => (answers.length > 0 ? resolve(answers.shift()) : reject()) }) });
  const good = one("a.jpg", (resolve) => resolve(file("a.jpg", 10)));
  const [empty, hidden] = ["e.jpg", "Thumbs.db"].map((name) => one(name, (resolve) => resolve(file(name, 0))));
  const entries = [empty, hidden, folder("shoot", [good, one("b.jpg", (_, reject) => reject())]), one("c.jpg", (_, reject) => reject())];
  uploads.add(await filesDropped({ items: entries.map((entry) => ({ kind: "file", webkitGetAsEntry: () => entry })) }));
  assert.deepEqual([uploads.items.map(({ path }) => path), uploads.unreadable], [["a.jpg"], 4]);
  uploads.add([file("d.jpg", 10)]);
  assert.equal(uploads.unreadable, 0);
  uploads.close();
});

test("the list has an end", async () => {
  const { uploads } = begin();
  uploads.pause();
  uploads.add(Array.from({ length: 20_010 }, (_, index) => ({ file: { name: `${index}.jpg`, size: 1, lastModified: 1 }, path: "" })));
  assert.deepEqual([uploads.items.length, uploads.overflow], [20_000, 10]);
  uploads.clear();
  assert.equal(uploads.overflow, 0);
});

test("what the server finds damaged later is not lost: it is sent anew when somebody wants that", async () => {
  const removed = [];
  const { server, clock, uploads, states } = begin({ shelf: { ...nothingKept, remove: (ids) => removed.push(...ids) } });
  const views = [{ state: "completing" }, { state: "completing" }, { state: "completing" }, { state: "completing" }, { state: "failed", failure: "checksum_mismatch" }];
  server.learn = async () => views.shift();
  uploads.add([file("a.jpg", 1000)]);
  await clock.pass(10_000);
  assert.deepEqual([states(), removed], [["done"], []]);
  uploads.clear();
  await clock.pass(60_000);
  assert.deepEqual([states(), uploads.items[0].problem.code, uploads.items[0].url, removed], [["failed"], "checksum_mismatch", null, []]);
  delete server.learn;
  uploads.retry();
  await clock.pass(1000);
  assert.deepEqual([states(), server.requests.filter((kind) => kind === "create").length, removed.length], [["done"], 2, 1]);
});

test("what is cleared away while the server looks at it goes when it is well", async () => {
  const { server, clock, uploads } = begin();
  const views = [{ state: "completing" }, { state: "completed", photoId: "p" }];
  server.learn = async () => views.shift();
  uploads.add([file("a.jpg", 1000)]);
  await clock.pass(100);
  uploads.clear();
  assert.equal(uploads.items.length, 1);
  await clock.pass(1000);
  assert.equal(uploads.items.length, 0);
});

test("what was whole before a reload is not sent again, nor asked for, unless it is damaged", async () => {
  const kept = (id) => ({ id, name: id, size: 1000, modified: 7, url: `/${id}`, sha256: null, addedAt: 1, order: 1, path: id, isWhole: true });
  const { server, clock, uploads, states } = begin({ shelf: { ...nothingKept, restore: async () => ["a", "b", "c"].map((id) => ({ record: kept(id) })) } });
  server.learn = async (_, url) => {
    if (url === "/c") throw new Problem({ status: 404, code: "not_found" });
    return url === "/a" ? { state: "completed", photoId: "p" } : { state: "failed", failure: "bytes_lost" };
  };
  await clock.pass(1000);
  assert.deepEqual([states(), server.requests, uploads.items[1].problem.code], [["done", "failed", "done"], [], "choose_again"]);
});

test("a list that is closed asks no more, and leaves what it kept to the next", async () => {
  const kept = { id: "k", name: "a.jpg", size: 1000, modified: 7, url: null, sha256: null, addedAt: 1, order: 1, path: "a.jpg" };
  const calls = [];
  const shelf = { ...nothingKept, restore: async () => [{ record: kept, file: file("a.jpg", 1000, 7) }], remove: (ids) => calls.push(...ids), close: () => calls.push("close") };
  const { server, clock, uploads } = begin({ shelf });
  let looks = 0;
  server.learn = async () => ((looks += 1), { state: "completing" });
  await uploads.ready;
  await clock.pass(1000);
  uploads.close();
  const before = looks;
  await clock.pass(600_000);
  assert.deepEqual([looks, calls], [before, ["close"]]);
});
