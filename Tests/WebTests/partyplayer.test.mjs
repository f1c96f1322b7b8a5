import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { Player } from "../../web/js/party/player.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** As much of a `<video>` as the player uses. */
class Video extends EventTarget {
  src = "";
  poster = "";
  currentTime = 0;
  playbackRate = 1;
  paused = true;
  seeking = false;
  muted = false;
  ended = false;
  readyState = 0;
  duration = 60;
  buffered = { length: 0 };
  error = null;

  canPlayType = () => "probably";
  hasAttribute = () => this.src !== "";
  removeAttribute = () => (this.src = "");
  load = () => {};
  pause = () => (this.paused = true);
  play = async () => (this.paused = false);

  happen(name, more = {}) {
    Object.assign(this, more);
    this.dispatchEvent(new Event(name));
  }

  come() {
    this.happen("loadedmetadata", { readyState: 4, error: null });
    this.happen("canplay");
  }

  fail = (code) => this.happen("error", { error: { code }, readyState: 0 });
}

/** A party that shows `e1`, standing, and notes what it is told and asked. */
class Room extends EventTarget {
  caller = { base: "" };
  room = { queue: { revision: 1, entries: [{ id: "e1", subtitles: 0 }] } };
  state = { entryId: "e1", playing: false, position: 0, rate: 1, at: 0, duration: 60 };
  nextTurn = null;
  told = [];
  asked = 0;
  answer = () => ({ entryId: "e1", sources: [{ url: "/film", type: "video/mp4" }], subtitles: [] });

  get present() {
    return { state: this.state, now: 1000 };
  }

  status = (report) => this.told.push(report);

  async film() {
    this.asked += 1;
    const film = this.answer();
    if (film.code) throw film;
    return film;
  }

  change(more) {
    Object.assign(this, more);
    this.dispatchEvent(new Event("change"));
  }

  queue = (revision, subtitles = 0) => this.change({ room: { queue: { revision, entries: [{ id: "e1", subtitles }] } } });
}

async function watching(act) {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
  const [party, video] = [new Room(), new Video()];
  const player = new Player(party, video);
  const pass = async (seconds) => (mock.timers.tick(seconds * 1000), await settled());
  try {
    await act({ party, video, player, pass });
  } finally {
    player.close();
    mock.timers.reset();
    delete globalThis.document;
  }
}

test("without a film the player says so each time it looks", () => watching(async ({ party, player, pass }) => {
  party.state = { ...party.state, entryId: undefined };
  player.look();
  await pass(0.25);
  assert.deepEqual([party.asked, party.told], [0, [null, null]]);
}));

test("a film that is refused is asked for again seldom, and when the queue changes", () => watching(async ({ party, video, player, pass }) => {
  const found = party.answer;
  party.answer = () => ({ code: "not_found", isPassing: false });
  player.look();
  await settled();
  assert.deepEqual([player.problem.code, party.asked], ["not_found", 1]);
  await pass(5);
  assert.equal(party.asked, 1);
  await pass(10);
  assert.equal(party.asked, 2);
  party.queue(2), party.queue(2);
  await settled();
  assert.equal(party.asked, 3);
  party.answer = found;
  party.queue(3);
  await settled();
  assert.deepEqual([player.problem, video.src, party.told.at(-1)?.state], [null, "/film", "buffering"]);
  await pass(60);
  assert.equal(party.asked, 4);
}));

test("a film that breaks off is fetched again, and given up when it never can be played", () => watching(async ({ party, video, player, pass }) => {
  player.look();
  await settled();
  for (const words of ["broken", "broken", "unplayable"]) {
    video.fail(4);
    assert.equal(player.problem.code, words);
    await pass(4);
    video.error = null;
    assert.equal(player.problem.code, words, "until it comes");
  }
  await pass(600);
  assert.deepEqual([party.asked, party.told.at(-1)], [3, { state: "buffering" }]);
}));

test("a film that has played in between has not failed in a row", () => watching(async ({ party, video, player, pass }) => {
  player.look();
  await settled();
  for (let turn = 0; turn < 5; turn += 1) {
    video.fail(3);
    assert.equal(player.problem.code, "broken");
    await pass(4);
    video.come();
    assert.equal(player.problem, null);
  }
  assert.equal(party.asked, 6);
}));

test("subtitles that others bring are read, and the film stays", () => watching(async ({ party, video, player, pass }) => {
  player.look();
  await settled();
  const { film } = player;
  let changes = 0;
  player.addEventListener("subtitles", () => (changes += 1));
  const found = party.answer;
  party.answer = () => ({ code: "busy", isPassing: true });
  party.queue(2, 1);
  await settled();
  assert.equal(changes, 0);
  party.answer = () => ({ ...found(), subtitles: [{ id: "s1" }] });
  await pass(5), await pass(0.25);
  assert.deepEqual([changes, player.film === film, film.subtitles, video.src], [1, true, [{ id: "s1" }], "/film"]);
  party.queue(3, 1);
  await settled();
  assert.deepEqual([changes, party.asked], [1, 3]);
}));

test("while nobody knows the time nothing is in step", () => watching(async ({ party, video, player }) => {
  player.look();
  await settled();
  video.come();
  assert.deepEqual([player.drift, party.told.at(-1)], [0, { state: "paused", drift: 0 }]);
  party.change({ state: null });
  assert.deepEqual([player.drift, party.told.at(-1)], [null, { state: "paused" }]);
}));
