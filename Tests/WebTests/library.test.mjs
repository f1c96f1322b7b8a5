import assert from "node:assert/strict";
import test from "node:test";
import { Account, address, call, Key, Pass, Problem } from "../../web/js/lumiere/lumiere.js";
import { isJunk, isMedia } from "../../web/js/lumiere/files.js";
import { Pieces } from "../../web/js/lumiere/later.js";
import { Speed } from "../../web/js/lumiere/speed.js";
import { storage } from "../../web/js/lumiere/storage.js";
import { endOf, freshFor } from "../../web/js/lumiere/tokenclock.js";
import { metadata } from "../../web/js/lumiere/tus.js";
import { afterProblem, ceilingAfter, chunkAfter, nextChunk, nextStep, pick, totalsOf } from "../../web/js/lumiere/uploadplan.js";

// MARK: Tokens

const token = { receivedAt: 1_000_000, expiresAt: endOf(1_000_000, 900) };
const moments = [
  ["is good when it came", 0, 840_000],
  ["is renewed a minute before its end", 840_000, 0],
  ["is long over after a night", 30_000_000, 840_000 - 30_000_000],
  ["is not trusted when the clock was set back", -1, 0],
];
for (const [name, after, left] of moments) test(`a token of 15 minutes ${name}`, () => assert.equal(freshFor(token, 1_000_000 + after), left));

test("a token of a short life is renewed after three quarters of it", () => {
  assert.equal(freshFor({ receivedAt: 0, expiresAt: 8000 }, 0), 6000);
});

// MARK: Asking

/** A server that answers as it is told, and remembers what it was asked. */
function served(answers) {
  const asked = [];
  globalThis.fetch = async (url, { method, headers, body }) => {
    asked.push({ url, method, token: headers.Authorization?.slice(7), body: body && JSON.parse(body) });
    const { status = 200, json, headers: more = {} } = answers.shift() ?? { status: 500 };
    if (status === 0) throw new TypeError("no network");
    return new Response(json === undefined ? null : JSON.stringify(json), { status, headers: more });
  };
  return asked;
}

const signedIn = (number) => ({ json: { user: { id: "u" }, accessToken: `t${number}`, refreshToken: `r${number}`, deviceId: "d", expiresIn: 900 } });
const code = (wanted) => ({ code }) => code === wanted;

test("refusals are problems with a code, whoever answers", async () => {
  served([
    { status: 409, json: { code: "selection_full", detail: "It is full.", limit: 3 } }, { status: 502 }, { status: 0 },
    { status: 200 }, { status: 429, json: { code: "too_many_requests" }, headers: { "Retry-After": "7" } },
  ]);
  await assert.rejects(call("/a"), (problem) => problem instanceof Problem && problem.code === "selection_full" && problem.facts.limit === 3 && !problem.isPassing);
  await assert.rejects(call("/a"), (problem) => problem.code === "unexpected_answer" && problem.isPassing);
  await assert.rejects(call("/a"), code("unreachable"));
  await assert.rejects(call("/a"), (problem) => problem.status === 502);
  await assert.rejects(call("/a"), (problem) => problem.retryAfter === 7);
});

test("what was given up says so", async () => {
  globalThis.fetch = async (_, { signal }) => { throw signal.reason; };
  await assert.rejects(call("/a", { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("an answer that breaks off is none, and one that is given up says so", async () => {
  const cut = (error) => (globalThis.fetch = async () => new Response(new ReadableStream({ pull: (stream) => stream.error(error) })));
  const key = new Key("k", { base: "https://cut.example" });
  cut(new DOMException("too long", "TimeoutError"));
  await assert.rejects(key.ask("/a"), code("unreachable"));
  await assert.rejects(key.blob("/a"), code("unreachable"));
  const control = new AbortController();
  cut(new DOMException("given up", "AbortError"));
  const asking = key.blob("/a", { signal: control.signal });
  control.abort();
  await assert.rejects(asking, { name: "AbortError" });
});

test("queries leave out what is not given", () => {
  assert.equal(address("/a", { query: { limit: 5, cursor: undefined, q: "x y" } }), "/a?limit=5&q=x+y");
  assert.equal(address("/a?b=1", { base: "https://photos.example.org", query: { c: 0 } }), "https://photos.example.org/a?b=1&c=0");
});

test("a token that is not accepted is renewed once, by one request for all who wait", async () => {
  const asked = served([signedIn(1), { status: 401, json: {} }, { status: 401, json: {} }, signedIn(2), { json: "a" }, { json: "b" }]);
  const account = new Account({ base: "https://one.example" });
  await account.signIn({ login: "anna", password: "x" });
  assert.deepEqual(await Promise.all([account.ask("/a"), account.ask("/b")]), ["a", "b"]);
  assert.deepEqual(asked.filter(({ url }) => url.endsWith("/refresh")).map(({ body }) => body.refreshToken), ["r1"]);
  assert.deepEqual(asked.slice(-2).map(({ token }) => token), ["t2", "t2"]);
});

test("tabs that share an account use each refresh token once, with locks or without", async () => {
  const kept = new Map();
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const asked = served([signedIn(1), signedIn(2), signedIn(3)]);
  await new Account({ base: "https://tabs.example" }).signIn({ login: "anna", password: "x" });
  const tabs = [1, 2, 3].map(() => new Account({ base: "https://tabs.example" }));
  await Promise.all(tabs.map((tab) => tab.renew("t1")));
  delete globalThis.localStorage;
  assert.deepEqual([asked.length, tabs.map(({ token }) => token)], [2, ["t2", "t2", "t2"]]);
  assert.equal(kept.size, 1);
});

test("an account whose refresh token is not good any more is signed out, and says so", async () => {
  served([signedIn(1), { status: 401, json: {} }, { status: 401, json: { code: "token_reused" } }]);
  const account = new Account({ base: "https://two.example" });
  let changes = 0;
  account.onChange = () => (changes += 1);
  await account.signIn({ login: "anna", password: "x" });
  await assert.rejects(account.ask("/a"), code("token_reused"));
  assert.deepEqual([account.user, account.token, changes], [null, null, 2]);
});

test("a server that cannot be reached signs nobody out", async () => {
  served([signedIn(1), { status: 401, json: {} }, { status: 0 }]);
  const account = new Account({ base: "https://three.example" });
  await account.signIn({ login: "anna", password: "x" });
  await assert.rejects(account.ask("/a"), code("unreachable"));
  assert.equal(account.user.id, "u");
});

test("signing out forgets, whether the server hears of it or not", async () => {
  served([signedIn(1), { status: 0 }]);
  const account = new Account({ base: "https://four.example" });
  await account.signIn({ login: "anna", password: "x" });
  await account.signOut();
  assert.equal(account.user, null);
});

test("lists come page by page", async () => {
  const asked = served([{ json: { items: [1, 2], nextCursor: "c" } }, { json: { items: [3] } }]);
  const pages = [];
  for await (const page of new Key("k", { base: "https://x.example/" }).pages("/api/photos", { query: { session: "s" }, limit: 2 })) pages.push(page);
  assert.deepEqual(pages, [[1, 2], [3]]);
  assert.equal(asked[1].url, "https://x.example/api/photos?session=s&limit=2&cursor=c");
});

const guestToken = `lg1.${Buffer.from("01a2041ae6a37bd8983a83a0e28d9df5ffffffff", "hex").toString("base64url")}.x`;
const entry = (number) => ({ json: { token: guestToken, mediaToken: `m${number}`, expiresAt: "2099-01-01T00:00:00Z", session: { id: "s" } } });

test("a pass that does not enter again by itself is over when its token is, and another one is got when that is asked for", async () => {
  const asked = served([entry(1), { status: 401, json: { code: "invalid_token" } }, { ...entry(2) }]);
  const pass = new Pass({ code: "once26" }, { base: "https://j.example", entersAgain: false });
  pass.name = "Gus";
  await pass.enter();
  await assert.rejects(pass.ask("/api/a"), code("unauthorized"));
  assert.deepEqual([asked.length, pass.isInside], [2, true]);
  pass.forget();
  assert.deepEqual([pass.isInside, pass.token, pass.mediaToken("s")], [false, null, undefined]);
  await pass.enter();
  assert.deepEqual([asked[2].body, pass.mediaToken("s")], [{ name: "Gus", accessCode: "once26" }, "m2"]);
});

test("a guest enters once, and their media are signed with the present grant", async () => {
  const asked = served([entry(1), entry(2)]);
  const pass = new Pass({ code: "anna26" }, { base: "https://g.example" });
  pass.name = "Gus";
  await Promise.all([pass.renew(), pass.renew()]);
  assert.deepEqual(asked.map(({ body }) => body), [{ accessCode: "anna26", name: "Gus" }]);
  assert.equal(pass.guestId, "01a2041a-e6a3-7bd8-983a-83a0e28d9df5");
  assert.equal(pass.sign("/media/a/thumb.webp?grant=old"), "https://g.example/media/a/thumb.webp?grant=m1");
  await pass.rename("Gustav");
  assert.deepEqual([asked[1].url, asked[1].token, asked[1].body.name], ["https://g.example/api/sessions/s/verify", guestToken, "Gustav"]);
  assert.equal(pass.sign("/media/a/thumb.webp", "s"), "https://g.example/media/a/thumb.webp?grant=m2");
});

test("a link is entered once for all who were refused, whenever they hear of it", async () => {
  const asked = served([entry(1), { json: { ...entry(2).json, token: `${guestToken}2` } }]);
  const pass = new Pass({ link: "l" }, { base: "https://h.example" });
  await pass.enter();
  const stale = pass.token;
  await pass.renew(stale);
  await pass.renew(stale);
  assert.equal(asked.length, 2);
});

test("who leaves is out, whether the server hears of it or not", async () => {
  served([entry(1), { status: 0 }]);
  const pass = new Pass({ code: "leave1" }, { base: "https://i.example" });
  await pass.enter();
  await pass.leave();
  assert.deepEqual([pass.token, pass.mediaToken("s"), new Pass({ code: "leave1" }, { base: "https://i.example" }).isInside], [null, undefined, false]);
});

test("an answer for somebody who has signed out meanwhile brings nobody back, and harms nobody else", async () => {
  const kept = new Map();
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const other = { user: { id: "b" }, accessToken: "tb", refreshToken: "rb", deviceId: "e", receivedAt: Date.now(), expiresAt: Date.now() + 900_000 };
  for (const answer of [signedIn(2), { status: 401, json: { code: "token_reused" } }]) {
    for (const now of [null, other]) {
      served([signedIn(1)]);
      const account = new Account({ base: "https://late.example" });
      await account.signIn({ login: "anna", password: "x" });
      const key = [...kept.keys()][0];
      served([answer]);
      const fetch = globalThis.fetch;
      globalThis.fetch = async (...all) => (now ? kept.set(key, JSON.stringify(now)) : kept.delete(key), fetch(...all));
      const end = await account.renew("t1").catch((problem) => problem.code);
      assert.deepEqual([end, account.token, kept.has(key)], now ? [undefined, "tb", true] : ["signed_out", null, false]);
    }
  }
  delete globalThis.localStorage;
});

test("a full storage does not keep what is wrong by now", () => {
  const kept = new Map([["k", JSON.stringify("old")]]);
  let isFull = true;
  const setItem = (key, value) => {
    if (isFull) throw new Error("quota");
    kept.set(key, value);
  };
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem, removeItem: (key) => (kept.delete(key), (isFull = false)) };
  const store = storage("localStorage");
  store.remember("k", "new");
  assert.deepEqual([store.recall("k"), JSON.parse(kept.get("k"))], ["new", "new"]);
  globalThis.localStorage.removeItem = (key) => kept.delete(key);
  isFull = true;
  store.remember("k", "newer");
  assert.deepEqual([store.recall("k"), kept.has("k")], ["newer", false]);
  delete globalThis.localStorage;
});

// MARK: Uploads

const item = { id: "i", state: "waiting", size: 1000, offset: 0, url: "/u", attempt: 0, dueAt: 0 };
const steps = [
  ["its digest is found out first", { url: null }, { kind: "hash" }],
  ["a huge file is announced without", { url: null, size: 2 ** 30 }, { kind: "create" }],
  ["a file whose digest is known is announced", { url: null, sha256: "a" }, { kind: "create" }],
  ["where the server stands is asked after a loss", { offset: null }, { kind: "ask" }],
  ["a stretch is sent", { offset: 100 }, { kind: "send", end: 400 }],
  ["the last stretch ends with the file", { offset: 900 }, { kind: "send", end: 1000 }],
  ["what is whole is finished", { offset: 1000 }, { kind: "finish" }],
];
for (const [name, more, step] of steps) {
  test(`of a file, ${name}`, () => assert.deepEqual(nextStep({ ...item, ...more }, { canHash: true, chunk: 300 }), step));
}

const ends = [
  ["no network", { status: 0, isPassing: true }, "waiting", 250],
  ["a full server for a while", { status: 503, isPassing: true, retryAfter: 9 }, "waiting", 9000],
  ["another tab that sends the same", { status: 423 }, "waiting", 250],
  ["another offset", { status: 409, code: "upload_offset_mismatch" }, "waiting", 0],
  ["an upload that is gone", { status: 410 }, "waiting", -1000],
  ["a type that is not taken", { status: 415, code: "unsupported_type" }, "failed", undefined],
  ["a file that is too large", { status: 413, code: "too_large" }, "failed", undefined],
];
for (const [name, problem, state, after] of ends) {
  test(`after ${name} a file is ${state}`, () => {
    const { change } = afterProblem(item, problem, { now: 1000, random: () => 0 });
    assert.equal(change.state, state);
    assert.equal(change.dueAt === undefined ? undefined : change.dueAt - 1000, after);
  });
}

test("what is refused to one is refused to all", () => {
  assert.equal(afterProblem(item, { status: 409, code: "session_paused" }, { now: 0 }).isGeneral, true);
  assert.equal(afterProblem({ ...item, url: null }, { status: 404, code: "not_found" }, { now: 0 }).isGeneral, true);
});

test("so many are sent at once, in order, and the next look is when something is due", () => {
  const items = [{ state: "done" }, { state: "sending" }, { state: "waiting", dueAt: 900 }, { state: "waiting", dueAt: 0 }, { state: "waiting", dueAt: 0 }, { state: "waiting", dueAt: 500 }];
  assert.deepEqual(pick(items, { parallel: 2, isOnline: true, now: 100 }), { start: [items[3]], wakeAt: 500 });
  assert.deepEqual(pick(items, { parallel: 2, isOnline: false, now: 100 }).start, []);
});

test("stretches become as long as some seconds take", () => {
  const sizes = [[4, 500], [4, 6000], [4, 60_000], [64, 100], [0.25, 60_000]].map(([megabytes, time]) => nextChunk(megabytes * 2 ** 20, time) / 2 ** 20);
  assert.deepEqual(sizes, [8, 4, 2, 64, 0.25]);
  assert.equal(chunkAfter({ status: 413, code: "unexpected_answer" }, 2 ** 20), 2 ** 18);
  assert.equal(chunkAfter({ status: 413, code: "too_large" }, 2 ** 20), null);
});

test("a stretch that a proxy has refused is not tried again", () => {
  const proxys = 2 ** 20;
  let [size, ceiling, refusals] = [4 * 2 ** 20, Infinity, 0];
  for (let time = 0; time < 50; time += 1) {
    if (size <= proxys) size = nextChunk(size, 10, ceiling);
    else [size, ceiling, refusals] = [chunkAfter({ status: 413, code: "unexpected_answer" }, size), Math.min(ceiling, ceilingAfter(size)), refusals + 1];
  }
  assert.deepEqual([size, refusals], [proxys, 2]);
});

test("totals count what is sent and what is left", () => {
  const items = [{ state: "done", size: 100 }, { state: "duplicate", size: 50 }, { state: "failed", size: 999 }, { state: "sending", size: 100, sent: 40 }];
  assert.deepEqual(totalsOf(items, 30), { files: 4, done: 2, duplicates: 1, failed: 1, bytes: 250, sent: 190, speed: 30, left: 2 });
  assert.equal(totalsOf(items).left, null);
});

test("speed is that of the last seconds", () => {
  const speed = new Speed();
  for (let at = 0; at <= 4000; at += 100) speed.add(1000, at);
  assert.ok(Math.abs(speed.rate(4000) - 10_250) < 300);
  assert.equal(speed.rate(60_000), 0);
});

test("names are told in Base64, in any script", () => {
  assert.equal(metadata({ session: "s", filename: "Büro 写真.jpg", filetype: "" }), `session cw==,filename ${Buffer.from("Büro 写真.jpg").toString("base64")}`);
});

const names = [["IMG_1.JPG", true], ["a.cr3", true], ["clip.MOV", true], ["notes.txt", false], ["a.xmp", false], ["jpg", false]];
for (const [name, isShown] of names) test(`${name} is ${isShown ? "" : "not "}something for a gallery`, () => assert.equal(isMedia({ name }), isShown));
for (const name of [".DS_Store", "._IMG_1.JPG", "Thumbs.db", "desktop.ini"]) test(`${name} is junk`, () => assert.equal(isJunk({ name }), true));

test("a piece that could not be fetched is asked for under another address where a browser remembers that, and is there once", async () => {
  const cases = [
    // Whether the browser remembers failures, how many requests fail, what each wish brings, and what was fetched.
    [false, 0, ["/a.js", "/a.js"], ["/a.js"]],
    [false, 1, [null, "/a.js", "/a.js"], ["/a.js", "/a.js"]],
    [true, 1, [null, "/a.js?again=1", "/a.js?again=1"], ["/a.js", "/a.js?again=1"]],
    [true, 2, [null, null, "/a.js?again=2", "/a.js?again=2"], ["/a.js", "/a.js?again=1", "/a.js?again=2"]],
    [true, 3, [null, null, null, "/a.js?again=3"], ["/a.js", "/a.js?again=1", "/a.js?again=2", "/a.js?again=3"]],
  ];
  for (const [remembers, failing, wishes, requests] of cases) {
    const [map, fetched] = [new Map(), []];
    const pieces = new Pieces(async (url) => {
      if (!map.has(url)) {
        fetched.push(url);
        const piece = fetched.length > failing ? url : null;
        if (piece || remembers) map.set(url, piece);
      }
      return map.get(url) ?? Promise.reject(new TypeError("Failed to fetch"));
    });
    const came = [];
    for (const _ of wishes) came.push(await pieces.fetch("/a.js").catch(() => null));
    assert.deepEqual([came, fetched], [wishes, requests]);
  }
});
