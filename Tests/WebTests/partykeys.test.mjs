import assert from "node:assert/strict";
import test from "node:test";
import { actionOf } from "../../web/js/party/keys.js";

/** An element that is what these selectors name, as far as keys ask. */
const nodeOf = (...names) => ({ closest: (selector) => selector.split(",").some((one) => names.includes(one.trim())) || null });
const [body, slider] = [nodeOf(), nodeOf("input")];

test("keys mean the same anywhere on the page, but in fields, menus and dialogs", () => {
  const rows = [
    [" ", body, "toggle"], ["K", body, "toggle"], ["ArrowLeft", body, "back"], ["n", body, "next"], ["x", body, undefined],
    [" ", nodeOf("textarea"), undefined], ["k", nodeOf("input", "input:not([type=range])"), undefined],
    ["k", nodeOf("dialog"), undefined], [" ", nodeOf("button"), undefined], ["m", nodeOf("button"), "mute"],
    ["ArrowLeft", nodeOf("[role=tablist]"), undefined],
  ];
  for (const [key, target, action] of rows) assert.equal(actionOf({ key, target }), action, key);
  assert.equal(actionOf({ key: "k", target: body, ctrlKey: true }), undefined);
});

test("a slider that was let go of keeps only the keys that move it", () => {
  for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]) {
    assert.equal(actionOf({ key, target: slider }), undefined, key);
  }
  assert.deepEqual([" ", "j", "m", "?"].map((key) => actionOf({ key, target: slider })), ["toggle", "farBack", "mute", "help"]);
});
