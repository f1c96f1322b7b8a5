import { byId, setText } from "../ui/dom.js";
import { showFacts } from "./facts.js";
import { followSwipes } from "./gestures.js";
import { Stage } from "./stage.js";

/**
 * One photo, large. A modal dialog: the browser keeps the focus inside and closes it on Escape.
 *
 * The photo's id stands in the URL's fragment, so the back button closes the lightbox, as phones expect.
 */
export class Lightbox {
  #dialog = byId("lightbox");
  #next = byId("next");
  #previous = byId("previous");
  #download = byId("download");
  #infoButton = byId("info");
  #facts = byId("facts");
  #feed;
  #grid;
  #pass;
  #stage;
  #onNearEnd;
  #complete;
  #id = null;

  /**
   * @param {{onNearEnd(), complete(id)}} hooks called when the reader comes near the last loaded photo, and for what an
   *   event did not tell of a photo: gives a promise of all of it, or of nothing
   */
  constructor(feed, grid, pass, { onNearEnd, complete }) {
    this.#feed = feed;
    this.#grid = grid;
    this.#pass = pass;
    this.#onNearEnd = onNearEnd;
    this.#complete = complete;
    this.#stage = new Stage(byId("stage"), pass);
    this.#listen();
  }

  open(id) {
    const photo = this.#feed.get(id);
    if (!photo) return;
    history.pushState({ lightbox: true }, "", `#${id}`);
    this.#dialog.showModal();
    this.#show(photo, { play: true });
  }

  /** The feed has changed: show the photo's newer state; when it is gone, a neighbour. */
  refresh(formerIndex) {
    if (!this.#id) return;
    const photo = this.#feed.get(this.#id);
    if (photo) {
      this.#stage.update(photo);
      return this.#describe(photo);
    }
    const { photos } = this.#feed;
    const neighbour = photos[Math.min(formerIndex, photos.length - 1)];
    if (neighbour) this.#show(neighbour);
    else this.#dialog.close();
  }

  /** Where the shown photo stands in the feed; -1 when the lightbox is closed. */
  get index() {
    return this.#id ? this.#feed.indexOf(this.#id) : -1;
  }

  #listen() {
    this.#next.addEventListener("click", () => this.#step(1));
    this.#previous.addEventListener("click", () => this.#step(-1));
    byId("close").addEventListener("click", () => this.#dialog.close());
    this.#infoButton.addEventListener("click", () => this.#toggleFacts());
    this.#dialog.addEventListener("keydown", (event) => this.#pressed(event));
    this.#dialog.addEventListener("close", () => this.#closed());
    addEventListener("popstate", () => this.#dialog.open && this.#dialog.close());
    const area = byId("stage-area");
    // A click beside the picture means "away"; the arrows and the picture itself are no part of that.
    area.addEventListener("click", (event) => event.target.dataset.closes !== undefined && this.#dialog.close());
    followSwipes(area, byId("stage"), {
      left: () => this.#step(1), right: () => this.#step(-1), down: () => this.#dialog.close(),
    });
  }

  #pressed(event) {
    // A focused video uses the arrows to seek.
    if (event.target instanceof HTMLVideoElement || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowRight") this.#step(1);
    else if (event.key === "ArrowLeft") this.#step(-1);
    else if (event.key === "i") this.#toggleFacts();
    else return;
    event.preventDefault();
  }

  #step(step) {
    const photo = this.#feed.neighbour(this.#id, step);
    if (photo) this.#show(photo, { from: step });
  }

  #show(photo, manner = {}) {
    this.#id = photo.id;
    history.replaceState(history.state, "", `#${photo.id}`);
    this.#stage.show(photo, { ...manner, first: this.#grid.tile(photo.id)?.shownSource });
    this.#describe(photo);
    this.#stage.prepare([this.#feed.neighbour(photo.id, 1), this.#feed.neighbour(photo.id, -1)]);
    if (this.index > this.#feed.photos.length - 8) this.#onNearEnd();
  }

  #describe(photo) {
    const index = this.index;
    setText(byId("place"), `${index + 1} / ${this.#feed.photos.length}${this.#feed.hasMore ? "+" : ""}`);
    this.#previous.disabled = index === 0;
    this.#next.disabled = index === this.#feed.photos.length - 1;
    showFacts(byId("fact-list"), photo);
    if (photo.isExcerpt) this.#describeFully(photo.id);
    this.#download.hidden = !photo.original;
    if (!photo.original) return;
    this.#download.href = this.#pass.sign(photo.original.url);
    this.#download.download = photo.filename ?? "";
  }

  async #describeFully(id) {
    const photo = await this.#complete(id);
    if (photo && id === this.#id) this.#describe(photo);
  }

  #toggleFacts() {
    this.#facts.hidden = !this.#facts.hidden;
    this.#infoButton.setAttribute("aria-expanded", String(!this.#facts.hidden));
  }

  #closed() {
    const id = this.#id;
    this.#id = null;
    this.#stage.clear();
    // Closed by the back button, the entry is gone already.
    if (history.state?.lightbox) history.back();
    if (id) this.#grid.reveal(id);
  }
}
