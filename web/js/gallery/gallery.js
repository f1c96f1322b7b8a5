import { Arrivals } from "./arrivals.js";
import { backoff } from "../lumiere/backoff.js";
import { byId, pause, setText } from "../ui/dom.js";
import { EntryForm } from "./entryform.js";
import { farewell } from "./farewell.js";
import { Feed } from "./feed.js";
import { counted } from "../ui/format.js";
import { Grid } from "./grid.js";
import { Header } from "./header.js";
import { Lightbox } from "./lightbox.js";
import { Live } from "../lumiere/live.js";
import { Pass } from "../lumiere/pass.js";
import { insistently, Reader } from "./reader.js";

/** The gallery of one session: brings the list, the live events and the page together. */
class Gallery {
  #feed = new Feed();
  #header = new Header();
  #arrivals = new Arrivals();
  #pill = byId("pill");
  #pass;
  #reader;
  #grid;
  #lightbox;
  #live;
  #isLoaded = false;
  /** In a row, without getting in. */
  #renewals = 0;
  #onLost;

  /** @param {(problem: Problem) => void} onLost called when the way in is closed for good */
  constructor(pass, onLost) {
    this.#pass = pass;
    this.#onLost = (problem) => {
      this.#live.stop();
      onLost(problem);
    };
    this.#reader = new Reader(this.#feed, pass);
    this.#grid = new Grid(byId("grid"), pass, (id) => this.#lightbox.open(id));
    this.#lightbox = new Lightbox(this.#feed, this.#grid, pass, {
      onNearEnd: () => this.#readOn(),
      // What does not come is asked for when somebody looks again.
      complete: (id) => this.#reader.complete(id).catch(() => undefined),
    });
    pass.onRenewed = () => this.#grid.signAnew();
    this.#live = new Live(pass, pass.sessionId, {
      event: (message) => this.#happened(message),
      joined: (facts) => this.#joined(facts),
      phase: (phase) => this.#phaseChanged(phase),
      refused: () => this.#renew(),
      dismissed: (ending) => this.#header.showFarewell(farewell(ending)),
    });
  }

  start() {
    this.#header.showSession(this.#pass.session);
    byId("gallery").hidden = false;
    this.#pill.addEventListener("click", () => this.#grid.scrollToStart());
    byId("reconnect").addEventListener("click", () => this.#live.start());
    addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const nearEnd = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#readOn(), { rootMargin: "1200px" });
    nearEnd.observe(byId("end"));
    this.#live.start();
  }

  // MARK: Connection

  #joined({ recovered, guests }) {
    this.#renewals = 0;
    this.#header.showGuests(guests);
    if (!recovered || !this.#isLoaded) this.#reread();
  }

  #phaseChanged(phase) {
    this.#header.showPhase(phase);
    // Without a live connection there are still photos to look at.
    if ((phase === "waiting" || phase === "dismissed") && !this.#isLoaded) this.#reread();
  }

  /** The pass has run out or was withdrawn: the code may still be good for a new one. */
  async #renew() {
    // Should new passes be refused as well, do not ask for more and more of them.
    if (this.#renewals > 0) await pause(backoff(this.#renewals));
    this.#renewals += 1;
    try {
      await insistently(() => this.#pass.renew());
      this.#live.start();
    } catch (problem) {
      this.#onLost(problem);
    }
  }

  // MARK: List

  async #reread() {
    try {
      const session = await this.#reader.reread();
      if (!session) return;
      this.#isLoaded = true;
      this.#header.showSession(session);
      this.#show();
    } catch (problem) {
      this.#onLost(problem);
    }
  }

  async #readOn() {
    // A page that does not come is asked for again by the next scroll.
    if (await this.#reader.more().catch(() => false)) this.#show();
  }

  // MARK: Events

  #happened({ type, data }) {
    switch (type) {
      case "user_joined": case "user_left": return this.#header.showGuests(data.count);
      case "upload_progress": return this.#arrivals.progressed(data);
      case "new_photo": case "photo_status_updated": return this.#reader.inTurn(() => this.#put(data));
      case "photo_deleted": return this.#reader.inTurn(() => this.#remove(data.photoId));
    }
  }

  #put(photo) {
    const isNew = !this.#feed.knows(photo.id);
    this.#arrivals.done(photo.id);
    this.#change(() => this.#feed.put({ ...photo, isExcerpt: true }, this.#grid.isScrolledAway));
    if (isNew && this.#feed.knows(photo.id)) this.#header.setPhotoCount(this.#header.photoCount + 1);
  }

  #remove(id) {
    if (this.#feed.knows(id) || this.#feed.hasMore) this.#header.setPhotoCount(this.#header.photoCount - 1);
    this.#change(() => this.#feed.remove(id));
  }

  #change(act) {
    const index = this.#lightbox.index;
    act();
    this.#show({ glide: true });
    this.#lightbox.refresh(index);
  }

  // MARK: Page

  #show(manner) {
    this.#grid.show(this.#feed.photos, manner);
    byId("empty").hidden = !this.#isLoaded || this.#feed.photos.length > 0;
    byId("loading").hidden = this.#isLoaded && !this.#feed.hasMore;
    this.#showPill();
  }

  #showPill() {
    const count = this.#feed.heldCount;
    this.#pill.classList.toggle("is-shown", count > 0);
    this.#pill.inert = count === 0;
    if (count > 0) setText(byId("pill-text"), counted(count, "new photo"));
  }

  #scrolled() {
    if (this.#feed.heldCount === 0 || this.#grid.isScrolledAway) return;
    this.#change(() => this.#feed.release());
  }
}

const reasons = {
  wrong_code: "That code does not open a gallery. Check it and try again.",
  wrong_password: "That is not the password. Try again.",
  link_expired: "This link has expired. Ask for another one, or enter an access code.",
  link_used_up: "This link has been used as often as it may be. Ask for another one, or enter an access code.",
  too_many_requests: "Too many attempts. Wait a moment, then try again.",
};

/**
 * What the path names: the code in `/gallery/{code}`, or the token of a link in `/s/{token}`. What is not properly encoded is
 * neither, and the server will say so.
 */
function doorInPath() {
  const [, kind, rest = ""] = location.pathname.split("/");
  let text = rest;
  try {
    text = decodeURIComponent(rest);
  } catch {}
  return kind === "s" ? { link: text } : { code: text };
}

async function main() {
  const door = doorInPath();
  const form = new EntryForm();
  const pass = new Pass(door);
  let isRunning = false;
  const turnAway = (problem) => {
    const wantsPassword = ["password_required", "wrong_password"].includes(problem.code);
    // The password has changed meanwhile: the page begins anew at the door.
    if (wantsPassword && isRunning) return location.reload();
    byId("gallery").hidden = true;
    byId("greeting").hidden = true;
    byId("door").hidden = false;
    const reason = reasons[problem.code] ?? problem.message;
    if (!wantsPassword) return form.ask(reason, door.code);
    form.askPassword(problem.code === "wrong_password" ? reason : "", (password) => {
      pass.password = password;
      open();
    });
  };
  const open = async () => {
    byId("door").hidden = true;
    byId("greeting").hidden = false;
    try {
      await insistently(() => pass.enter(), (problem) => setText(byId("greeting-text"), problem.message));
      byId("greeting").hidden = true;
      isRunning = true;
      new Gallery(pass, turnAway).start();
    } catch (problem) {
      turnAway(problem);
    }
  };
  await open();
}

main();
