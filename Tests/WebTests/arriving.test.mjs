import assert from "node:assert/strict";
import test from "node:test";
import { enterAs } from "../../web/js/party/naming.js";

/** A pass that notes what is done with it. @param {object} problems what is thrown by which of its acts */
function passOf(facts, problems = {}) {
  const done = [];
  const note = (name, ...more) => {
    done.push([name, ...more].join(" "));
    if (problems[name]) throw problems[name];
  };
  return {
    isInside: false, name: null, ...facts, done,
    async enter() { note("enter", this.name ?? ""); },
    async rename(name) { note("rename", name), (this.name = name); },
  };
}

test("what is typed at the door counts, also after an entry that failed or a way out", async () => {
  const rows = [
    ["for the first time", passOf({}), "Ann", ["enter Ann"], "Ann"], ["after an entry that failed", passOf({ name: "Ann" }), "Bea", ["enter Bea"], "Bea"],
    ["inside, the same", passOf({ isInside: true, name: "Ann" }), "Ann", ["enter Ann"], "Ann"],
    ["inside, another", passOf({ isInside: true, name: "Ann" }), "Bea", ["rename Bea", "enter Bea"], "Bea"],
    ["inside, without a word", passOf({ isInside: true, name: "Ann" }), undefined, ["enter Ann"], "Ann"],
  ];
  for (const [what, pass, name, done, called] of rows) {
    await enterAs(pass, name);
    assert.deepEqual([pass.done, pass.name], [done, called], what);
  }
});

test("what stands in the way is told, and the name stays as it was", async () => {
  const pass = passOf({ isInside: true, name: "Ann" }, { rename: Object.assign(new Error("full"), { status: 409 }) });
  await assert.rejects(enterAs(pass, "Bea"), { status: 409 });
  assert.deepEqual([pass.done, pass.name], [["rename Bea"], "Ann"]);
});
