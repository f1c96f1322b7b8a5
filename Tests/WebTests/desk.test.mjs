// What the desk decides, without a page: zones, picking, filters, addresses, bars, keys.

import assert from "node:assert/strict";
import test from "node:test";
import { Problem } from "../../web/js/lumiere/api.js";
import { filled } from "../../web/js/desk/bars.js";
import { Docks } from "../../web/js/desk/docks.js";
import { PhotoList } from "../../web/js/desk/photolist.js";
import { filterCount, fromSearch, matches, order, toSearch } from "../../web/js/desk/photoquery.js";
import * as picking from "../../web/js/desk/picks.js";
import { recipe } from "../../web/js/desk/recipe.js";
import { parse, sessionAddress } from "../../web/js/desk/router.js";
import { explained, isHeld, keyAction, photoKeys, reviewKeys } from "../../web/js/desk/shortcuts.js";
import { steadily } from "../../web/js/desk/steadily.js";
import { Tagging } from "../../web/js/desk/tagging.js";
import { undoing } from "../../web/js/desk/undoing.js";
import { keyName } from "../../web/js/ui/keys.js";
import { momentOf, wallTime } from "../../web/js/desk/zones.js";

const all = ["a", "b", "c", "d", "e"];

test("a clock's time and its moment are one, also where clocks change", () => {
  const moments = [
    ["2026-06-06T13:00:00.000Z", "Europe/Berlin", "2026-06-06T15:00"], ["2026-03-29T00:30:00.000Z", "Europe/Berlin", "2026-03-29T01:30"],
    ["2026-03-29T01:30:00.000Z", "Europe/Berlin", "2026-03-29T03:30"], ["2026-11-22T23:59:00.000Z", "Asia/Shanghai", "2026-11-23T07:59"],
    ["2026-01-01T04:00:00.000Z", "America/Los_Angeles", "2025-12-31T20:00"],
  ];
  for (const [moment, zone, wall] of moments) {
    assert.equal(wallTime(moment, zone), wall);
    assert.equal(momentOf(wall, zone), moment);
  }
  assert.equal(momentOf("", "UTC"), null);
  assert.equal(wallTime(null, "UTC"), "");
  assert.equal(wallTime("2026-06-06T13:00:00Z", "No/Where"), "2026-06-06T13:00");
});

test("an action is about what is picked, else about what the eye is on", () => {
  let picks = picking.focusOn(picking.nothing, "b");
  assert.deepEqual(picking.subjects(picks, all), ["b"]);
  picks = picking.extend(picking.toggle(picks, "b"), "d", all);
  assert.deepEqual(picking.subjects(picks, all), ["b", "c", "d"]);
  picks = picking.toggle(picks, "c");
  assert.deepEqual(picking.subjects(picks, all), ["b", "d"]);
  assert.deepEqual(picking.subjects(picking.all(picks, all), all), all);
  assert.equal(picking.none(picks).ids.size, 0);
});

test("what is gone is not picked any more, and the eye goes to what took its place", () => {
  const picks = { ids: new Set(["b", "d"]), anchor: "d", focus: "d" };
  const left = picking.keep(picks, ["a", "b", "e"], all);
  assert.deepEqual([...left.ids], ["b"]);
  assert.equal(left.anchor, null);
  assert.equal(left.focus, "e");
  assert.equal(picking.keep(picks, [], all).focus, null);
});

test("filters are read from the address and written to it", () => {
  const filter = fromSearch(new URLSearchParams("review=pending&rating=3&sort=taken&else=1"));
  assert.deepEqual(filter, { sort: "taken", review: "pending", rating: "3" });
  assert.equal(filterCount(filter), 2);
  assert.deepEqual(toSearch(filter), { review: "pending", rating: "3", sort: "taken" });
  assert.deepEqual(toSearch(fromSearch(new URLSearchParams("sort=nonsense&tag=dance"))), { tag: "dance" });
});

test("what arrives live goes by the same filters as lists", () => {
  const photo = { status: "ready", review: "pending", rating: 4, tags: ["dance"], kind: "photo", isHidden: false, isFeatured: true };
  for (const filter of [{}, { review: "pending" }, { rating: "3" }, { tag: "dance" }, { hidden: "false" }, { featured: "true" }]) assert.ok(matches(photo, filter));
  for (const filter of [{ review: "approved" }, { rating: "5" }, { tag: "cake" }, { type: "video" }, { deleted: "true" }]) assert.ok(!matches(photo, filter));
  assert.ok(!matches({ ...photo, deletedAt: "2026-06-06T13:00:00Z" }, {}));
  assert.ok(matches({ ...photo, deletedAt: "2026-06-06T13:00:00Z" }, { deleted: "true" }));
});

test("photos are in the server's order, among equals by id", () => {
  const photos = [{ id: "1", createdAt: "2" }, { id: "2", createdAt: "1" }, { id: "3", createdAt: "2" }];
  const ids = (sort) => photos.toSorted(order(sort)).map(({ id }) => id);
  assert.deepEqual(ids("newest"), ["3", "1", "2"]);
  assert.deepEqual(ids("oldest"), ["2", "1", "3"]);
});

test("addresses name pages, and nonsense is the first one", () => {
  assert.equal(parse("").page, "sessions");
  assert.equal(parse("#/devices").page, "devices");
  assert.equal(parse("#/sessions/<b>/photos").page, "sessions");
  assert.equal(parse("#/sessions/abc/else").view, "overview");
  const route = parse(sessionAddress("abc", "photos", { status: "failed", tag: "" }));
  assert.deepEqual([route.sessionId, route.view, route.query.toString()], ["abc", "photos", "status=failed"]);
});

test("hours and days without anybody are filled in", () => {
  const hours = filled([{ from: "2026-11-22T10:00:00Z", byCode: 1 }, { from: "2026-11-22T13:00:00Z", byCode: 2 }], "hour", "UTC");
  assert.deepEqual(hours.slice(-4).map(({ byCode }) => byCode), [1, 0, 0, 2]);
  const days = filled([{ from: "2026-10-24T22:00:00Z", byCode: 1 }, { from: "2026-10-25T23:00:00Z", byCode: 2 }], "day", "Europe/Berlin");
  assert.deepEqual(days.slice(-2).map(({ byCode }) => byCode), [1, 2]);
  assert.deepEqual(filled([], "day", "UTC"), []);
});

test("keys mean something only with the modifiers they were given", () => {
  assert.equal(keyAction({ key: "A" }, photoKeys), "approve");
  assert.equal(keyAction({ key: "a", metaKey: true }, photoKeys), "all");
  assert.equal(keyAction({ key: "r", ctrlKey: true }, photoKeys), undefined);
  assert.equal(keyAction({ key: "r", altKey: true }, photoKeys), undefined);
  assert.deepEqual(new Map(explained(photoKeys)).get("rate"), ["0", "–", "5"]);
});

test("letters mean what lies there in any layout, and while an input method is on", () => {
  const pressed = [
    [{ key: "ф", code: "KeyA" }, "a"], [{ key: "Ф", code: "KeyA", shiftKey: true }, "a"], [{ key: "Process", code: "KeyR" }, "r"],
    [{ key: "Process", code: "Slash", shiftKey: true }, "?"], [{ key: "？", code: "Slash", shiftKey: true }, "?"], [{ key: "Process", code: "Digit3" }, "3"],
    [{ key: "a", code: "KeyQ" }, "a"], [{ key: "&", code: "Digit1" }, "&"], [{ key: " ", code: "Space" }, " "], [{ key: "ArrowLeft", code: "ArrowLeft" }, "ArrowLeft"],
    [{ key: "Dead", code: "KeyE" }, "Dead"], [{ key: "ж", code: "Semicolon" }, "ж"], [{ key: "?" }, "?"],
  ];
  for (const [event, name] of pressed) assert.equal(keyName(event), name);
  assert.equal(keyAction({ key: "ф", code: "KeyA" }, photoKeys), "approve");
  assert.equal(keyAction({ key: "я", code: "KeyZ", ctrlKey: true }, reviewKeys), "undo");
});

test("a key that is held down walks on and decides nothing", () => {
  assert.equal(isHeld({ key: "a", repeat: true }), true);
  assert.equal(isHeld({ key: "Delete", repeat: true }), true);
  assert.equal(isHeld({ key: "ArrowRight", repeat: true }), false);
  assert.equal(isHeld({ key: "a", repeat: false }), false);
});

/** A list over so many photos; each answer waits until `answer` is called. */
function listOf(count, filter = {}) {
  const stored = Array.from({ length: count }, (_, index) => photoAt(index));
  const waiting = [];
  const ask = (_, { query: { limit, cursor = 0 } }) => new Promise((resolve) => {
    const items = stored.slice(cursor, cursor + limit);
    waiting.push(() => resolve({ items, nextCursor: cursor + limit < stored.length ? cursor + limit : undefined }));
  });
  const list = new PhotoList({ id: "s", account: { ask }, session: {} });
  const answer = async () => {
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      waiting.shift()();
      await new Promise(setImmediate);
    }
  };
  list.begin({ sort: "oldest", ...filter });
  return { list, answer, stored };
}

const photoAt = (index) => ({ id: `p${String(index).padStart(4, "0")}`, createdAt: `2026-06-06T10:${String(10_000 + index)}`, status: "ready" });

test("a list that is read again is as long as it was", async () => {
  const { list, answer } = listOf(500);
  await answer();
  assert.equal(list.items.length, 80);
  list.more();
  await answer();
  assert.equal(list.items.length, 280);
  const lengths = [];
  list.addEventListener("change", () => lengths.push(list.items.length));
  list.begin();
  await answer();
  assert.ok(lengths.every((length) => length >= 280));
  list.all();
  await answer();
  assert.equal(list.items.length, 500);
  assert.equal(list.hasMore, false);
});

test("who is told that a page is on its way and asks for it waits for the same one", async () => {
  const { list, answer } = listOf(200);
  await answer();
  let asked = 0;
  list.addEventListener("change", () => list.isLoading && (asked += 1) && list.more());
  list.more();
  await answer();
  assert.deepEqual([asked, list.items.length], [1, 200]);
});

test("a page that fails is asked for again after a pause, however often somebody comes near the end", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  for (const [status, later] of [[503, 2], [429, 2], [403, 1]]) {
    let asked = 0;
    const ask = async () => {
      asked += 1;
      throw new Problem({ status, code: "other" });
    };
    const list = new PhotoList({ id: "s", account: { ask }, session: {} });
    list.addEventListener("change", () => list.isLoading || list.more());
    await list.begin({ sort: "oldest" });
    for (let frame = 0; frame < 60; frame += 1) await list.more();
    assert.deepEqual([asked, list.problem?.status], [1, status]);
    context.mock.timers.tick(60_000);
    for (let turn = 0; turn < 20; turn += 1) await null;
    assert.equal(asked, later);
    await list.begin();
    assert.equal(asked, later + 1);
    list.close();
    context.mock.timers.tick(60_000);
    assert.equal(asked, later + 1);
  }
});

test("what is told while a page is on its way holds against it", async () => {
  const { list, answer } = listOf(3);
  await new Promise(setImmediate);
  list.put(photoAt(7));
  list.put({ ...photoAt(1), title: "Later" });
  list.remove([photoAt(2).id]);
  await answer();
  assert.deepEqual(list.items.map(({ id, title }) => [id, title]), [["p0000", undefined], ["p0001", "Later"], ["p0007", undefined]]);
});

test("what is not told any more is gone, but for what events never tell", async () => {
  const { list, answer } = listOf(1);
  await answer();
  list.put({ ...photoAt(0), isLiked: true, title: "Once", rating: 3 });
  list.put(photoAt(0));
  assert.deepEqual([list.items[0].isLiked, list.items[0].title, list.items[0].rating], [true, undefined, undefined]);
});

test("a restored photo leaves the bin", async () => {
  const { list, answer } = listOf(0, { deleted: "true" });
  await answer();
  list.put({ ...photoAt(0), deletedAt: "2026-06-07T10:00:00Z" });
  assert.equal(list.items.length, 1);
  list.put(photoAt(0));
  assert.equal(list.items.length, 0);
});

test("many wishes are one, and those that do not end are granted all the same", async () => {
  let count = 0;
  const wish = steadily(async () => (count += 1), 20);
  const until = Date.now() + 110;
  while (Date.now() < until) {
    wish();
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  assert.ok(count >= 2 && count <= 6, `${count}`);
});

test("a decision about many is taken back for each as it was", () => {
  const photos = [{ id: "a", review: "approved" }, { id: "b", review: "pending" }, { id: "c", review: "rejected", reviewNote: "Blurred" },
    { id: "d" }, { id: "e", review: "approved", reviewNote: "Fine" }, { id: "f", review: "rejected" }];
  assert.deepEqual(undoing(photos), [
    { action: "approve", ids: ["a"], extra: {} }, { action: "pend", ids: ["b", "d"], extra: {} },
    { action: "reject", ids: ["c"], extra: { note: "Blurred" } }, { action: "approve", ids: ["e"], extra: { note: "Fine" } }, { action: "reject", ids: ["f"], extra: {} },
  ]);
  assert.deepEqual(undoing([]), []);
});

test("seconds of a clock are kept where they count", () => {
  assert.equal(wallTime("2026-06-06T13:00:42.000Z", "Europe/Berlin", { seconds: true }), "2026-06-06T15:00:42");
  assert.equal(momentOf("2026-06-06T15:00:42", "Europe/Berlin"), "2026-06-06T13:00:42.000Z");
});

test("tags that are changed within one answer are all kept, and a refused one takes none of the others along", async () => {
  const cases = [
    [[], [(tags) => [...tags, "bride"], (tags) => [...tags, "groom"]], [], ["bride", "groom"]],
    [["a", "b", "c"], [(tags) => tags.filter((tag) => tag !== "a"), (tags) => tags.filter((tag) => tag !== "b")], [], ["c"]],
    [[], [(tags) => [...tags, "bride"], (tags) => [...tags, "groom"]], [0], ["bride", "groom"]],
    [["a"], [(tags) => [...tags, "b"], (tags) => [...tags, "c"]], [1], ["a", "b"]],
  ];
  for (const [before, changes, refused, after] of cases) {
    let [photo, asked] = [{ id: "p", tags: before }, 0];
    const tagging = new Tagging(async (_, tags) => {
      const isRefused = refused.includes((asked += 1) - 1);
      await new Promise(setImmediate);
      if (isRefused) throw new Problem();
      photo = { ...photo, tags };
    });
    await Promise.allSettled(changes.map((change) => tagging.change(photo, change)));
    assert.deepEqual([photo.tags, tagging.of(photo)], [after, after]);
  }
});

test("what is being sent outlives the page of its session, until it is over or somebody signs out", () => {
  const made = [];
  const dock = (id) => {
    const one = { id, isBusy: true, isClosed: false, node: { remove: () => {} } };
    const settle = () => one.isBusy || one.onOver?.();
    return made.push(one), Object.assign(one, {
      leave: (title, onOver) => (Object.assign(one, { title, onOver }), settle()), finish: () => ((one.isBusy = false), settle()), close: () => (one.isClosed = true),
    });
  };
  const docks = new Docks({ append: () => {} });
  const [a, b] = ["a", "b"].map((id) => docks.of(id, () => dock(id)));
  assert.equal(docks.of("a", () => dock("a")), a);
  docks.leave("a", "Wedding");
  docks.leave("none", "Nobody's");
  assert.deepEqual([a.title, a.isClosed, docks.has("a"), made.length], ["Wedding", false, true, 2]);
  a.finish();
  assert.deepEqual([a.isClosed, docks.has("a")], [true, false]);
  docks.close();
  assert.deepEqual([b.isClosed, docks.has("b")], [true, false]);
});

test("a recipe keeps what was not chosen anew", () => {
  const sizes = [{ name: "thumb", longEdge: 300, quality: 70 }, { name: "large", longEdge: 3000, quality: 91 }];
  assert.deepEqual(recipe({ sizes, formats: ["jpeg", "avif"] }, { metadata: "rights" }), { sizes, formats: ["jpeg", "avif"], metadata: "rights" });
  assert.deepEqual(recipe({ sizes }, { formats: "webp" }), { sizes, formats: ["jpeg", "webp"] });
  assert.equal(recipe({ sizes }, { edge: "2048" }).sizes.at(-1).longEdge, 2048);
  assert.equal(recipe({ metadata: "none" }, { metadata: "" }), null);
  assert.equal(recipe(null, { quality: "even" }), null);
});

test("what a camera's clock shows without offset is meant on the session's clock", () => {
  const [early, late] = [{ id: "a", createdAt: "2026-06-07T00:00:00Z", capturedAt: "2026-06-06T15:00:00" },
    { id: "b", createdAt: "2026-06-07T00:00:00Z", capturedAt: "2026-06-06T13:30:00Z" }];
  assert.ok(order("taken", "Europe/Berlin")(early, late) < 0);
  assert.ok(order("taken", "America/New_York")(early, late) > 0);
  assert.ok(order("latest", "Europe/Berlin")(early, late) > 0);
});
