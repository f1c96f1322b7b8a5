import { prefersStillness } from "../ui/dom.js";
import { justify } from "./justify.js";
import { aspect } from "./photo.js";
import { Tile } from "./tile.js";

/** How long the move of tiles takes; the style sheet uses the same time. */
const glideTime = 600;

/** The justified rows. Shows the list it is given and keeps what the reader looks at where it is. */
export class Grid {
  #node;
  #pass;
  #open;
  #tiles = new Map();
  #photos = [];
  #width = 0;
  #glideEnd;

  /**
   * @param {HTMLElement} node the list
   * @param {Pass} pass
   * @param {(id: string) => void} open called for a chosen photo
   */
  constructor(node, pass, open) {
    this.#node = node;
    this.#pass = pass;
    this.#open = open;
    new ResizeObserver(() => this.#resized()).observe(node);
  }

  tile(id) {
    return this.#tiles.get(id);
  }

  /** Whether the reader has left the newest photos behind. */
  get isScrolledAway() {
    return this.#node.getBoundingClientRect().top < 0;
  }

  scrollToStart() {
    const top = this.#node.getBoundingClientRect().top + scrollY - 96;
    scrollTo({ top: Math.max(0, top), behavior: prefersStillness() ? "instant" : "smooth" });
  }

  /** Brings a photo's tile into view if it is not, and focuses it. */
  reveal(id) {
    const tile = this.#tiles.get(id);
    tile?.node.scrollIntoView({ block: "nearest", behavior: "instant" });
    tile?.focus();
  }

  /**
   * @param {object[]} photos in order
   * @param {{glide?: boolean}} [manner] `glide`: new ones appear and the others make room in one soft movement
   */
  show(photos, { glide = false } = {}) {
    this.#photos = photos;
    // Further down the page moves along with the tiles, so that nothing seems to: a glide would show that.
    if (glide && !this.isScrolledAway && !prefersStillness()) this.#beginGlide();
    this.#keepingPlace(() => {
      const fresh = this.#reconcile();
      this.#layOut();
      if (glide) for (const tile of fresh) tile.node.classList.add("is-new");
    });
  }

  /** The pass has a new token: pictures still to come need it. */
  signAnew() {
    for (const tile of this.#tiles.values()) tile.signAnew();
  }

  // MARK: Tiles

  /** Makes the list items match the photos, in the same order. Returns the new tiles. */
  #reconcile() {
    const wanted = new Set(this.#photos.map((photo) => photo.id));
    for (const [id, tile] of this.#tiles) {
      if (!wanted.has(id)) this.#drop(id, tile);
    }
    const fresh = [];
    let place = this.#node.firstElementChild;
    for (const photo of this.#photos) {
      let tile = this.#tiles.get(photo.id);
      if (tile) tile.show(photo);
      else fresh.push((tile = this.#add(photo)));
      if (tile.node === place) place = place.nextElementSibling;
      else this.#node.insertBefore(tile.node, place);
    }
    return fresh;
  }

  #add(photo) {
    const tile = new Tile(photo, this.#pass, this.#open);
    this.#tiles.set(photo.id, tile);
    return tile;
  }

  #drop(id, tile) {
    this.#tiles.delete(id);
    tile.node.remove();
  }

  // MARK: Places

  #resized() {
    const width = this.#node.clientWidth;
    if (width === this.#width) return;
    this.#keepingPlace(() => this.#layOut());
  }

  #layOut() {
    this.#width = this.#node.clientWidth;
    if (this.#width === 0) return;
    const { boxes, height } = justify(this.#photos.map(aspect), frame(this.#width));
    this.#photos.forEach((photo, index) => this.#tiles.get(photo.id).place(boxes[index]));
    this.#node.style.height = `${height}px`;
  }

  /** Whatever `change` does above, the first tile in view stays where it is on the screen. */
  #keepingPlace(change) {
    const top = -this.#node.getBoundingClientRect().top;
    const anchor = top > 0 ? this.#photos.map(({ id }) => this.#tiles.get(id)).find((tile) => tile?.box?.y >= top) : null;
    const before = anchor?.box.y;
    change();
    if (anchor && this.#tiles.get(anchor.photo.id) === anchor) {
      scrollBy({ top: anchor.box.y - before, behavior: "instant" });
    }
  }

  #beginGlide() {
    this.#node.classList.add("is-gliding");
    clearTimeout(this.#glideEnd);
    this.#glideEnd = setTimeout(() => this.#node.classList.remove("is-gliding"), glideTime);
  }
}

/** Rows about a quarter of the width high, between what a thumb can hit and what an eye can take in. */
function frame(width) {
  const height = Math.min(300, Math.max(150, width / 4.6));
  return { width, height, gap: width < 700 ? 4 : 8 };
}
