import assert from "node:assert/strict";
import test from "node:test";
import { linesOf, permissions } from "../../web/js/chat/lines.js";
import { isOnlyEmoji, nameBegun, pieces, suggested } from "../../web/js/chat/pieces.js";
import { changes } from "../../web/js/chat/rules.js";
import * as talk from "../../web/js/chat/talk.js";

const [anna, ben] = [{ kind: "guest", id: "a", name: "Anna" }, { kind: "user", id: "b", name: "Ben" }];
const message = (sequence, more = {}) =>
  ({ id: `m${sequence}`, sequence, author: anna, text: `text ${sequence}`, createdAt: `2026-06-20T10:${String(sequence % 60).padStart(2, "0")}:00Z`, ...more });
const page = (from, to, nextCursor) =>
  ({ items: Array.from({ length: to - from + 1 }, (_, index) => message(to - index)), nextCursor });
const here = { isMe: (person) => person.id === "b", now: 1000 };
const opened = talk.opened(talk.emptyTalk, page(1, 5));
const hear = (state, type, data) => talk.heard(state, { type, data }, here);
const sequences = ({ messages }) => messages.map(({ sequence }) => sequence);

test("a message is there once, however often and in whatever order it comes", () => {
  const state = [7, 6, 7, 5].reduce((state, sequence) => hear(state, "new_message", message(sequence)), opened);
  assert.deepEqual(sequences(state), [1, 2, 3, 4, 5, 6, 7]);
});

test("what was said here is shown at once and replaced by what the server has", () => {
  const draft = { clientId: "c", text: "hello", createdAt: "2026-06-20T11:00:00Z" };
  const begun = talk.begun(opened, draft);
  assert.equal(begun.pending.length, 1);
  for (const end of [talk.said(begun, message(6, { clientId: "c" })), hear(begun, "new_message", message(6, { clientId: "c" }))]) {
    assert.deepEqual([end.pending.length, end.messages.length], [0, 6]);
  }
  assert.equal(talk.opened(begun, { items: [message(6, { clientId: "c" })] }).pending.length, 0);
});

test("what could not be sent stays, with the reason, and goes when it is given up", () => {
  const state = talk.failed(talk.begun(opened, { clientId: "c", text: "x" }), "c", { code: "muted" });
  assert.equal(state.pending[0].problem.code, "muted");
  assert.equal(talk.begun(state, { clientId: "c", text: "x" }).pending[0].problem, undefined);
  assert.equal(talk.givenUp(state, "c").pending.length, 0);
});

test("a deleted message stays in its place without what it said", () => {
  const state = hear(opened, "message_deleted", { id: "m3", byModerator: true });
  assert.deepEqual([state.messages[2].text, state.messages[2].byModerator, state.messages.length], ["", true, 5]);
});

test("an edit keeps the reactions, and a reaction counts what the server counts", () => {
  let state = hear(opened, "message_reaction", { messageId: "m2", person: ben, emoji: "❤️", isAdded: true, count: 4 });
  state = hear(state, "message_edited", message(2, { text: "better" }));
  assert.deepEqual(state.messages[1].reactions, [{ emoji: "❤️", count: 4, isMine: true }]);
  assert.equal(state.messages[1].text, "better");
  state = hear(state, "message_reaction", { messageId: "m2", person: anna, emoji: "❤️", isAdded: false, count: 3 });
  assert.deepEqual(state.messages[1].reactions, [{ emoji: "❤️", count: 3, isMine: true }]);
  state = hear(state, "message_reaction", { messageId: "m2", person: ben, emoji: "❤️", isAdded: false, count: 0 });
  assert.deepEqual(state.messages[1].reactions, []);
});

test("one's own reaction counts once, though it is heard again", () => {
  let state = talk.reactedHere(opened, "m1", "👍", true);
  state = talk.reactedHere(state, "m1", "👍", true);
  assert.deepEqual(state.messages[0].reactions, [{ emoji: "👍", count: 1, isMine: true }]);
  assert.deepEqual(talk.reactedHere(state, "m1", "👍", false).messages[0].reactions, []);
});

test("typing ends by itself, by a message and by a stop", () => {
  const state = hear(opened, "typing", { person: anna });
  assert.equal(state.typing.size, 1);
  assert.equal(hear(state, "typing", { person: ben }).typing.size, 1, "one's own is not shown");
  assert.equal(hear(state, "new_message", message(6)).typing.size, 0);
  assert.equal(hear(state, "stop_typing", { person: anna }).typing.size, 0);
  assert.equal(talk.calmed(state, 6999).typing.size, 1);
  assert.equal(talk.calmed(state, 7000).typing.size, 0);
});

test("pages of older messages go on without gaps, and never hold too much", () => {
  let state = talk.opened(talk.emptyTalk, page(951, 1000, "x"));
  for (let first = 901; first > 500; first -= 50) state = talk.extended(state, page(first, first + 49, "x"));
  assert.equal(state.messages.length, 300);
  assert.equal(state.messages[0].sequence, 501);
  assert.equal(state.hasNewer, true);
  assert.equal(hear(state, "new_message", message(1001)).messages.length, 300, "it would leave a gap");
  state = talk.continued(state, page(801, 850).items, true);
  assert.deepEqual([state.messages[0].sequence, state.messages.at(-1).sequence, state.hasNewer, state.isCut], [551, 850, true, true]);
});

test("a long evening does not grow without end", () => {
  let state = opened;
  for (let sequence = 6; sequence < 1000; sequence += 1) state = hear(state, "new_message", message(sequence));
  assert.deepEqual([state.messages.length, state.messages.at(-1).sequence], [300, 999]);
});

test("days, groups and the line above what is new", () => {
  const items = [
    message(4, { createdAt: "2026-06-21T10:01:00Z" }), message(3, { createdAt: "2026-06-21T10:00:00Z" }),
    message(2, { createdAt: "2026-06-20T10:09:00Z", author: ben }), message(1, { createdAt: "2026-06-20T10:00:00Z" }),
  ];
  const state = talk.begun(talk.opened(talk.emptyTalk, { items }), { clientId: "c", text: "x" });
  const lines = linesOf(state, { isMine: ({ author }) => author?.id === "b", unreadAfter: 1 });
  assert.deepEqual(lines.map(({ kind }) => kind), ["day", "message", "message", "day", "new", "message", "message", "pending"]);
  assert.deepEqual(lines.filter(({ kind }) => kind === "message").map(({ isFirst }) => isFirst), [true, true, true, false]);
});

test("authors may change what they said for a quarter of an hour, and take it back for a day", () => {
  const may = (minutes, more) => permissions(message(0), {
    isMine: true, isModerator: false, canSpeak: true, now: Date.parse(message(0).createdAt) + minutes * 60_000, ...more,
  });
  assert.deepEqual([may(14).edit, may(16).edit, may(16).remove, may(1441).remove], [true, false, true, false]);
  assert.deepEqual([may(1, { isMine: false }).remove, may(9999, { isMine: false, isModerator: true }).remove], [false, true]);
  assert.deepEqual([may(1, { canSpeak: false }).reply, may(1, { isMine: false, isModerator: true }).mute], [false, true]);
});

const linked = [
  ["see https://example.org/a?b=c.", [["text", "see "], ["link", "https://example.org/a?b=c"], ["text", "."]]],
  ["(https://example.org)", [["text", "("], ["link", "https://example.org"], ["text", ")"]]],
  ["javascript:alert(1)", [["text", "javascript:alert(1)"]]],
  ["https://bank.example@evil.example/x", [["text", "https://bank.example@evil.example/x"]]],
  ["https://аpple.com", [["text", "https://аpple.com"]]],
  ["hello @Anna and @Annabel", [["text", "hello "], ["name", "@Anna"], ["text", " and @Annabel"]]],
];
for (const [text, wanted] of linked) {
  test(`only what is safe becomes a link: ${text}`, () => {
    assert.deepEqual(pieces(text, ["Anna", "Ben"]).map((piece) => [piece.kind, piece.text]), wanted);
  });
}

test("a name is suggested while it is written", () => {
  assert.equal(nameBegun("hello @An"), "An");
  assert.equal(nameBegun("mail me@home"), null);
  assert.deepEqual(suggested("s", ["Anna Sommer", "Ben", "Sam"]), ["Anna Sommer", "Sam"]);
});

test("a few emoji alone are shown large", () => {
  assert.deepEqual(["❤️", "👍🏽", "😀 😀", "ok 👍", "12", "😀😀😀😀"].map(isOnlyEmoji), [true, true, true, false, false, false]);
});

test("only what a moderator has decided otherwise is sent", () => {
  const before = { isOn: true, slowModeSeconds: 0, words: ["one", "two"], isModerator: true };
  const wanted = (change) => changes(before, { isOn: true, slowModeSeconds: 0, words: ["one", "two"], ...change });
  assert.deepEqual([wanted({}), wanted({ slowModeSeconds: 5 }), wanted({ isOn: false })], [null, { slowModeSeconds: 5 }, { isOn: false }]);
  assert.deepEqual([wanted({ words: ["one"] }), changes({ isOn: true }, { isOn: true, words: [] })], [{ words: ["one"] }, null]);
});
