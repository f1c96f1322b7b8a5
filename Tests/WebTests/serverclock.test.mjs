import assert from "node:assert/strict";
import test from "node:test";
import { ServerClock } from "../../web/js/lumiere/serverclock.js";

/** Both clocks of a machine; while it sleeps that of the page stands. */
class Clocks {
  #system = 1_000_000;
  #page = 0;

  system = () => this.#system;
  page = () => this.#page;

  pass(milliseconds) {
    this.#page += milliseconds;
    this.#system += milliseconds;
  }

  sleep(milliseconds) {
    this.#system += milliseconds;
  }
}

/** A server whose clock is a second ahead and that answers when it is told to. */
function made() {
  const clocks = new Clocks();
  const waiting = [];
  const clock = new ServerClock(() => new Promise((resolve, reject) => waiting.push({ resolve, reject })), clocks);
  const settle = async (act) => {
    act(waiting.shift());
    await new Promise((done) => setTimeout(done));
  };
  const answer = () => settle(({ resolve }) => resolve({ t1: clocks.system() + 1000, t2: clocks.system() + 1000 }));
  return { clock, clocks, waiting, answer, fail: () => settle(({ reject }) => reject(new Error("offline"))) };
}

test("nobody knows the time before the first answer", async () => {
  const { clock, clocks, answer } = made();
  clock.start();
  assert.equal(clock.now, null);
  await answer();
  assert.equal(clock.now, clocks.system() + 1000);
  clock.stop();
});

test("after a sleep nobody knows the time, and it is measured at once", async () => {
  const { clock, clocks, waiting, answer } = made();
  clock.start();
  await answer();
  clocks.sleep(60_000);
  assert.deepEqual([clock.now, clock.roundTrip, waiting.length], [null, null, 1]);
  assert.deepEqual([clock.now, waiting.length], [null, 1], "once for each sleep");
  await answer();
  assert.equal(clock.now, clocks.system() + 1000);
  clock.stop();
});

test("what was asked before a sleep and answered after it says nothing", async () => {
  const { clock, clocks, waiting, answer } = made();
  clock.start();
  clocks.sleep(60_000);
  await answer();
  assert.deepEqual([clock.now, waiting.length], [null, 1]);
  clock.stop();
});

test("a sleep that nobody was connected for is seen all the same", async () => {
  const { clock, clocks, waiting, answer } = made();
  clock.start();
  await answer();
  clock.stop();
  clocks.sleep(60_000);
  assert.deepEqual([clock.now, waiting.length], [null, 0]);
  clock.start();
  await answer();
  assert.equal(clock.now, clocks.system() + 1000);
  clock.stop();
});

test("a probe that breaks off during a sleep voids what was measured", async () => {
  const { clock, clocks, fail, answer } = made();
  clock.start();
  await answer();
  clock.start();
  clocks.sleep(60_000);
  await fail();
  assert.equal(clock.now, null);
  clock.stop();
});

test("another connection measures anew, and what was measured counts until then", async () => {
  const { clock, clocks, answer } = made();
  clock.start();
  await answer();
  clocks.pass(500);
  clock.stop();
  clock.start();
  assert.equal(clock.now, clocks.system() + 1000);
  clock.stop();
});
