import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { grantOf, keepGrantFresh } from "../../web/js/desk/grants.js";

const photo = (grant) => ({ renditions: [{ url: "/media/a/thumb.webp" }, { url: `/media/a/small.webp?v=2&grant=${grant}` }] });

test("a photo's grant is that of its URLs", () => {
  assert.equal(grantOf(photo("abc")), "abc");
  assert.equal(grantOf({ renditions: [{ url: "/media/a" }] }), null);
  assert.equal(grantOf({}), null);
});

test("the grant of a session is read anew every few hours, and forgotten in the end", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const kept = [];
  let count = 0;
  const account = { ask: async () => ({ items: [photo(`g${(count += 1)}`)] }), keepMediaToken: (id, grant) => kept.push([id, grant]) };
  const end = keepGrantFresh(account, "s");
  for (let day = 0; day < 2; day += 1) {
    mock.timers.tick(6 * 3_600_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  end();
  mock.timers.tick(24 * 3_600_000);
  assert.deepEqual(kept, [["s", "g1"], ["s", "g2"], ["s", undefined]]);
  mock.timers.reset();
});
