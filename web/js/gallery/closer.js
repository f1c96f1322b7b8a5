import { later } from "../lumiere/later.js";
import { byId } from "../ui/dom.js";
import { attempt } from "./errands.js";

/** Brings the lightbox when somebody is about to look closer, and hands on to it what happens once it is there. */
export class Closer {
  #visit;
  #feed;
  #grid;
  #lightbox = null;
  #comes;

  constructor(visit, feed, grid) {
    [this.#visit, this.#feed, this.#grid] = [visit, feed, grid];
    for (const name of ["pointerover", "pointerdown", "focusin"]) {
      byId("grid").addEventListener(name, () => this.#bring().catch(() => {}), { once: true, passive: true });
    }
  }

  open(photo) {
    return attempt(async () => (await this.#bring()).open(photo));
  }

  /** A photo that somebody names elsewhere: in the address, or in the chat. */
  async openById(id) {
    const photo = this.#feed.get(id) ?? (await this.#visit.pass.ask(`/api/photos/${id}`).catch(() => null));
    if (photo && !this.#lightbox?.isOpen) await this.open(photo);
  }

  openByAddress() {
    const id = location.hash.slice(1);
    if (/^[\da-f-]{36}$/.test(id)) this.openById(id);
  }

  close() {
    if (this.#lightbox?.isOpen) this.#lightbox.close();
  }

  refresh() {
    this.#lightbox?.refresh();
  }

  marked(id, marks) {
    this.#lightbox?.marked(id, marks);
  }

  dropped(id) {
    this.#lightbox?.dropped(id);
  }

  happened(message) {
    this.#lightbox?.happened(message);
  }

  joined(recovered) {
    this.#lightbox?.joined(recovered);
  }

  #bring() {
    const make = ({ Lightbox }) => (this.#lightbox = new Lightbox(this.#feed, this.#grid, this.#visit));
    this.#comes ??= later("./lightbox.js", import.meta.url).then(make);
    this.#comes.catch(() => (this.#comes = undefined));
    return this.#comes;
  }
}
