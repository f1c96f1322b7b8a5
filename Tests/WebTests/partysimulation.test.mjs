import assert from "node:assert/strict";
import test from "node:test";
import * as clock from "../../web/js/lumiere/partyclock.js";
import { follow, newFollower } from "../../web/js/lumiere/follower.js";
import * as truth from "../../web/js/lumiere/partytruth.js";

/** Milliseconds of a step of the world. */
const step = 5;

/** The same numbers each time (mulberry32). */
function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A player that begins late and takes its time to get elsewhere. */
class FakePlayer {
  position = 0;
  rate = 1;
  isPaused = true;
  #idle = 0;
  #seeking = 0;
  #random;
  #seekCost;

  constructor(random, seekCost) {
    [this.#random, this.#seekCost] = [random, seekCost];
  }

  carryOut({ kind, to, rate }) {
    if (kind === "rate") this.rate = rate;
    if (kind === "pause") this.isPaused = true;
    if (kind === "play") [this.isPaused, this.#idle] = [false, 20 + 100 * this.#random()];
    if (kind === "seek") [this.position, this.#seeking] = [to, this.#seekCost * (0.8 + 0.4 * this.#random())];
  }

  pass(milliseconds) {
    if (this.#seeking > 0) this.#seeking -= milliseconds;
    else if (this.#idle > 0) this.#idle -= milliseconds;
    else if (!this.isPaused) this.position += (milliseconds / 1000) * this.rate;
  }

  get seen() {
    const { position, rate, isPaused } = this;
    return { position, rate, isPaused, isSeeking: this.#seeking > 0, isLoaded: true, ahead: 30, duration: 7200 };
  }
}

/** Somebody at home: a clock of their own, a way to the server, a player. */
class Viewer {
  follower = newFollower;
  truth = truth.noTruth;
  #clock = clock.unknownClock;
  #post = [];
  #nextLook = 0;
  #nextProbe = 0;

  constructor(random, { skew, way, seekCost }) {
    Object.assign(this, { random, skew, way, player: new FakePlayer(random, seekCost) });
  }

  /** What the clock of the page says, which is too fast or too slow by 50 millionths. */
  here = (now) => now * (1 + 50e-6 * Math.sign(this.skew)) + this.skew;
  delay = () => this.way + 20 * this.random();

  told(state, now) {
    this.#post.push([now + this.delay(), state]);
  }

  pass(now) {
    this.player.pass(step);
    this.#post = this.#post.filter(([due, state]) => due > now || ((this.truth = truth.taken(this.truth, state)), false));
    if (now >= this.#nextProbe) this.#probe(now);
    const mine = this.here(now) + (clock.offsetOf(this.#clock) ?? 0);
    const isDue = now >= this.#nextLook || truth.nextTurn(this.truth, mine - step) <= step;
    if (isDue) this.#look(now, mine);
  }

  #probe(now) {
    const [there, back] = [this.delay(), this.delay()];
    const t1 = now + there;
    this.#clock = clock.measured(this.#clock, { t0: this.here(now), t1, t2: t1, t3: this.here(t1 + back) });
    this.#nextProbe = now + clock.nextProbe(this.#clock);
  }

  #look(now, mine) {
    const [next, actions] = follow(this.follower, { state: truth.inForce(this.truth, mine), now: mine, player: this.player.seen });
    this.follower = next;
    this.#nextLook = now + next.lookIn;
    for (const action of actions) this.player.carryOut(action);
  }
}

/** Three of them, and a host who does something every 20 seconds. @returns {number[]} drifts in seconds, ten seconds after each */
function simulate(seed) {
  const random = seeded(seed);
  const viewers = [-180_000, 40, 2_000_000].map((skew, index) =>
    new Viewer(random, { skew: skew * (0.5 + random()), way: 10 + 30 * index, seekCost: 60 + 180 * index }));
  const drifts = [];
  let states = truth.noTruth;
  for (let now = 0, turn = 0; now < 240_000; now += step) {
    if (now % 20_000 === 1000) {
      const state = command((turn += 1), truth.positionAt(states, now + 400), now + 400, random);
      states = truth.taken(states, state);
      for (const viewer of viewers) viewer.told(state, now);
    }
    for (const viewer of viewers) viewer.pass(now);
    if (now % 20_000 > 11_000 && now % 100 === 0) drifts.push(...viewers.map(({ player }) => player.position - truth.positionAt(states, now)));
  }
  return drifts;
}

function command(sequence, position, at, random) {
  const kind = ["play", "seek", "rate", "pause", "play", "seek"][(sequence - 1) % 6];
  const place = kind === "seek" ? 600 * random() : position;
  const rate = kind === "rate" ? 1.5 : 1;
  return { sequence, entryId: "e", playing: kind !== "pause", position: place, rate, at, duration: 7200, held: false, waitingFor: [] };
}

test("three players with clocks, ways and seeks of their own are in step ten seconds after any command", () => {
  for (const seed of [1, 7, 42, 1895]) {
    const drifts = simulate(seed).map(Math.abs).sort((a, b) => a - b);
    const p95 = drifts[Math.floor(drifts.length * 0.95)];
    assert.ok(p95 < 0.04, `seed ${seed}: ${p95} s`);
  }
});
