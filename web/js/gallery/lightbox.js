import { byId, setText } from "../ui/dom.js";
import { hearKeys, keyName } from "../ui/keys.js";
import { language, t } from "../ui/messages.js";
import { Acts } from "./acts.js";
import { Gestures } from "./gestures.js";
import { grow } from "./growth.js";
import { icon } from "./icons.js";
import { Panel } from "./panel.js";
import { Stage } from "./stage.js";
import { isZoomed, whole } from "./zoom.js";

/** Milliseconds. */
const addressAfter = 250;

/** Photos that may have come before the one that is looked at while nobody told. */
const spare = 100;

/**
 * One photo, large. A modal dialog: the browser keeps the focus inside and closes it on Escape.
 *
 * The photo's id stands in the URL's fragment, so the back button closes the lightbox, as phones expect.
 */
export class Lightbox {
  #dialog = byId("lightbox");
  #next = byId("next");
  #previous = byId("previous");
  #feed;
  #grid;
  #visit;
  #stage;
  #acts;
  #panel;
  #id = null;
  /** Where it stood in the list when that was looked at last; -1 when it was not there. */
  #index = -1;
  #addressDue;
  /** The one that was seen last. */
  #seen = null;
  /** A photo that the list does not hold (yet, or any more): somebody came by a link to it, or the list was cut. */
  #alone = null;

  /**
   * @param {Visit} visit what is asked for from here: `sign`, `complete`, `readOn`, and what the acts need
   */
  constructor(feed, grid, visit) {
    [this.#feed, this.#grid, this.#visit] = [feed, grid, visit];
    this.#stage = new Stage(byId("stage"), (url) => visit.sign(url));
    this.#panel = new Panel(visit, () => this.#acts.show(this.photo));
    this.#acts = new Acts(byId("acts"), visit, this.#panel, { advance: () => this.#step(1) });
    this.#listen();
  }

  get isOpen() {
    return this.#dialog.open;
  }

  get photo() {
    return this.#id ? this.#feed.get(this.#id) ?? this.#alone : null;
  }

  /** @param {object} photo one of the feed, or another one of the session */
  open(photo) {
    if (this.isOpen) return;
    this.#alone = photo;
    const tile = () => this.#grid.tile(photo.id)?.node;
    grow(tile, () => this.#stage.slide?.picture, () => this.#begin(photo));
  }

  #begin(photo) {
    if (this.isOpen) return;
    if (location.hash !== `#${photo.id}`) history.pushState({ lightbox: true }, "", `#${photo.id}`);
    this.#dialog.showModal();
    this.#show(photo, { play: true });
  }

  close() {
    const tile = () => this.#grid.tile(this.#seen)?.node;
    this.#seen = this.#id;
    grow(() => this.#stage.slide?.picture, tile, () => this.#dialog.close());
  }

  /** The feed has changed: show the photo's newer state; when it is gone, a neighbour. */
  refresh() {
    if (!this.#id) return;
    const photo = this.#feed.get(this.#id);
    if (photo) {
      this.#stage.update(photo);
      return this.#describe(photo);
    }
    if (this.#index >= 0) this.#goOn(this.#index);
  }

  /** Somebody has marked a photo that the list does not hold. */
  marked(id, marks) {
    if (id !== this.#alone?.id) return;
    this.#alone = { ...this.#alone, ...marks };
    if (id === this.#id) this.#describe(this.photo);
  }

  /** The list was read anew: what it does not hold any more may stand further down than it was read, or have gone. */
  async #reread() {
    const [id, index] = [this.#id, this.#index];
    if (!id || this.#feed.get(id)) return this.refresh();
    this.#describe(this.photo);
    if (await this.#visit.isGone(id)) return void (id === this.#id && this.#goOn(index));
    // Only so much is read anew at once: the rest up to here is, too, or it would have no neighbours.
    if (index >= 0) await this.#visit.all(index + spare).catch(() => []);
    if (id === this.#id) this.refresh();
  }

  /** To the photo that has come into the place of one that has gone. */
  #goOn(index) {
    const { photos } = this.#feed;
    const neighbour = index < 0 ? undefined : photos[Math.min(index, photos.length - 1)];
    if (neighbour) this.#show(neighbour);
    else this.close();
  }

  happened(message) {
    this.#panel.happened(message);
  }

  joined(recovered) {
    this.#panel.joined(recovered);
  }

  /** The photo has gone for good: one that the list does not hold leaves no neighbours. */
  dropped(id) {
    if (id === this.#id && !this.#feed.get(id)) this.close();
  }

  #listen() {
    this.#next.append(icon("next"));
    this.#previous.append(icon("back"));
    byId("close").append(icon("close"));
    this.#next.addEventListener("click", () => this.#step(1));
    this.#previous.addEventListener("click", () => this.#step(-1));
    byId("close").addEventListener("click", () => this.close());
    hearKeys(this.#dialog, (event) => this.#pressed(event));
    this.#dialog.addEventListener("cancel", (event) => this.#cancelled(event));
    this.#dialog.addEventListener("close", () => this.#closed());
    document.addEventListener("reread", () => this.#reread());
    addEventListener("popstate", () => this.#dialog.open && this.close());
    new Gestures(byId("stage-area"), this.#stage, {
      along: (step, speed) => this.#step(step, speed), down: () => this.close(), tap: (event, target) => this.#tapped(event, target),
    });
  }

  /** Escape goes one step back: out of the zoom, then out of the panel, then out of the photo. */
  #cancelled(event) {
    if (event.target !== this.#dialog) return;
    const isZoom = isZoomed(this.#stage.zoom);
    if (!isZoom && !this.#panel.isOpen) return;
    event.preventDefault();
    if (isZoom) this.#stage.setZoom(whole, { isSoft: true });
    else this.#panel.close();
  }

  /** Beside the picture means "away" for a mouse; a finger's tap shows nothing but the picture, and everything again. */
  #tapped(event, target) {
    if (target.closest(".film")) return this.#stage.slide?.tapped();
    if (event.pointerType === "mouse") return target.closest(".slide-media") ? undefined : this.close();
    this.#dialog.classList.toggle("is-bare");
  }

  #pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input:not([type=range]), textarea, select, [role=menu]")) return;
    if (this.#stage.slide?.pressed(event)) return event.target.type === "range" ? undefined : event.preventDefault();
    const isMirrored = this.#stage.isMirrored;
    if (event.key === "ArrowRight") this.#step(isMirrored ? -1 : 1);
    else if (event.key === "ArrowLeft") this.#step(isMirrored ? 1 : -1);
    else if (!this.#acts.pressed(keyName(event))) return;
    event.preventDefault();
  }

  /** @returns {boolean} whether there was one */
  #step(step, speed = 0) {
    const photo = this.#feed.neighbour(this.#id, step);
    if (photo) this.#show(photo, { from: step, speed });
    return Boolean(photo);
  }

  #show(photo, manner = {}) {
    const [before, after] = [this.#feed.neighbour(photo.id, -1), this.#feed.neighbour(photo.id, 1)];
    this.#id = photo.id;
    this.#alone = photo;
    this.#writeAddress();
    this.#stage.show(photo, { ...manner, before, after, first: this.#grid.tile(photo.id)?.shownSource });
    this.#describe(photo);
    if (this.#index > this.#feed.photos.length - 12) this.#visit.readOn();
  }

  /** Browsers refuse an address that changes many times a second: it is written when the reader rests. */
  #writeAddress() {
    clearTimeout(this.#addressDue);
    this.#addressDue = setTimeout(() => history.replaceState(history.state, "", `#${this.#id}`), addressAfter);
  }

  #describe(photo) {
    const index = (this.#index = this.#feed.indexOf(photo.id));
    const numbers = new Intl.NumberFormat(language());
    setText(byId("place"), index < 0 ? "" : t("gallery.place", { place: numbers.format(index + 1), total: numbers.format(this.#feed.total) }));
    this.#offer(this.#previous, this.#feed.neighbour(photo.id, -1), this.#next);
    this.#offer(this.#next, this.#feed.neighbour(photo.id, 1), this.#previous);
    const words = [photo.title, photo.caption].filter(Boolean).join(" — ");
    byId("caption").hidden = !words;
    setText(byId("caption"), words);
    this.#acts.show(photo);
    this.#panel.show(photo);
    if (photo.isExcerpt) this.#describeFully(photo.id);
  }

  /** A button that leads nowhere cannot keep the focus: some browsers would send it no keys any more. */
  #offer(button, neighbour, other) {
    const hasFocus = button === document.activeElement;
    button.disabled = !neighbour;
    if (hasFocus && !neighbour) (other.disabled ? byId("close") : other).focus();
  }

  async #describeFully(id) {
    const photo = await this.#visit.complete(id);
    if (photo && id === this.#id) this.#describe(photo);
  }

  #closed() {
    const id = this.#id;
    this.#id = null;
    clearTimeout(this.#addressDue);
    this.#stage.clear();
    this.#dialog.classList.remove("is-bare", "is-zoomed");
    this.#dialog.style.removeProperty("--shown");
    // Closed by the back button, the entry is gone already.
    if (history.state?.lightbox) history.back();
    else if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
    if (id) this.#grid.reveal(id);
  }
}
