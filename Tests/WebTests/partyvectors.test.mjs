import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { follow, newFollower } from "../../web/js/lumiere/follower.js";
import * as clock from "../../web/js/lumiere/partyclock.js";
import * as truth from "../../web/js/lumiere/partytruth.js";

/** Cases that the server's own reference is tried with, too. */
const vectors = JSON.parse(readFileSync(new URL("../WatchPartyTests/Vectors/follower.json", import.meta.url), "utf8"));

const rounded = (value) => (typeof value === "number" ? Math.round(value * 1e6) / 1e6 : value);
const words = (actions) => actions.map((action) => Object.entries(action).map(([name, value]) => `${name} ${rounded(value)}`).sort().join(", "));

for (const { name, probes, offset, roundTrip, nextProbe } of vectors.clock) {
  test(`the clock: ${name}`, () => {
    const held = probes.reduce((before, [t0, t1, t2, t3]) => clock.measured(before, { t0, t1, t2, t3 }), clock.unknownClock);
    assert.deepEqual([clock.offsetOf(held), clock.roundTrip(held), clock.nextProbe(held)], [offset, roundTrip, nextProbe]);
  });
}

for (const { name, states, looks } of vectors.truth) {
  test(`where the film is: ${name}`, () => {
    const held = states.map((state) => ({ ...vectors.defaults.state, ...state })).reduce(truth.taken, truth.noTruth);
    for (const { now, playing, place, nextTurn } of looks) {
      const found = [truth.inForce(held, now).playing, rounded(truth.positionAt(held, now)), truth.nextTurn(held, now)];
      assert.deepEqual(found, [playing, place, nextTurn], `at ${now}`);
    }
  });
}

for (const { name, steps } of vectors.follower) {
  test(`what a player does: ${name}`, () => {
    let follower = newFollower;
    for (const { now, state, player, actions, lookIn } of steps) {
      const seen = { state: { ...vectors.defaults.state, ...state }, now, player: { ...vectors.defaults.player, ...player } };
      const [next, found] = follow(follower, seen);
      assert.deepEqual(words(found), words(actions), `at ${now}`);
      if (lookIn !== undefined) assert.equal(rounded(next.lookIn), lookIn, `at ${now}`);
      follower = next;
    }
  });
}
