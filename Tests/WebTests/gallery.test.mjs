import assert from "node:assert/strict";
import test from "node:test";
import { isMadeAnew } from "../../web/js/gallery/edition.js";
import { Feed } from "../../web/js/gallery/feed.js";
import { justify } from "../../web/js/gallery/justify.js";
import { written } from "../../web/js/gallery/notes.js";
import { arrived, beginning, gone, next } from "../../web/js/gallery/queue.js";
import { cues, stillAt } from "../../web/js/gallery/sprites.js";
import { hourOf, includes, order, query } from "../../web/js/gallery/view.js";
import { instant } from "../../web/js/ui/instant.js";
import { fitted, isZoomed, moved, toggled, whole, zoomAt } from "../../web/js/gallery/zoom.js";
import { itemsWithin, neighbour, rowOf } from "../../web/js/ui/windowing.js";
import { thumbhash } from "../../web/js/ui/thumbhash.js";

// What the page may say is in the reader's language.
globalThis.navigator ??= { languages: ["en"] };
const { Marks } = await import("../../web/js/gallery/marks.js");

const frame = { width: 1000, height: 200, gap: 10, heading: 50 };
const shapes = Array.from({ length: 100 }, (_, index) => [1.5, 0.67, 1.33, 4, 0.2][index % 5]);

test("rows fill the width, keep their order and do not overlap", () => {
  const { boxes, rows, height } = justify(shapes, frame);
  assert.equal(boxes.length, shapes.length);
  for (const [place, row] of rows.entries()) {
    const inRow = boxes.slice(row.from, row.to);
    const width = inRow.reduce((sum, box) => sum + box.width, 0) + frame.gap * (inRow.length - 1);
    if (place < rows.length - 1) assert.ok(Math.abs(width - frame.width) < 0.01, `row ${place} is ${width} wide`);
    else assert.ok(width <= frame.width + 0.01);
    assert.ok(row.height <= frame.height * 1.4 + 0.01);
    assert.equal(row.from, rows[place - 1]?.to ?? 0);
    if (place > 0) assert.equal(row.y, rows[place - 1].y + rows[place - 1].height + frame.gap);
  }
  assert.equal(height, rows.at(-1).y + rows.at(-1).height);
});

test("nothing and a single picture are laid out, too", () => {
  assert.deepEqual(justify([], frame), { boxes: [], rows: [], headings: [], height: 0 });
  assert.equal(justify([1.5], frame).boxes[0].height, frame.height);
});

test("sections begin a row below their heading", () => {
  const { headings, rows } = justify(shapes, frame, [0, 7, 40]);
  assert.deepEqual(headings.map(({ index }) => index), [0, 7, 40]);
  for (const { index, y } of headings) assert.equal(rows.find((row) => row.from === index).y, y + frame.heading);
});

test("only what touches the window is within it", () => {
  const { rows, boxes } = justify(shapes, frame);
  const [from, to] = itemsWithin(rows, 1000, 1400);
  const touches = ({ y, height }) => y + height > 1000 && y < 1400;
  assert.deepEqual(boxes.map(touches).indexOf(true), from);
  assert.deepEqual(boxes.map(touches).lastIndexOf(true), to - 1);
  assert.deepEqual(itemsWithin(rows, 99_000, 99_500), [0, 0]);
  assert.deepEqual(itemsWithin([], 0, 500), [0, 0]);
});

test("arrows lead to the neighbour beside, above and below, and stop at the edges", () => {
  const { rows, boxes } = justify(shapes, frame);
  assert.equal(neighbour(rows, boxes, 5, "ArrowLeft"), 4);
  assert.equal(neighbour(rows, boxes, 0, "ArrowLeft"), 0);
  assert.equal(neighbour(rows, boxes, 99, "ArrowRight"), 99);
  assert.equal(neighbour(rows, boxes, 0, "ArrowUp"), 0);
  const below = neighbour(rows, boxes, 1, "ArrowDown");
  assert.equal(rowOf(rows, below), 1);
  assert.equal(neighbour(rows, boxes, 50, "End"), 99);
});

test("a hash becomes its blurred picture, and what is none becomes nothing", () => {
  const { width, height, pixels } = thumbhash("mzcOLISHd4d/h4d7h4l3f474qA==");
  assert.deepEqual([width, height, pixels.length], [24, 14, 24 * 14 * 4]);
  assert.deepEqual([...pixels.slice(0, 4)], [233, 174, 133, 255]);
  for (const bad of ["", "AA==", "not Base64!"]) assert.equal(thumbhash(bad), null);
});

const photo = (number, more = {}) => ({
  id: `p${number}`, createdAt: `2026-06-06T12:00:0${number}.000Z`, status: "ready", kind: "photo", tags: [], renditions: [], likes: 0, ...more,
});

test("a new photo goes where the list has its place, and is held back when that is wished", () => {
  const feed = new Feed();
  feed.replace([photo(3), photo(1)], undefined);
  feed.put(photo(2), false);
  feed.put(photo(5), true);
  assert.deepEqual(feed.photos.map(({ id }) => id), ["p3", "p2", "p1"]);
  assert.equal(feed.heldCount, 1);
  feed.release();
  assert.deepEqual(feed.photos.map(({ id }) => id), ["p5", "p3", "p2", "p1"]);
  assert.equal(feed.neighbour("p3", -1).id, "p5");
  feed.remove("p3");
  assert.equal(feed.indexOf("p3"), -1);
});

test("what is older than all that is loaded comes with its page, once", () => {
  const feed = new Feed();
  feed.replace([photo(5), photo(4)], "more");
  feed.expect(4);
  feed.put(photo(1), false, true);
  assert.equal(feed.photos.length, 2);
  feed.append([photo(4), photo(1)], undefined);
  assert.deepEqual(feed.photos.map(({ id }) => id), ["p5", "p4", "p1"]);
  assert.equal(feed.total, 3);
});

test("only what comes and what goes changes how many there are", () => {
  const feed = new Feed();
  feed.replace([photo(9), photo(8)], "more");
  feed.expect(40);
  for (const one of [photo(1), photo(1), photo(2)]) feed.put(one);
  assert.equal(feed.total, 40);
  feed.put(photo(3), false, true);
  assert.equal(feed.total, 41);
  feed.remove("p1");
  feed.remove("p9");
  assert.deepEqual([feed.total, feed.photos.length], [39, 1]);
});

test("photos of pages still to come that are made anew are neither held back nor counted again", () => {
  const feed = new Feed();
  feed.replace([photo(9), photo(8)], "more");
  feed.expect(40);
  for (const [one, hasCome, held, total] of [[photo(1), false, 0, 40], [photo(8, { likes: 2 }), false, 0, 40], [photo(2), true, 0, 41],
    [{ ...photo(9), id: "new" }, true, 1, 42], [{ ...photo(9), id: "new" }, false, 1, 42], [{ ...photo(9), id: "approved" }, false, 2, 43]]) {
    feed.put(one, true, hasCome);
    assert.deepEqual([feed.heldCount, feed.total], [held, total]);
  }
  feed.release();
  assert.deepEqual(feed.photos.map(({ id }) => id), ["p9", "new", "approved", "p8"].toSorted((a, b) => order({ sort: "newest" })(byId(a), byId(b))));

  function byId(id) {
    return { ...photo(id === "p8" ? 8 : 9), id };
  }
});

test("a mark is told with what it says, also of a photo that the list does not hold, and can be taken back", async () => {
  for (const held of [true, false]) {
    const [feed, asked] = [new Feed(), []];
    let seen = photo(1);
    if (held) feed.replace([seen], undefined);
    const pass = { ask: async (path, { method }) => (asked.push(method), { likes: method === "PUT" ? 1 : 0, isLiked: method === "PUT", isFavourite: false }) };
    const marks = new Marks(feed, pass, (id, told) => (seen = feed.get(id) ?? { ...seen, ...told }));
    await marks.toggle(seen, "like");
    assert.deepEqual([seen.isLiked, seen.likes], [true, 1]);
    await marks.toggle(seen, "like");
    assert.deepEqual([seen.isLiked, seen.likes, asked], [false, 0, ["PUT", "DELETE"]]);
  }
});

test("of a part of the photos, those that come into it or leave it are counted", () => {
  const feed = new Feed();
  const dance = { tags: ["dance"] };
  feed.look({ sort: "newest", tag: "dance" }, "UTC");
  feed.replace([photo(9, dance), photo(6, dance)], "more");
  feed.expect(20);
  feed.put(photo(8, dance));
  feed.put(photo(1, dance));
  assert.deepEqual([feed.total, feed.photos.length], [21, 3]);
  feed.put(photo(9));
  feed.put(photo(2));
  feed.remove("p1");
  assert.deepEqual([feed.total, feed.photos.length], [20, 2]);
});

test("what the reader thinks of a photo outlives the events that do not tell it", () => {
  const feed = new Feed();
  feed.replace([photo(1, { isFavourite: true, isLiked: true })], undefined);
  feed.put(photo(1, { title: "The kiss" }), false);
  assert.deepEqual([feed.get("p1").title, feed.get("p1").isFavourite, feed.get("p1").isLiked], ["The kiss", true, true]);
  feed.mark("p1", { likes: 3 });
  assert.equal(feed.photos[0].likes, 3);
});

test("a view takes only its own", () => {
  const film = photo(1, { kind: "video", tags: ["dance"], capturedAt: "2026-06-06T20:30:00" });
  assert.ok(includes({ sort: "newest", type: "video" }, film));
  assert.ok(includes({ sort: "newest", tag: "dance" }, film));
  assert.ok(!includes({ sort: "newest", favourite: true }, film));
  const hour = { sort: "taken", from: "2026-06-06T18:00:00Z", until: "2026-06-06T19:00:00Z" };
  assert.ok(includes(hour, film, "Europe/Berlin"));
  assert.ok(!includes(hour, film, "UTC"));
  assert.deepEqual(query({ sort: "newest", tag: "dance", total: 4 }), { tag: "dance" });
});

test("a camera's clock is one of the session's zone, unless it says its own", () => {
  assert.equal(instant(photo(1, { capturedAt: "2026-06-06T20:30:00" }), "Europe/Berlin"), Date.parse("2026-06-06T18:30:00Z"));
  assert.equal(instant(photo(1, { capturedAt: "2026-06-06T20:30:00+09:00" }), "Europe/Berlin"), Date.parse("2026-06-06T11:30:00Z"));
  assert.equal(hourOf(photo(1, { capturedAt: "2026-06-06T22:30:00Z" }), "Europe/Berlin"), "2026-06-07T00");
  assert.ok(order({ sort: "latest" }, "UTC")(photo(1), photo(2)) > 0);
  assert.ok(order({ sort: "oldest" }, "UTC")(photo(1), photo(2)) < 0);
});

test("zooming keeps the point under the fingers, and the picture on the stage", () => {
  const stage = fitted(1.5, { width: 900, height: 900 });
  assert.deepEqual([stage.pictureWidth, stage.pictureHeight], [900, 600]);
  const near = zoomAt(whole, 2, { x: 100, y: 0 }, stage);
  assert.deepEqual(near, { scale: 2, x: -100, y: 0 });
  assert.deepEqual(moved(near, 9000, 9000, stage), { scale: 2, x: 450, y: 150 });
  assert.equal(zoomAt(whole, 0.2, { x: 0, y: 0 }, stage).scale, 1);
  assert.ok(isZoomed(toggled(whole, { x: 0, y: 0 }, stage)));
  assert.equal(toggled(near, { x: 0, y: 0 }, stage), whole);
});

test("new photos jump the queue of a slideshow, which then goes on where it was", () => {
  const round = ["a", "b", "c"];
  let state = next(beginning, round);
  assert.equal(state.shown, "a");
  state = next(arrived(state, "c"), round);
  assert.deepEqual([state.shown, state.waiting], ["c", []]);
  state = next(state, round);
  assert.equal(state.shown, "b");
  assert.equal(next(state, round, -1).shown, "a");
  assert.equal(next(gone(arrived(state, "c"), "c"), ["a", "b"]).shown, "a");
  assert.equal(next(state, []).shown, null);
});

test("what is written on a photo of a list outlives being put there again", () => {
  const former = { note: "Above the piano", colour: "red", rating: 4 };
  assert.equal(written(former, {}), null);
  assert.equal(written({}, { note: "" }), null);
  assert.deepEqual(written(former, { colour: "blue" }), { ...former, colour: "blue" });
  assert.deepEqual(written(former, { note: "For the album" }), { ...former, note: "For the album" });
  assert.deepEqual(written(undefined, { note: "New" }), { note: "New", colour: undefined, rating: undefined });
});

test("pictures made anew are known by their path, not by their grant", () => {
  const rendition = (name, url) => ({ name, format: "webp", url });
  const former = { renditions: [rendition("thumb", "/media/p1/thumb-0.webp?grant=a")] };
  const more = [rendition("thumb", "/media/p1/thumb-0.webp"), rendition("large", "/media/p1/large-0.webp")];
  assert.ok(!isMadeAnew({ renditions: more }, former));
  assert.ok(isMadeAnew({ renditions: [rendition("thumb", "/media/p1/thumb-1.webp")] }, former));
});

test("the stills of a film are found by their time", () => {
  const stills = cues("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\ns.jpg#xywh=0,0,160,90\n\n00:00:02.000 --> 00:01:00.500\ns.jpg#xywh=160,0,160,90\n");
  assert.equal(stills.length, 2);
  assert.deepEqual(stillAt(stills, 1.9), { from: 0, to: 2, file: "s.jpg", x: 0, y: 0, width: 160, height: 90 });
  assert.equal(stillAt(stills, 99).x, 160);
  assert.deepEqual(cues("nothing"), []);
});
