import assert from "node:assert/strict";
import test from "node:test";
import { presentTabs, stayPresent } from "../../web/js/lumiere/presence.js";
import { Shelf } from "../../web/js/lumiere/shelf.js";

/** As much of IndexedDB as a shelf uses; `refuse` says of a value why it cannot be written. */
function base(refuse = () => null) {
  const stores = { records: new Map(), files: new Map() };
  const soon = (request, name) => (setTimeout(() => request[name]?.()), request);
  const objectStore = (name, transaction) => ({
    get: (key) => soon({ result: stores[name].get(key) }, "onsuccess"),
    getAll: () => soon({ result: [...stores[name].values()] }, "onsuccess"),
    delete: (key) => stores[name].delete(key),
    put: (value, key) => ((transaction.error = refuse(value)) ? null : stores[name].set(key ?? value.id, value)),
  });
  const transaction = () => {
    const one = { error: null, objectStore: (name) => objectStore(name, one) };
    setTimeout(() => (one.error ? one.onabort() : one.oncomplete?.()));
    return one;
  };
  globalThis.indexedDB = { open: () => soon({ result: { transaction } }, "onsuccess") };
  return stores;
}

/** The same with connections that go: `lose` is given each that is opened. */
function unsteady(lose) {
  const stores = base();
  const { open } = globalThis.indexedDB;
  let opened = 0;
  globalThis.indexedDB = { open: () => {
    const request = open();
    const [connection, { transaction }] = [request.result, request.result];
    let isClosed = false;
    connection.transaction = (...all) => {
      if (isClosed) throw new DOMException("The connection is closing.", "InvalidStateError");
      return transaction(...all);
    };
    connection.close = () => (isClosed = true);
    return (request.result = lose(connection, (opened += 1))), request;
  } };
  return { stores, get opened() { return opened; } };
}

/** Locks as browsers have them; `null` for pages that came by plain http. */
function locks(isThere) {
  const held = new Map();
  const request = async (name, act) => {
    while (held.has(name)) await held.get(name);
    const end = (async () => act())();
    held.set(name, end.catch(() => {}));
    return end.finally(() => held.delete(name));
  };
  const query = async () => ({ held: [...held.keys()].map((name) => ({ name })) });
  Object.defineProperty(globalThis, "navigator", { configurable: true, writable: true, value: { locks: isThere ? { request, query } : undefined } });
}

/** Its keys are its own, as those of `localStorage` are. */
function kept() {
  const hidden = (value) => ({ value, enumerable: false });
  return Object.defineProperties({}, {
    getItem: hidden(function (key) { return this[key] ?? null; }),
    setItem: hidden(function (key, value) { this[key] = value; }),
    removeItem: hidden(function (key) { delete this[key]; }),
  });
}

const record = (id, addedAt = Date.now()) => ({ id, name: id, size: 3, addedAt, order: 1 });
const bytes = new Blob(["abc"]);
const ids = (restored) => restored.map(({ record }) => record.id);

for (const [way, isThere] of [["locks", true], ["notes", false]]) {
  test(`with ${way}, tabs know of each other until they are gone`, async () => {
    locks(isThere);
    globalThis.localStorage = kept();
    const end = await stayPresent("a");
    assert.deepEqual([...(await presentTabs())], ["a"]);
    end();
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual([...(await presentTabs())], []);
  });

  test(`with ${way}, what a closed shelf leaves is found by the next, and by one alone`, async () => {
    locks(isThere);
    globalThis.localStorage = kept();
    base();
    const shelf = new Shelf("s");
    await shelf.put([record("a")]);
    await shelf.keep("a", bytes);
    const [second, third] = [new Shelf("s"), new Shelf("s")];
    assert.deepEqual(ids(await second.restore()), []);
    shelf.close();
    const found = await Promise.all([second.restore(), third.restore()]);
    assert.deepEqual(found.map(ids).flat(), ["a"]);
    assert.equal(found.flat()[0].file.size, 3);
    second.close(), third.close();
  });
}

test("a note that has not been renewed is nobody's", async () => {
  locks(false);
  globalThis.localStorage = kept();
  globalThis.localStorage.setItem("lumiere.uploads.dead", String(Date.now() - 100_000));
  assert.deepEqual([[...(await presentTabs())], Object.keys(globalThis.localStorage)], [[], []]);
});

test("what is old goes from all shelves, and what is somebody's when they sign out", async () => {
  locks(true);
  const stores = base();
  const old = Date.now() - 8 * 86_400_000;
  for (const [id, shelf, addedAt] of [["a", " s1 anna", old], ["b", " s2 ben", old], ["c", " s2 ben", Date.now()], ["d", " s3 anna", Date.now()]]) {
    stores.records.set(id, { ...record(id, addedAt), shelf, tab: "gone" });
    stores.files.set(id, bytes);
  }
  const shelf = new Shelf(" s1 anna");
  await shelf.restore();
  assert.deepEqual([[...stores.records.keys()], [...stores.files.keys()]], [["c", "d"], ["c", "d"]]);
  await new Shelf("").forget((name) => name.endsWith(" anna"));
  assert.deepEqual([...stores.files.keys()], ["c"]);
  shelf.close();
});

test("a file that cannot be kept says nothing of the others, unless there is no room", async () => {
  locks(true);
  base((value) => (value.type === "x/unreadable" ? new DOMException("", "NotReadableError") : value.type === "x/large" ? new DOMException("", "QuotaExceededError") : null));
  const shelf = new Shelf("s");
  await shelf.keep("a", new Blob(["a"], { type: "x/unreadable" }));
  assert.equal(shelf.hasRoom(10), true);
  await shelf.keep("b", new Blob(["a"], { type: "x/large" }));
  assert.equal(shelf.hasRoom(10), false);
});

test("a shelf goes on when the browser has closed its database", async () => {
  locks(true);
  const ways = {
    "in silence": (connection) => connection.close(),
    "and says so": (connection) => (connection.close(), connection.onclose()),
    "for a newer page": (connection) => connection.onversionchange(),
  };
  for (const [way, end] of Object.entries(ways)) {
    const connections = [];
    const { stores } = unsteady((connection) => (connections.push(connection), connection));
    const shelf = new Shelf("s");
    await shelf.put([record("a")]);
    end(connections[0]);
    await shelf.put([record("b")]);
    await shelf.remove(["a"]);
    assert.deepEqual([[...stores.records.keys()], connections.length], [["b"], 2], way);
    shelf.close();
  }
});

test("a shelf whose database cannot be opened asks for it again", async () => {
  locks(true);
  const stores = base();
  const { open } = globalThis.indexedDB;
  let asked = 0;
  const refused = () => {
    const request = { error: new DOMException("", "UnknownError") };
    setTimeout(() => request.onerror());
    return request;
  };
  globalThis.indexedDB = { open: () => ((asked += 1) === 1 ? refused() : open()) };
  const shelf = new Shelf("s");
  await shelf.put([record("a")]);
  await shelf.put([record("b")]);
  assert.deepEqual([[...stores.records.keys()], asked], [["b"], 2]);
  shelf.close();
});
