import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { Key, Party } from "../../web/js/lumiere/lumiere.js";
import { Reports } from "../../web/js/lumiere/partyreports.js";

const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

// MARK: Reports

/** What is told, by a clock that only this test moves. */
async function telling(act) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const now = mock.method(performance, "now", () => 0);
  const told = [];
  const reports = new Reports(async (report) => (told.push(report?.state ?? null), { nextIn: 2 }));
  const pass = async (seconds) => (mock.timers.tick(seconds * 1000), await settled());
  try {
    await act({ reports, told, pass, turn: (seconds) => now.mock.mockImplementation(() => seconds * 1000) });
  } finally {
    reports.stop();
    mock.timers.reset();
    now.mock.restore();
  }
}

test("who has nothing to tell of goes on being there", () => telling(async ({ reports, told, pass }) => {
  reports.start();
  await settled();
  for (let turn = 0; turn < 3; turn += 1) await pass(2);
  assert.deepEqual(told, [null, null, null, null]);
}));

test("a change is told at once, and nothing while there is no connection", () => telling(async ({ reports, told, pass }) => {
  reports.put({ state: "buffering" });
  assert.deepEqual(told, []);
  reports.start();
  await settled();
  reports.put({ state: "playing", drift: 3 }), reports.put({ state: "playing", drift: 4 });
  await settled();
  assert.deepEqual(told, ["buffering", "playing"]);
  await pass(2);
  assert.deepEqual(told, ["buffering", "playing", "playing"]);
  reports.stop();
  await pass(60);
  assert.equal(told.length, 3);
}));

test("a page whose timers are late reports when it hears of anything", () => telling(async ({ reports, told, turn }) => {
  reports.start();
  await settled();
  reports.heed();
  turn(1.9), reports.heed();
  assert.equal(told.length, 1);
  turn(2), reports.heed(), reports.heed();
  await settled();
  assert.equal(told.length, 2);
}));

test("a report that fails is tried again", () => telling(async ({ pass }) => {
  let attempts = 0;
  const reports = new Reports(() => ((attempts += 1), Promise.reject(new Error("offline"))));
  reports.start();
  await settled();
  await pass(5);
  assert.equal(attempts, 2);
  reports.stop();
}));

// MARK: A party whose server leaves out its state

const ann = { person: { kind: "user", id: "a" }, role: "host", grants: [], isPresent: true };
const ben = { person: { kind: "guest", id: "b" }, role: "viewer", grants: [], isPresent: true };
const state = (sequence) => ({ sequence, entryId: "e1", playing: true, position: 0, rate: 1, at: 0 });
const answers = (sequence, members = [ann]) => ({
  "/api/parties/p": { id: "p", title: "Friday", grants: {}, state: state(sequence) },
  "/api/parties/p/queue": { revision: 1, entries: [{ id: "e1", subtitles: 0 }], skipVotes: 0 },
  "/api/parties/p/members": { items: members },
});

/** A server at the other end of a socket, and behind `fetch`. */
class House {
  heard = [];
  asked = [];
  answer = async (path) => Response.json(answers(5)[path]);
  socket = null;

  constructor() {
    const house = this;
    globalThis.WebSocket = class {
      readyState = 1;
      constructor() { house.socket = this; }
      send(text) { house.heard.push(JSON.parse(text)); }
      close() { this.readyState = 3; }
    };
    globalThis.fetch = (url) => {
      const { pathname } = new URL(url);
      this.asked.push(pathname);
      return this.answer(pathname);
    };
  }

  open() { this.socket.onopen(); }
  say(type, data, more) { this.socket.onmessage({ data: JSON.stringify({ type, data, ...more }) }); }
  join = (facts) => this.say("party_joined", { partyId: "p", epoch: "e", offset: 10, recovered: false, ...facts });
  lose() { this.socket.onclose({ code: 1006, reason: "" }); }
}

async function within(act) {
  const house = new House();
  const refusals = [];
  const party = new Party(new Key("k", { base: "http://house.example" }), "p", { refused: (code) => refusals.push(code) });
  party.start();
  house.open();
  try {
    await act({ house, party, refusals });
  } finally {
    party.stop();
  }
}

test("a party that is told without its state is read", () => within(async ({ house, party }) => {
  house.join();
  await settled(), await settled();
  assert.deepEqual([party.room.party.title, party.truth.sequence, [...party.room.members.keys()], party.room.queue.revision], ["Friday", 5, ["user:a"], 1]);
}));

test("what happens while it is read comes after it", () => within(async ({ house, party }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  house.answer = async (path) => (await held, Response.json(answers(5)[path]));
  house.join();
  house.say("party_state", state(6), { offset: 11 });
  house.say("party_member", { change: "joined", member: ben }, { offset: 12 });
  release();
  await settled(), await settled();
  assert.deepEqual([party.truth.sequence, [...party.room.members.keys()]], [6, ["user:a", "guest:b"]]);
}));

test("what a reconnection tells instead is believed, and the reading given up", () => within(async ({ house, party }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  house.answer = async (path) => (await held, Response.json(answers(5)[path]));
  house.join();
  const told = answers(9);
  house.join({ state: { party: told["/api/parties/p"], queue: told["/api/parties/p/queue"], members: [] } });
  release();
  await settled(), await settled();
  assert.equal(party.truth.sequence, 9);
}));

test("who is recovered reads nothing, and a party that is not to be had says so", () => within(async ({ house, refusals }) => {
  house.join({ recovered: true });
  await settled();
  assert.deepEqual(house.asked, []);
  house.answer = async () => Response.json({ code: "not_found" }, { status: 404 });
  house.join();
  await settled(), await settled();
  assert.deepEqual(refusals, ["not_found"]);
}));

test("a player that does not know where the film should be claims no more to be in step", () => within(async ({ house, party }) => {
  const [all, me] = [answers(5), { ...ann, drift: 3, state: "playing" }];
  house.join({ state: { party: { ...all["/api/parties/p"], me }, queue: all["/api/parties/p/queue"], members: [me] } });
  Object.assign(party.caller, { user: { id: "a" } });
  party.status({ state: "playing", drift: 4 });
  assert.equal(party.me.drift, 3);
  let changes = 0;
  party.addEventListener("change", () => (changes += 1));
  party.status({ state: "playing" }), party.status({ state: "playing" });
  assert.deepEqual([party.me.state, party.me.drift, changes], ["playing", undefined, 1]);
}));

test("who has no film is there from joining on, and says what they lack", () => within(async ({ house }) => {
  house.join();
  await settled(), await settled();
  const [first] = house.heard.filter(({ type }) => type === "party_status");
  assert.deepEqual([first.data.state, first.data.partyId], ["paused", "p"]);
}));
