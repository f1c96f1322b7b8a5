import assert from "node:assert/strict";
import test from "node:test";
import * as rooms from "../../web/js/lumiere/partyroom.js";

const [anna, ben] = [{ kind: "user", id: "a", name: "Anna" }, { kind: "guest", id: "b", name: "Ben" }];
const member = (person, role = "viewer", more = {}) => ({ person, role, grants: ["chat"], isPresent: true, ...more });
const state = (sequence, more = {}) => ({ sequence, entryId: "e1", playing: false, position: 0, rate: 1, at: 0, ...more });
const queue = (revision, more = {}) => ({ revision, currentId: "e1", entries: [{ id: "e1" }, { id: "e2" }], skipVotes: 0, ...more });
const grants = { controller: ["play", "seek", "chat"], viewer: ["chat"] };
const room = rooms.entered(rooms.emptyRoom, {
  party: { id: "p", grants, state: state(5) }, queue: queue(3, { myVotes: ["e2"], mySkip: true, skipVotes: 1 }), members: [member(anna, "host"), member(ben)],
});
const hear = (before, type, data) => rooms.heard(before, { type, data });

test("an older queue changes nothing, and events leave what only answers know", () => {
  assert.equal(hear(room, "party_queue", queue(2, { entries: [] })), room);
  const { queue: next } = hear(room, "party_queue", queue(4, { skipVotes: 2 }));
  assert.deepEqual([next.myVotes, next.mySkip], [["e2"], true]);
  const { queue: gone } = hear(room, "party_queue", queue(5, { entries: [{ id: "e1" }], currentId: "e9" }));
  assert.deepEqual([gone.myVotes, gone.mySkip], [[], false]);
});

test("pictures that answers have opened stay, and new ones are missed", () => {
  const [old, fresh] = [{ id: "e1", posterPath: "/a" }, { id: "e3", posterPath: "/c" }];
  const held = { ...room, queue: rooms.queued(room, queue(4, { entries: [{ ...old, posterPath: "/a?grant=x" }] })).queue };
  assert.equal(rooms.lacksPictures(hear(held, "party_queue", queue(5, { entries: [old] }))), false);
  assert.equal(rooms.lacksPictures(hear(held, "party_queue", queue(5, { entries: [old, fresh] }))), true);
});

test("members come, change, go and are sent away", () => {
  const rows = [
    ["joined", member({ kind: "guest", id: "c", name: "Cleo" }), 3, true], ["left", member(ben, "viewer", { isPresent: false }), 2, false],
    ["role", member(ben, "controller"), 2, true], ["removed", member(ben), 1, undefined],
  ];
  for (const [change, one, count, isPresent] of rows) {
    const { members } = hear(room, "party_member", { change, member: one });
    assert.deepEqual([members.size, members.get(rooms.keyOf(one.person))?.isPresent], [count, isPresent], change);
  }
});

test("a status is about those who are members; who is gone has no drift", () => {
  let next = hear(room, "party_status", { members: [{ person: "guest:b", state: "playing", drift: 12, latency: 40 }, { person: "guest:x", state: "playing" }] });
  assert.deepEqual([next.members.size, next.members.get("guest:b").drift], [2, 12]);
  next = hear(next, "party_status", { members: [{ person: "guest:b", state: "gone" }] });
  const { isPresent, drift, latency } = next.members.get("guest:b");
  assert.deepEqual([isPresent, drift, latency], [false, undefined, 40]);
});

test("grants are those of the role as they are now", () => {
  assert.deepEqual(rooms.grantsOf(room, room.members.get("user:a")), rooms.allGrants);
  assert.deepEqual(rooms.grantsOf(room, room.members.get("guest:b")), ["chat"]);
  const open = hear(room, "party_updated", { grants: { ...grants, viewer: ["chat", "play"] } });
  assert.deepEqual(rooms.grantsOf(open, room.members.get("guest:b")), ["chat", "play"]);
  assert.deepEqual(rooms.grantsOf(room, null), []);
});

test("those who are there come first, then by role and name", () => {
  const more = [member({ kind: "guest", id: "z", name: "Zoe" }), member({ kind: "guest", id: "d", name: "Dan" }, "controller", { isPresent: false }),
    member({ kind: "guest", id: "y", name: "Yan" }, "controller")];
  const full = more.reduce((before, one) => hear(before, "party_member", { change: "joined", member: one }), room);
  assert.deepEqual(rooms.present(full).map(({ person }) => person.name), ["Anna", "Yan", "Ben", "Zoe", "Dan"]);
});

test("what is shown is what the truth names", () => {
  assert.equal(rooms.currentEntry(room).id, "e1");
  assert.equal(rooms.currentEntry(hear(room, "party_state", state(6, { entryId: "e2" }))).id, "e2");
  assert.equal(rooms.currentEntry(hear(room, "party_state", state(6, { entryId: undefined }))), null);
});

test("a house that went back to an older state is believed when it tells all", () => {
  const older = rooms.entered(room, { party: { id: "p", grants, state: state(2) }, queue: queue(1), members: [] });
  assert.equal(older.truth.states.at(-1).sequence, 2);
});

test("a party's owner and those who look after the house may everything, and end it; a host of another's party may not end it", () => {
  const owned = { ...room, party: { ...room.party, ownerId: "a" } };
  const rows = [
    [{ id: "a", role: "photographer" }, true], [{ id: "z", role: "admin" }, true], [{ id: "z", role: "photographer" }, false], [null, false], [undefined, false],
  ];
  for (const [user, isManager] of rows) assert.equal(rooms.isManager(owned, user), isManager);
  assert.equal(rooms.isManager(rooms.emptyRoom, { id: "z" }), false);
});

test("what can be done with somebody goes by who they are, and by who would do it", () => {
  const cleo = { kind: "guest", id: "c", name: "Cleo" };
  const owned = { ...room, party: { ...room.party, ownerId: "a" } };
  const [owner, host, viewer, away] = [member(anna, "controller"), member(ben, "host"), member(cleo), member(cleo, "viewer", { isPresent: false })];
  const [byOwner, byHost] = [{ me: owner, mayHost: true, mayKick: true }, { me: host, mayHost: true, mayKick: true }];
  const byKicker = { me: member({ kind: "guest", id: "d" }), mayHost: false, mayKick: true };
  const rows = [
    ["a viewer, by the host", viewer, byHost, ["controller", "host", "remove"]], ["who is away", away, byHost, ["controller", "remove"]],
    ["the owner, by the host", owner, byHost, ["viewer", "host"]], ["the host, by the owner", host, byOwner, []],
    ["the owner themselves", owner, byOwner, ["host"]], ["the host themselves", host, byHost, []],
    ["a viewer, by one who may kick", viewer, byKicker, ["remove"]], ["the owner, by one who may kick", owner, byKicker, []],
    ["the host, by one who may kick", host, byKicker, []], ["a viewer, by a viewer", viewer, { ...byKicker, mayKick: false }, []],
    ["one who may kick, by themselves", byKicker.me, byKicker, []],
  ];
  for (const [what, one, reader, acts] of rows) assert.deepEqual(rooms.actsOn(owned, one, reader), acts, what);
});

test("all who are there are counted, also beyond the list that was told", () => {
  const party = { id: "p", grants, presentCount: 5, state: state(5) };
  const full = rooms.entered(rooms.emptyRoom, { party, queue: queue(3), members: [member(anna, "host"), member(ben)] });
  const told = (before, change, one) => hear(before, "party_member", { change, member: one });
  const cleo = member({ kind: "guest", id: "c" });
  const gone = (one) => ({ ...one, isPresent: false });
  const rows = [
    [full, 5], [told(full, "joined", cleo), 6], [told(full, "left", gone(cleo)), 4], [told(full, "left", gone(member(ben))), 4],
    [told(full, "removed", cleo), 4],
    [told(full, "removed", gone(cleo)), 5], [told(full, "role", cleo), 5], [told(told(full, "left", gone(cleo)), "joined", cleo), 5],
    [["c", "d", "e", "f"].reduce((before, id) => told(before, "left", gone(member({ kind: "guest", id }))), full), 2],
    [rooms.entered(rooms.emptyRoom, { party: { id: "p", state: state(5) }, queue: queue(3), members: [member(anna)] }), 1],
  ];
  rows.forEach(([now, count], index) => assert.equal(rooms.presentCount(now), count, `row ${index}`));
});

test("a film is skipped by half of those who are there, whoever has come since the queue was told of", () => {
  const many = (count) => Array.from({ length: count }, (_, id) => member({ kind: "guest", id: String(id) }))
    .reduce((before, one) => hear(before, "party_member", { change: "joined", member: one }), rooms.emptyRoom);
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((count) => rooms.skipsNeeded(many(count))), [1, 1, 1, 2, 2, 3]);
});
