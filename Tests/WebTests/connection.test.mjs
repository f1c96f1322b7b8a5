import assert from "node:assert/strict";
import test from "node:test";
import { backoff } from "../../web/js/lumiere/backoff.js";
import { advance, beginning } from "../../web/js/lumiere/livestate.js";

const opened = [{ kind: "start" }, { kind: "opened" }];
const joined = (offset, recovered) => ({ kind: "joined", epoch: "e", offset, recovered });
const authenticated = (offset, recovered) => ({ kind: "authenticated", epoch: "e", offset, recovered });
const heard = (offset, topic = "session:s") => ({ kind: "heard", message: { type: "new_photo", topic, offset } });
const live = [...opened, joined(118, false)];
const lost = [{ kind: "closed", code: 1006 }, { kind: "timer" }, { kind: "opened" }];

/** What has become of it, and all that it asked for. */
function run(events) {
  let state = beginning;
  const asked = [];
  for (const event of events) {
    const [next, actions] = advance(state, event, () => 0.5);
    state = next;
    asked.push(...actions);
  }
  return { ...state, asked, delivered: asked.filter(({ kind }) => kind === "deliver").map(({ message }) => message.offset) };
}

test("it connects, joins and is live", () => {
  const { phase, asked } = run(live);
  assert.equal(phase, "live");
  assert.deepEqual(asked.map(({ kind }) => kind), ["connect", "wait", "join", "wait", "wait"]);
});

test("each event is handed on once, in order", () => {
  assert.deepEqual(run([...live, heard(119), heard(119), heard(121), heard(120)]).delivered, [119, 121]);
});

test("what was missed follows a recovered connection, from where it was", () => {
  const { delivered, position } = run([...live, heard(119), ...lost, joined(125, true), heard(119), heard(120), heard(125)]);
  assert.deepEqual([delivered, position.offset], [[119, 120, 125], 125]);
});

test("a connection that was not recovered begins at its own place", () => {
  const { delivered, position } = run([...live, heard(119), ...lost, joined(400, false), heard(400), heard(401)]);
  assert.deepEqual([delivered, position.offset], [[119, 401], 401]);
});

test("one's own topic has a place of its own, and may speak before the session is joined", () => {
  const mine = (offset) => heard(offset, "user:u");
  const { delivered, own, position } = run([
    ...opened, authenticated(110, false), joined(118, false), mine(119), heard(119), mine(119),
    ...lost, authenticated(130, true), mine(119), mine(125), joined(130, true),
  ]);
  assert.deepEqual([delivered, own.offset, position.offset], [[119, 119, 125], 125, 119]);
  const join = run([...opened, authenticated(110, false), joined(118, false), ...lost]).asked.filter(({ kind }) => kind === "join").at(-1);
  assert.deepEqual([join.position.offset, join.own.offset], [118, 110]);
});

test("answers to commands prove the connection and are no news", () => {
  const answer = (type, id) => ({ kind: "heard", message: { type, id } });
  const { phase, delivered } = run([...live, { kind: "timer" }, answer("ack", "c1"), answer("error", "c2")]);
  assert.deepEqual([phase, delivered], ["live", []]);
  assert.equal(run([...live, { kind: "heard", message: { type: "error" } }]).delivered.length, 1);
});

const silence = [
  ["a quiet connection is asked", [{ kind: "timer" }], "probing", "ping"],
  ["one that does not answer is given up", [{ kind: "timer" }, { kind: "timer" }], "waiting", "hangUp"],
  ["one that answers is live", [{ kind: "timer" }, { kind: "heard", message: { type: "ack" } }], "live", "wait"],
  ["a page that is looked at again does not trust it", [{ kind: "woken" }], "probing", "ping"],
  ["a page that goes away lets go", [{ kind: "stop" }], "idle", "hangUp"],
  ["and comes back when it is shown", [{ kind: "stop" }, { kind: "shown" }], "connecting", "connect"],
];
for (const [name, events, phase, action] of silence) {
  test(name, () => {
    const end = run([...live, ...events]);
    assert.equal(end.phase, phase);
    assert.ok(end.asked.slice(5).some(({ kind }) => kind === action));
  });
}

test("the network is back: nobody sits out a pause", () => {
  const end = run([...live, { kind: "closed", code: 1006 }, { kind: "closed", code: 1006 }, { kind: "woken" }]);
  assert.deepEqual([end.phase, end.attempt], ["connecting", 0]);
});

test("who is sent away as soon as they have joined waits longer each time", () => {
  const cycle = (at, until) => [{ kind: "opened" }, { ...joined(118, false), at }, { ...heard(119), at: until }, { kind: "closed", code: 3013 }, { kind: "timer" }];
  const pauses = (events) => run([{ kind: "start" }, ...events]).asked.filter((_, index, all) => all[index - 1]?.kind === "hangUp").map(({ after }) => after);
  assert.deepEqual(pauses([...cycle(0, 10), ...cycle(500, 510), ...cycle(1500, 1510)]), [375, 750, 1500]);
  assert.deepEqual(pauses([...cycle(0, 10), ...cycle(500, 30_000), ...cycle(40_000, 40_010)]), [375, 375, 750]);
  assert.equal(run([...live, ...lost, joined(118, false), { kind: "timer" }]).attempt, 0);
});

test("the server says how long to wait", () => {
  const { asked } = run([...opened, { kind: "failed", code: "too_many_requests", retryAfter: 60 }]);
  assert.equal(asked.at(-1).after, 60_000);
});

test("pauses grow, end growing, and are never the same for all", () => {
  const pauses = [0, 1, 2, 5, 6, 50].map((attempt) => [backoff(attempt, () => 0), backoff(attempt, () => 1)]);
  assert.deepEqual(pauses, [[250, 500], [500, 1000], [1000, 2000], [8000, 16_000], [15_000, 30_000], [15_000, 30_000]]);
});
