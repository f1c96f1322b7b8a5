import assert from "node:assert/strict";
import test from "node:test";
import { doorInPath, galleryOf, partyOf } from "../../web/js/gallery/way.js";
import { wayIn } from "../../web/js/party/way.js";

const ways = [{ code: "ANNA26" }, { code: "a/b c" }, { link: "t0k-en_" }, { link: "a&b=c" }];

test("where a code or link leads is where it was read from", () => {
  for (const way of ways) {
    assert.deepEqual(doorInPath(galleryOf(way)), way);
    assert.deepEqual(wayIn(new URL(partyOf(way), "http://x")), way);
  }
});

test("an address names the code of a party, a link, or the parties of whoever is signed in", () => {
  const rows = [
    ["/party", "", null], ["/party/", "", null], ["/party/P5ZFKX", "", { code: "P5ZFKX" }], ["/party/%zz", "", { code: "%zz" }],
    ["/party", "?link=abc", { link: "abc" }], ["/party", "?link=", null], ["/party/P5ZFKX", "?link=abc", { code: "P5ZFKX" }],
  ];
  for (const [pathname, search, way] of rows) assert.deepEqual(wayIn({ pathname, search }), way, pathname + search);
});
