import assert from "node:assert/strict";
import test from "node:test";
import { brokenBy, isRefusal, nextAttempt } from "../../web/js/party/troubles.js";
import { wishedOf } from "../../web/js/party/subtitlewish.js";

// MARK: Troubles

test("a film that cannot be decoded is given up after a few attempts, a broken connection never", () => {
  const rows = [[4, 1, "broken"], [4, 2, "broken"], [4, 3, "unplayable"], [3, 3, "unplayable"], [3, 9, "unplayable"], [2, 9, "broken"], [1, 9, "broken"]];
  for (const [code, failures, named] of rows) assert.equal(brokenBy(code, failures).code, named, `${code} for the ${failures}th time`);
});

test("what failed is asked for again soon, what was refused seldom, what cannot be played not at all", () => {
  const rows = [
    [{ code: "broken" }, 4000, false], [{ code: "unreachable", isPassing: true }, 4000, false], [{ code: "busy", isPassing: true, retryAfter: 9 }, 9000, false],
    [{ code: "not_found", isPassing: false }, 15_000, true], [{ code: "not_joined", isPassing: false }, 15_000, true], [{ code: "unplayable" }, null, false],
  ];
  for (const [problem, wait, refused] of rows) assert.deepEqual([nextAttempt(problem), isRefusal(problem)], [wait, refused], problem.code);
  assert.equal(isRefusal(null), false);
});

// MARK: Subtitles

test("the subtitles that were chosen stay, and are followed from film to film", () => {
  const tracks = [{ id: "1", language: "zh-Hant" }, { id: "2", language: "fr" }, { id: "3", language: "en-GB" }, { id: "4" }];
  const rows = [
    ["none", null, null], ["the same", { id: "2", language: "fr" }, "2"], ["the same, of no language", { id: "4" }, "4"],
    ["another of that language", { id: "9", language: "zh" }, "1"], ["of the page's language", { id: "9", language: "ru" }, "3"],
  ];
  for (const [name, wish, id] of rows) assert.equal(wishedOf(tracks, wish, "en")?.id ?? null, id, name);
  assert.equal(wishedOf(tracks, { id: "9" }, "de").id, "1");
  assert.equal(wishedOf([], { id: "9" }, "en"), null);
});
