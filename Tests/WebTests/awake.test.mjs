import assert from "node:assert/strict";
import test from "node:test";
import { Awake } from "../../web/js/ui/awake.js";

/** A screen that can be kept on, as browsers have it. */
class Screen {
  locks = [];
  isRefusing = false;

  async request() {
    if (this.isRefusing) throw new Error("NotAllowedError");
    const lock = Object.assign(new EventTarget(), { released: false });
    lock.release = async () => {
      lock.released = true;
      lock.dispatchEvent(new Event("release"));
    };
    this.locks.push(lock);
    return lock;
  }

  get held() {
    return this.locks.filter(({ released }) => !released).length;
  }
}

class Page extends EventTarget {
  hidden = false;

  turn(hidden) {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("the screen stays on while it is wanted, also when the page comes back", async () => {
  const [screen, page] = [new Screen(), new Page()];
  const awake = new Awake(screen, page);
  awake.set(true), awake.set(true);
  await settled();
  assert.equal(screen.held, 1);
  screen.locks[0].release();
  page.turn(true);
  await settled();
  assert.equal(screen.held, 0);
  page.turn(false), page.turn(false);
  await settled();
  assert.equal(screen.held, 1);
  awake.set(false);
  page.turn(false);
  await settled();
  assert.equal(screen.held, 0);
});

test("what is refused is asked for again when the page is looked at", async () => {
  const [screen, page] = [new Screen(), new Page()];
  const awake = new Awake(screen, page);
  screen.isRefusing = true;
  awake.set(true);
  await settled();
  screen.isRefusing = false;
  page.turn(false);
  await settled();
  assert.equal(screen.held, 1);
});

test("what is not wanted any more when it comes is given back", async () => {
  const [screen, page] = [new Screen(), new Page()];
  const awake = new Awake(screen, page);
  awake.set(true), awake.set(false);
  await settled();
  assert.equal(screen.held, 0);
  awake.set(true);
  await settled();
  awake.set(false), awake.set(true);
  await settled();
  assert.equal(screen.held, 1);
});

test("browsers without it do without", () => new Awake(null, new Page()).set(true));
