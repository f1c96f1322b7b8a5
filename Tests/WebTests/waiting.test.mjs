import assert from "node:assert/strict";
import test from "node:test";
import { waitedFor } from "../../web/js/party/waiting.js";

const [anna, ben, cleo] = ["Anna", "Ben", "Cleo"].map((name) => ({ kind: "guest", id: name[0], name }));
const me = { person: anna };
const held = (people, until = 10_000) => ({ held: true, waitingFor: people.map((person, index) => ({ person, until: until - index * 1000 })) });

test("who is waited for is said, others before oneself", () => {
  const rows = [
    [held([anna]), { key: "party.waiting.me" }], [held([ben]), { key: "party.waiting.one", name: "Ben" }],
    [held([anna, ben]), { key: "party.waiting.more", name: "Ben", others: 1 }],
    [held([cleo, anna, ben]), { key: "party.waiting.more", name: "Cleo", others: 2 }],
    [{ ...held([ben]), held: false }, null], [held([]), null], [null, null],
  ];
  for (const [truth, said] of rows) {
    const waited = waitedFor({ truth, me }, 0);
    if (waited) delete waited.seconds;
    assert.deepEqual(waited, said);
  }
});

test("only the seconds change while they are waited for, down to none", () => {
  const looks = [0, 1, 999, 1000, 9001, 10_000, 12_000].map((now) => waitedFor({ truth: held([ben, cleo]), me }, now));
  assert.deepEqual(looks.map(({ seconds }) => seconds), [10, 10, 10, 9, 1, 0, 0]);
  assert.equal(new Set(looks.map(({ seconds, ...words }) => JSON.stringify(words))).size, 1);
  assert.equal(waitedFor({ truth: held([ben]), me }, null), null);
});
