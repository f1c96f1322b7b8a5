import { element, prefersStillness } from "../ui/dom.js";
import { itemsWithin, neighbour } from "../ui/windowing.js";
import { frame, justify } from "./justify.js";
import { aspect } from "./photo.js";
import { put, Tile } from "./tile.js";

/** How long the move of tiles takes; the style sheet uses the same time. */
const glideTime = 600;

/** How many windows above and below what is seen have tiles. */
const margin = 0.9;

/** Part of a window that goes by within a frame: faster than this, nobody sees more than colours. */
const skim = 0.35;

/** Milliseconds of rest after which the colours become pictures. */
const rest = 110;

/** The shape of what is not known yet: that of most photos. */
const usual = 3 / 2;

/**
 * The justified rows. Shows the list it is given, keeps what the reader looks at where it is, and has tiles only for what is
 * near the window: the rest is a number of pixels.
 */
export class Grid {
  #node;
  #host;
  #tiles = new Map();
  #ghosts = new Map();
  #headings = new Map();
  #photos = [];
  #places = new Map();
  #total = 0;
  #sections = [];
  #page = { boxes: [], rows: [], headings: [], height: 0 };
  #size = { width: 0, height: 0 };
  #current = null;
  #isDue = false;
  #isMirrored = false;
  #top = 0;
  /** The stretch that has tiles, as long as nothing else has changed. */
  #stretch = null;
  #isSkimming = false;
  #calm;
  #glideEnd;

  /**
   * @param {HTMLElement} node the list
   * @param {{sign(url), open(id), near(index), isChosen(id), isChoosing: boolean, label(photo)}} host what tiles ask and tell;
   *   `near`: the reader comes near what is not loaded
   */
  constructor(node, host) {
    this.#node = node;
    this.#host = host;
    new ResizeObserver(() => this.#resized()).observe(node);
    addEventListener("scroll", () => this.#renderSoon(), { passive: true });
    addEventListener("resize", () => this.#renderSoon());
    node.addEventListener("keydown", (event) => this.#pressed(event));
    node.addEventListener("animationend", ({ animationName, target }) => animationName === "glow" && target.classList.remove("is-new"));
    node.addEventListener("pointerover", (event) => this.#tiles.get(event.target.closest(".tile")?.dataset.id)?.offerMarks());
    node.addEventListener("focusin", (event) => this.#focused(event));
  }

  tile(id) {
    return this.#tiles.get(id);
  }

  /** Whether the reader has left the newest photos behind. */
  get isScrolledAway() {
    return this.#node.getBoundingClientRect().top < -8;
  }

  scrollToStart() {
    const top = this.#node.getBoundingClientRect().top + scrollY - 112;
    scrollTo({ top: Math.max(0, top), behavior: prefersStillness() ? "instant" : "smooth" });
  }

  /** Brings a photo's tile into view if it is not, and focuses it. */
  reveal(id) {
    const box = this.#page.boxes[this.#places.get(id)];
    if (!box) return;
    this.#current = id;
    const { top } = this.#node.getBoundingClientRect();
    const [above, below] = [top + box.y - 120, top + box.y + box.height + 24 - innerHeight];
    const move = above < 0 ? above : below > 0 ? below : 0;
    if (move !== 0) scrollBy({ top: move, behavior: "instant" });
    this.#render();
    this.#tiles.get(id)?.focus();
  }

  /**
   * @param {object[]} photos in order
   * @param {{total?: number, sections?: {index: number, label: string}[], glide?: boolean, isOther?: boolean}} [manner]
   *   `total`: how many there will be when all are loaded; `glide`: new ones appear and the others make room in one soft
   *   movement; `isOther`: this list has nothing to do with the one before
   */
  show(photos, { total = photos.length, sections = [], glide = false, isOther = false } = {}) {
    const former = this.#places;
    // Further down the page moves along with the tiles, so that nothing seems to: a glide would show that.
    if (glide && !this.isScrolledAway && !prefersStillness()) this.#beginGlide();
    const keep = isOther ? (act) => act() : (act) => this.#keepingPlace(act);
    keep(() => {
      [this.#photos, this.#total, this.#sections] = [photos, total, sections];
      this.#places = new Map(photos.map((photo, index) => [photo.id, index]));
      this.#layOut();
    });
    this.#render();
    if (glide) this.#tiles.forEach((tile, id) => former.has(id) || tile.node.classList.add("is-new"));
  }

  /** What is chosen, or whether anything can be, has changed. */
  refresh() {
    for (const tile of this.#tiles.values()) tile.refresh();
  }

  /** The pass has a new token: pictures still to come need it. */
  signAnew() {
    for (const tile of this.#tiles.values()) tile.signAnew();
  }

  // MARK: Tiles

  #renderSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#render();
    });
  }

  /** Makes the tiles match the part of the list that is near the window, in the same order. */
  #render() {
    if (this.#size.width === 0) return;
    // All that is asked of the page comes before all that is written into it: in turns, each would cost a layout.
    const top = -this.#node.getBoundingClientRect().top;
    this.#pace(Math.abs(top - this.#top));
    this.#top = top;
    const room = innerHeight * (this.#isSkimming ? margin / 4 : margin);
    const [from, to] = itemsWithin(this.#page.rows, this.#top - room, this.#top + innerHeight + room);
    const stretch = `${from} ${to}`;
    if (stretch === this.#stretch) return;
    this.#stretch = stretch;
    const wanted = this.#wanted(from, to);
    this.#drop(wanted);
    let place = this.#node.firstElementChild;
    for (const index of wanted) {
      const { node } = this.#item(index);
      if (node === place) place = place.nextElementSibling;
      else this.#node.insertBefore(node, place);
    }
    this.#showHeadings(from, to);
    this.#letInByTab(wanted);
    if (to > this.#photos.length - 20) this.#host.near(to);
  }

  #pace(distance) {
    this.#isSkimming = distance > innerHeight * skim && this.#tiles.size > 0;
    if (!this.#isSkimming) return;
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => {
      this.#stretch = null;
      this.#render();
    }, rest);
  }

  /** The numbers of all that need a tile: also what has the focus, wherever it is. */
  #wanted(from, to) {
    const wanted = Array.from({ length: to - from }, (_, at) => from + at);
    const focused = this.#places.get(document.activeElement?.closest?.(".tile")?.dataset.id);
    if (focused < from) wanted.unshift(focused);
    if (focused >= to) wanted.push(focused);
    return wanted;
  }

  #drop(wanted) {
    const photos = new Set(wanted.map((index) => this.#photos[index]?.id));
    const ghosts = new Set(wanted.filter((index) => index >= this.#photos.length));
    for (const [id, tile] of this.#tiles) if (!photos.has(id)) this.#remove(this.#tiles, id, tile.node);
    for (const [index, ghost] of this.#ghosts) if (!ghosts.has(index)) this.#remove(this.#ghosts, index, ghost.node);
  }

  #remove(map, key, node) {
    map.delete(key);
    node.remove();
  }

  #item(index) {
    return index < this.#photos.length ? this.#tileAt(index) : this.#ghostAt(index);
  }

  #tileAt(index) {
    const photo = this.#photos[index];
    let tile = this.#tiles.get(photo.id);
    if (!tile) this.#tiles.set(photo.id, (tile = new Tile(this.#host)));
    tile.place(this.#page.boxes[index], this.#isMirrored);
    tile.show(photo, this.#isSkimming);
    tile.stand(index + 1, this.#total);
    return tile;
  }

  /** Where a photo will be. */
  #ghostAt(index) {
    let ghost = this.#ghosts.get(index);
    if (!ghost) this.#ghosts.set(index, (ghost = { node: element("li", { class: "tile is-ghost", "aria-hidden": "true" }) }));
    put(ghost.node, this.#page.boxes[index], this.#isMirrored);
    return ghost;
  }

  #showHeadings(from, to) {
    const seen = this.#page.headings.map(({ index, y }, at) => ({ index, y, label: this.#sections[at]?.label ?? "" }))
      .filter(({ index }) => index >= from - 1 && index < to);
    const wanted = new Map(seen.map((heading) => [`${heading.index} ${heading.label}`, heading]));
    for (const [key, node] of this.#headings) if (!wanted.has(key)) this.#remove(this.#headings, key, node);
    for (const [key, { y, label }] of wanted) {
      const node = this.#headings.get(key) ?? element("li", { class: "section-title", "aria-hidden": "true" }, label);
      node.style.transform = `translateY(${y}px)`;
      this.#headings.set(key, node);
      if (!node.isConnected) this.#node.append(node);
    }
  }

  // MARK: Places

  #resized() {
    const { clientWidth: width } = this.#node;
    if (width === this.#size.width) return;
    this.#keepingPlace(() => this.#layOut());
    this.#render();
  }

  #layOut() {
    const width = this.#node.clientWidth;
    this.#size = { width };
    this.#stretch = null;
    this.#isMirrored = getComputedStyle(this.#node).direction === "rtl";
    if (width === 0) return;
    const aspects = this.#photos.map(aspect);
    while (aspects.length < this.#total) aspects.push(usual);
    this.#page = justify(aspects, frame(width), this.#sections.map(({ index }) => index));
    this.#node.style.height = `${this.#page.height}px`;
  }

  /** Whatever `change` does above, the first tile in view stays where it is on the screen. */
  #keepingPlace(change) {
    const top = -this.#node.getBoundingClientRect().top;
    const row = top > 0 ? this.#page.rows.find(({ y, height }) => y + height / 2 >= top) : undefined;
    if (!row) return change();
    const before = row.y;
    const id = this.#photos[row.from]?.id;
    change();
    // What is not loaded has no name: the same number must do.
    const place = id === undefined ? row.from : this.#places.get(id) ?? row.from;
    const after = this.#page.boxes[Math.min(place, this.#page.boxes.length - 1)];
    if (after && after.y !== before) scrollBy({ top: after.y - before, behavior: "instant" });
  }

  #beginGlide() {
    this.#node.classList.add("is-gliding");
    clearTimeout(this.#glideEnd);
    this.#glideEnd = setTimeout(() => this.#node.classList.remove("is-gliding"), glideTime);
  }

  // MARK: Keyboard: one stop for Tab, the arrows lead on

  #letInByTab(wanted) {
    const isHere = this.#tiles.has(this.#current);
    const stop = isHere ? this.#current : this.#firstSeen(wanted);
    for (const [id, tile] of this.#tiles) tile.letIn(id === stop);
  }

  #firstSeen(wanted) {
    const index = wanted.find((at) => this.#page.boxes[at]?.y >= this.#top + 90) ?? wanted[0];
    return this.#photos[index]?.id;
  }

  #focused(event) {
    const id = event.target.closest(".tile")?.dataset.id;
    if (!id || id === this.#current) return;
    this.#tiles.get(this.#current)?.letIn(false);
    this.#current = id;
    for (const [other, tile] of this.#tiles) tile.letIn(other === id);
  }

  #pressed(event) {
    const id = event.target.closest(".tile")?.dataset.id;
    if (!id || event.altKey || event.ctrlKey || event.metaKey || !keys.has(event.key)) return;
    event.preventDefault();
    const key = this.#isMirrored ? mirrored[event.key] ?? event.key : event.key;
    const next = neighbour(this.#page.rows, this.#page.boxes, this.#places.get(id), key);
    const photo = this.#photos[Math.min(next, this.#photos.length - 1)];
    if (photo) this.reveal(photo.id);
  }
}

const keys = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);
const mirrored = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };
