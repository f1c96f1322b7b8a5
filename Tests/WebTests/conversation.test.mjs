import assert from "node:assert/strict";
import test from "node:test";
import { Conversation } from "../../web/js/chat/conversation.js";
import { Unread } from "../../web/js/chat/unread.js";
import { Problem } from "../../web/js/lumiere/api.js";

const ben = { kind: "user", id: "b", username: "ben" };
const anna = { kind: "guest", id: "a", name: "Anna" };
const message = (sequence, more = {}) =>
  ({ id: `m${sequence}`, sequence, author: anna, text: `text ${sequence}`, createdAt: "2026-06-20T10:00:00Z", ...more });

/** A chat on a server; `before` is done before each answer. */
function served(count) {
  const server = { messages: Array.from({ length: count }, (_, index) => message(index + 1)), asked: [], before: () => {} };
  const page = ({ before = Infinity, after = 0, limit = 50, cursor }) => {
    const end = cursor ?? before;
    const items = server.messages.filter(({ sequence }) => sequence < end && sequence > after).reverse().slice(0, limit);
    return { items, nextCursor: items.length === limit && items.at(-1).sequence > after + 1 ? items.at(-1).sequence : undefined };
  };
  server.ask = async (path, { method = "GET", query = {}, body } = {}) => {
    server.asked.push(`${method} ${path}`);
    const answer = method === "GET" && path.endsWith("/messages") ? page(query) : null;
    await server.before(`${method} ${path}`);
    if (answer) return answer;
    if (path.endsWith("/chat")) return { isOn: true, isMuted: false, readSequence: 0, unread: 3, lastSequence: server.messages.length, slowModeSeconds: 0 };
    if (method === "POST") return server.say(body);
  };
  server.say = (body) => {
    const known = server.messages.find(({ clientId }) => clientId === body.clientId);
    if (!known) server.messages.push(message(server.messages.length + 1, { author: { kind: "user", id: "b" }, ...body }));
    return known ?? server.messages.at(-1);
  };
  const caller = { ask: (...all) => server.ask(...all), user: ben };
  return { server, caller, conversation: new Conversation({ caller, live: null, session: { id: "s" } }) };
}

const sequences = ({ talk }) => talk.messages.map(({ sequence }) => sequence);

test("what happens while a page is on its way is in the talk, and stays changed", async () => {
  const { server, conversation } = served(3);
  server.before = (asked) => {
    if (!asked.endsWith("/messages")) return;
    conversation.handle({ type: "new_message", data: message(4) });
    conversation.handle({ type: "message_deleted", data: { id: "m2" } });
  };
  await conversation.open();
  assert.deepEqual([sequences(conversation), conversation.talk.messages[1].text], [[1, 2, 3, 4], ""]);
});

test("a loss while older ones are read is made up for afterwards", async () => {
  const { server, conversation } = served(120);
  await conversation.open();
  server.before = () => new Promise((resolve) => setTimeout(resolve, 5));
  const older = conversation.older();
  server.messages.push(message(121));
  await conversation.joined(false);
  await older;
  assert.equal(sequences(conversation).at(-1), 121);
  assert.deepEqual(new Set(sequences(conversation)).size, sequences(conversation).length);
});

test("what could not be sent is sent once the connection is back, and only once", async () => {
  const { server, conversation } = served(2);
  await conversation.open();
  server.before = (asked) => {
    if (asked.startsWith("POST")) throw new Problem();
  };
  await conversation.say("hello");
  assert.equal(conversation.talk.pending[0].problem.code, "unreachable");
  server.before = () => {};
  await conversation.joined(true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([conversation.talk.pending.length, sequences(conversation), server.messages.length], [0, [1, 2, 3], 3]);
});

test("a refusal is told with the message, and closes the field", async () => {
  const { server, conversation } = served(1);
  await conversation.open();
  server.before = (asked) => {
    if (asked.startsWith("POST")) throw new Problem({ status: 403, code: "muted", facts: { until: "2026-06-21T00:00:00Z" } });
  };
  await conversation.say("hello");
  assert.deepEqual([conversation.isWritable, conversation.rules.mutedUntil, conversation.talk.pending.length], [false, "2026-06-21T00:00:00Z", 1]);
});

test("a chat that cannot be read says why, and is read when it can be", async () => {
  const { server, conversation } = served(1);
  server.before = () => {
    throw new Problem({ status: 503, code: "busy" });
  };
  await conversation.open();
  assert.deepEqual([conversation.problem.code, conversation.talk.isLoaded], ["busy", false]);
  server.before = () => {};
  await conversation.joined(true);
  assert.deepEqual([conversation.problem, sequences(conversation)], [null, [1]]);
});

test("what is unread is what others say until it was seen", async () => {
  const { caller, server } = served(3);
  const unread = new Unread({ caller, session: { id: "s" } });
  await unread.joined();
  const counts = [unread.count];
  const hear = (data) => (unread.handle({ type: "new_message", data }), counts.push(unread.count));
  hear(message(3)), hear(message(4)), hear(message(4)), hear(message(5, { author: { kind: "user", id: "b" } }));
  unread.read(5);
  server.messages.push(message(4), message(5));
  await unread.joined();
  assert.deepEqual([...counts, unread.count], [3, 3, 4, 4, 4, 0]);
});

test("what is said while the server counts is counted with its answer, unless that knows it or it was read meanwhile", async () => {
  const cases = [
    // What the answer says, what happens before it comes, and the count then.
    [{ unread: 0, lastSequence: 9 }, [["new_message", message(10)]], 1],
    [{ unread: 1, lastSequence: 10 }, [["new_message", message(10)]], 1],
    [{ unread: 2, lastSequence: 9 }, [["new_message", message(10)], ["new_message", message(11, { author: ben })], ["new_message", message(12)]], 4],
    [{ unread: 2, lastSequence: 9 }, [["new_message", message(10)], ["read", 10]], 0],
    [{ unread: 2, lastSequence: 9 }, [["message_read", { sessionId: "s", unread: 0 }]], 0],
  ];
  for (const [chat, events, count] of cases) {
    const { server, caller } = served(9);
    const unread = new Unread({ caller, session: { id: "s" } });
    server.ask = async () => {
      for (const [type, data] of events) if (type === "read") unread.read(data); else unread.handle({ type, data });
      return chat;
    };
    await unread.joined();
    assert.equal(unread.count, count);
  }
});

test("what was missed is read again until it is there, and is not taken for read before", async (context) => {
  const { server, conversation } = served(3);
  await conversation.open();
  server.messages.push(message(4), message(5));
  server.before = (asked) => {
    if (asked.startsWith("GET")) throw new Problem({ status: 503, code: "busy" });
  };
  context.mock.timers.enable({ apis: ["setTimeout"] });
  await conversation.joined(false);
  conversation.handle({ type: "new_message", data: message(6) });
  server.messages.push(message(6));
  conversation.readTo(6);
  assert.deepEqual([conversation.hasGap, conversation.problem.code, server.asked.filter((asked) => asked.startsWith("PUT"))], [true, "busy", []]);
  const later = async () => {
    context.mock.timers.tick(30_000);
    for (let turn = 0; turn < 20; turn += 1) await null;
  };
  const asked = server.asked.length;
  await later();
  assert.ok(server.asked.length > asked);
  let during;
  server.before = (asked) => {
    if (asked.endsWith("/messages")) conversation.readTo(6), (during = conversation.readSequence);
  };
  await later();
  assert.equal(during, 0);
  assert.deepEqual([sequences(conversation), conversation.hasGap, conversation.problem], [[1, 2, 3, 4, 5, 6], false, null]);
  conversation.readTo(6);
  assert.equal(server.asked.filter((asked) => asked.startsWith("PUT")).length, 1);
});

test("what was missed is not asked for again when the server refuses for good, nor when nobody looks", async (context) => {
  for (const [status, close] of [[403, () => {}], [503, (conversation) => conversation.close()]]) {
    const { server, conversation } = served(3);
    await conversation.open();
    server.before = () => {
      throw new Problem({ status, code: "other" });
    };
    context.mock.timers.enable({ apis: ["setTimeout"] });
    await conversation.joined(false);
    close(conversation);
    const asked = server.asked.length;
    context.mock.timers.tick(60_000);
    assert.equal(server.asked.length, asked);
    context.mock.timers.reset();
  }
});

test("what fails at either end is asked for again after a pause, however often it is in sight", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  for (const end of ["older", "newer"]) {
    const { server, conversation } = served(500);
    await conversation.open();
    if (end === "newer") for (let pages = 0; pages < 6; pages += 1) await conversation.older();
    let inSight = 0;
    const look = () => (inSight += 1) < 60 && conversation[end]();
    conversation.addEventListener("change", look);
    server.before = () => {
      throw new Problem({ status: 503, code: "busy" });
    };
    const before = server.asked.length;
    await conversation[end]();
    for (let frame = 0; frame < 60; frame += 1) await conversation[end]();
    assert.equal(server.asked.length - before, 1);
    server.before = () => {};
    const held = sequences(conversation);
    context.mock.timers.tick(30_000);
    for (let turn = 0; turn < 30; turn += 1) await null;
    assert.notDeepEqual(sequences(conversation), held);
  }
});

test("how far the reader has come is noted at most every two seconds, and again after a failure", async (context) => {
  const { server, conversation } = served(3);
  const noted = [];
  await conversation.open();
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const ask = server.ask;
  let isDown = false;
  server.ask = async (path, options) => {
    if (!path.endsWith("/read")) return ask(path, options);
    noted.push(options.body.sequence);
    if (isDown) throw new Problem();
  };
  const settle = async (time = 0) => {
    context.mock.timers.tick(time);
    for (let turn = 0; turn < 20; turn += 1) await null;
  };
  for (const sequence of [1, 2, 3]) conversation.readTo(sequence), await settle();
  await settle(1900);
  assert.deepEqual(noted, [1]);
  isDown = true;
  await settle(100);
  assert.deepEqual([noted, conversation.readSequence], [[1, 3], 0]);
  isDown = false;
  conversation.readTo(3);
  await settle(2000);
  await settle(2000);
  conversation.readTo(3);
  assert.deepEqual(noted, [1, 3, 3]);
});

test("what was read of another session elsewhere leaves the count alone", async () => {
  const { caller } = served(3);
  const unread = new Unread({ caller, session: { id: "s" } });
  await unread.joined();
  unread.handle({ type: "message_read", data: { sessionId: "other", unread: 9 } });
  assert.equal(unread.count, 3);
  unread.handle({ type: "message_read", data: { sessionId: "s", unread: 1 } });
  assert.equal(unread.count, 1);
});
