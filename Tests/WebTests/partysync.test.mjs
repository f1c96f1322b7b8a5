import assert from "node:assert/strict";
import test from "node:test";
import * as clock from "../../web/js/lumiere/partyclock.js";
import { follow, newFollower } from "../../web/js/lumiere/follower.js";
import * as truth from "../../web/js/lumiere/partytruth.js";

// MARK: Clock

const probe = (offset, there, back, t0 = 1000) =>
  ({ t0, t1: t0 + there + offset, t2: t0 + there + offset + 1, t3: t0 + there + 1 + back });

test("the clock is that of the quickest probe of the last eight", () => {
  const rows = [
    [[probe(500, 30, 30)], 500],
    [[probe(500, 90, 10), probe(500, 20, 20)], 500],
    [[probe(500, 10, 60), probe(500, 80, 80)], 475],
    [[probe(100, 1, 1), ...Array.from({ length: 8 }, () => probe(500, 30, 30))], 500],
  ];
  for (const [probes, offset] of rows) {
    assert.equal(clock.offsetOf(probes.reduce(clock.measured, clock.unknownClock)), offset);
  }
});

test("what cannot be is no probe", () => {
  for (const bad of [{ t0: 5, t1: 5, t2: 5, t3: 4 }, { t0: NaN, t1: 0, t2: 0, t3: 0 }, { t0: 0, t1: undefined, t2: 1, t3: 2 }]) {
    assert.equal(clock.offsetOf(clock.measured(clock.unknownClock, bad)), null);
  }
});

test("eight probes come soon, the others late", () => {
  let held = clock.unknownClock;
  const waits = Array.from({ length: 10 }, () => (held = clock.measured(held, probe(0, 9, 9)), clock.nextProbe(held)));
  assert.deepEqual(waits, [100, 100, 100, 100, 100, 100, 100, 5000, 5000, 5000]);
  assert.equal(clock.roundTrip(held), 18);
});

test("a machine that has slept is found out by its two clocks", () => {
  const before = { page: 1000, system: 900_000 };
  assert.equal(clock.hasSlept(before, { page: 2000, system: 901_010 }), false);
  assert.equal(clock.hasSlept(before, { page: 2000, system: 960_000 }), true);
});

// MARK: Truth

const state = (sequence, more = {}) =>
  ({ sequence, entryId: "e", playing: true, position: 100, rate: 1, at: 10_000, duration: 600, held: false, waitingFor: [], ...more });
const truthOf = (...states) => states.reduce(truth.taken, truth.noTruth);

test("the film is where the state in force says", () => {
  const rows = [
    [state(1), 12_000, 102], [state(1, { rate: 2 }), 12_000, 104], [state(1, { playing: false }), 12_000, 100],
    [state(1), 9000, 100], [state(1, { position: 599 }), 20_000, 600], [state(1, { duration: undefined, position: 599 }), 20_000, 609],
    [state(1, { position: -5 }), 10_000, 0],
  ];
  for (const [one, now, place] of rows) assert.equal(truth.positionAt(truthOf(one), now), place);
});

test("until a state's time has come, the one before goes on", () => {
  const held = truthOf(state(1), state(2, { playing: false, position: 105, at: 15_000 }));
  assert.equal(truth.positionAt(held, 14_000), 104);
  assert.equal(truth.positionAt(held, 16_000), 105);
  assert.equal(truth.nextTurn(held, 14_000), 1000);
  assert.equal(truth.nextTurn(held, 15_000), null);
  assert.equal(truth.latest(held).sequence, 2);
});

test("a later state that begins sooner is the only one that comes", () => {
  const held = truthOf(state(1), state(2, { position: 300, at: 20_000 }), state(3, { playing: false, position: 104, at: 14_000 }));
  assert.equal(truth.positionAt(held, 21_000), 104);
});

test("another film is there at once, and stands until its time has come", () => {
  const held = truthOf(state(1), state(2, { entryId: "f", position: 0, at: 15_000 }));
  const { entryId, playing } = truth.inForce(held, 14_000);
  assert.deepEqual([entryId, playing, truth.positionAt(held, 14_000), truth.positionAt(held, 16_000)], ["f", false, 0, 1]);
});

test("an older state changes nothing, and what is held is bounded", () => {
  const held = truthOf(state(5), state(4, { position: 300 }));
  assert.equal(truth.latest(held).position, 100);
  const many = Array.from({ length: 50 }, (_, index) => state(index, { at: 10_000 + index }));
  assert.ok(truthOf(...many).states.length <= 8);
});

// MARK: Follower

const player = (position, more = {}) =>
  ({ position, rate: 1, isPaused: false, isSeeking: false, isLoaded: true, ahead: 30, duration: 600, ...more });
const stands = (position, more = {}) => player(position, { isPaused: true, ...more });
const going = { ...newFollower, key: "e 10000 100 1 true", said: "playing", place: 0, lacksSince: 0 };
const resting = { ...newFollower, key: "e 10000 100 1 false", said: "paused" };
const rounded = (value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value);
const words = (actions) => actions.map((action) => Object.values(action).map(rounded).join(" "));

/** At 20 s on the server's clock, when the film is at 110 s if it plays. */
function asked(follower, one, seen) {
  const [next, actions] = follow(follower, { state: one, now: 20_000, player: seen });
  return { next, asked: words(actions) };
}

test("what a player is asked to do", () => {
  const paused = state(1, { playing: false });
  const rows = [
    ["in step", going, state(1), player(110.01), []],
    ["a little behind", going, state(1), player(109.9), ["rate 1.2"]],
    ["a little ahead", going, state(1), player(110.1), ["rate 0.8"]],
    ["as far behind as a rate makes up for", going, state(1), player(109.51), ["rate 1.5"]],
    ["far behind: it stops, goes ahead and waits there", going, state(1), player(109), ["pause", "seek 110.4"]],
    ["far behind, and seeks cost little", { ...going, cost: 0.1 }, state(1), player(109), ["pause", "seek 110.2"]],
    ["not far for one whose seeks are dear", { ...going, cost: 0.4 }, state(1), player(109), ["rate 1.5"]],
    ["far ahead: it waits for the film", going, state(1), player(111), ["pause"]],
    ["much too far ahead", going, state(1), player(120), ["pause", "seek 110.4"]],
    ["at twice the rate", going, state(1, { rate: 2 }), player(119.95, { rate: 2 }), ["rate 2.2"]],
    ["quiet no more after another word", { ...going, key: "", quietUntil: 20_100 }, state(1), player(109.9), ["rate 1.2"]],
    ["still quiet", { ...going, quietUntil: 20_100 }, state(1), player(109.9), []],
    ["correcting until it is a good deal less", { ...going, isCorrecting: true }, state(1), player(109.98, { rate: 1.2 }), ["rate 1.04"]],
    ["corrected", { ...going, isCorrecting: true }, state(1), player(109.994, { rate: 1.02 }), ["rate 1"]],
    ["standing where it should", resting, paused, stands(100.01), []],
    ["going though it should stand", { ...going, key: "" }, paused, player(100.05), ["pause", "report paused"]],
    ["standing a picture beside it for the first time", resting, paused, stands(100.05), ["seek 100"]],
    ["standing a picture beside it after that", { ...resting, isExact: true }, paused, stands(100.05), []],
    ["standing elsewhere", { ...resting, isExact: true }, paused, stands(99), ["seek 100"]],
    ["standing at another rate", resting, paused, stands(100, { rate: 1.1 }), ["rate 1"]],
    ["standing where it should go", { ...resting, key: going.key }, state(1), stands(110), ["play"]],
    ["standing ahead of the film", { ...going }, state(1), stands(110.3), []],
    ["coming late", newFollower, state(1), stands(0), ["seek 110.4"]],
    ["landed a little behind", { ...going, hasLanded: true }, state(1), stands(109), ["play"]],
    ["without a film yet", newFollower, state(1), stands(0, { isLoaded: false, ahead: 0, duration: NaN }), ["report buffering"]],
    ["over", { ...resting, key: "" }, state(1, { duration: 105 }), stands(105), ["report playing"]],
  ];
  for (const [name, follower, one, seen, expected] of rows) assert.deepEqual(asked(follower, one, seen).asked, expected, name);
});

test("it begins so much before the film comes by as its beginnings take", () => {
  const begins = (lag, position) => asked({ ...going, lag }, state(1), stands(position));
  assert.deepEqual(begins(0.1, 110.08).asked, ["play"]);
  assert.deepEqual([begins(0.1, 110.2).asked, rounded(begins(0.1, 110.2).next.lookIn)], [[], 100]);
});

/** A player that is looked at at moments, `[ms, position, more]`. */
function watch(follower, one, looks) {
  const reports = [];
  for (const [now, position, more] of looks) {
    const [next, actions] = follow(follower, { state: one, now, player: player(position, more) });
    follower = next;
    reports.push(...actions.filter(({ kind }) => kind === "report").map(({ state: said }) => `${now} ${said}`));
  }
  return { follower, reports };
}

test("one that stands still behind the film says so after 400 ms, and that it goes when it goes", () => {
  const dry = { ahead: 0 };
  const { reports } = watch(going, state(1), [[20_000, 109.9], [20_250, 109.9, dry], [20_500, 109.9, dry], [20_750, 109.9, dry], [21_000, 111]]);
  assert.deepEqual(reports, ["20500 buffering", "21000 playing"]);
});

test("one that is held is ready with two seconds ahead, or with all that there is", () => {
  const held = state(1, { playing: false, held: true });
  const lacking = { ...resting, isBuffering: true, said: "buffering" };
  const { reports } = watch(lacking, held, [[20_000, 100, { isPaused: true, ahead: 1 }], [20_250, 100, { isPaused: true, ahead: 2.1 }]]);
  assert.deepEqual(reports, ["20250 ready"]);
  assert.deepEqual(watch(lacking, { ...held, position: 599 }, [[20_000, 599, { isPaused: true, ahead: 1 }]]).reports, ["20000 ready"]);
});

test("what a seek and a beginning cost is learnt, the latter from where the player is", () => {
  const one = state(1);
  const [begun] = follow(going, { state: one, now: 20_000, player: player(50) });
  const { follower } = watch(begun, one, [
    [20_200, 110.4, { isPaused: true, isSeeking: true }], [20_250, 110.4, { isPaused: true }], [20_400, 110.4, { isPaused: true }], [20_650, 110.55],
  ]);
  assert.deepEqual([rounded(follower.cost), rounded(follower.lag), Math.round(follower.quietUntil)], [0.25, 0.1, 20_800]);
});

test("one that the browser stops begins again at most once a second, and is not said to lack anything", () => {
  let [follower, times] = [going, 0];
  for (let now = 20_000; now < 23_000; now += 250) {
    const [next, actions] = follow(follower, { state: state(1), now, player: stands(100 + (now - 10_000) / 1000) });
    times += actions.filter(({ kind }) => kind === "play").length;
    follower = next;
    assert.equal(follower.said, "playing");
  }
  assert.equal(times, 3);
});

test("another truth ends what was begun for the one before", () => {
  const [begun] = follow(going, { state: state(1), now: 20_000, player: stands(50) });
  assert.deepEqual(asked({ ...begun, soughtAt: null }, state(2, { position: 300 }), stands(110)).asked, ["seek 310.4"]);
});
