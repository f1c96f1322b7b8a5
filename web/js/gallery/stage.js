import { prefersStillness } from "../ui/dom.js";
import { Slide } from "./slide.js";
import { isZoomed, moved, whole } from "./zoom.js";

/** Pixels between two photos of the strip. */
const gap = 28;

/** What is left of a push after a millisecond. */
const friction = 0.996;

/** The strip of the lightbox: the photo that is looked at, and its neighbours beside it, ready to be pulled in. */
export class Stage {
  #node;
  #sign;
  #slides = new Map();
  #current = null;
  #gliding;

  constructor(node, sign) {
    this.#node = node;
    this.#sign = sign;
    new ResizeObserver(() => this.#resized()).observe(node);
  }

  get zoom() {
    return this.#current?.zoom ?? whole;
  }

  get frame() {
    return this.#current.frame(this.#node);
  }

  get canZoom() {
    return Boolean(this.#current) && !this.#current.isFilm;
  }

  get isMirrored() {
    return getComputedStyle(this.#node).direction === "rtl";
  }

  get slide() {
    return this.#current;
  }

  /**
   * @param {object} photo
   * @param {{before?: object, after?: object, first?: string, from?: number, play?: boolean, speed?: number}} manner
   *   `first`: the URL of a picture that is there already; `from`: the side it comes from, -1 or 1
   */
  show(photo, { before, after, first, from = 0, play = false, speed = 0 } = {}) {
    if (this.#current?.photo.id !== photo.id) this.#current?.leave();
    const shown = [[before, -1], [photo, 0], [after, 1]].filter(([one]) => one);
    const wanted = new Set(shown.map(([{ id }]) => id));
    for (const [id, slide] of this.#slides) if (!wanted.has(id)) this.#drop(id, slide);
    for (const [one, place] of shown) this.#put(one, place, one === photo ? first : undefined);
    this.#current = this.#slides.get(photo.id);
    this.#current.enter({ play });
    this.#travel(from, speed);
  }

  /** The same photo in a newer state. */
  update(photo) {
    this.#slides.get(photo.id)?.update(photo);
  }

  clear() {
    cancelAnimationFrame(this.#gliding);
    for (const slide of this.#slides.values()) slide.remove();
    this.#slides.clear();
    this.#current = null;
    this.#node.style.transform = "";
  }

  // MARK: Movement

  hold() {
    cancelAnimationFrame(this.#gliding);
    this.#move("", 0);
  }

  drag(x, y) {
    // Beyond the ends there is nothing to come: it only gives way a little.
    const isEnd = y === 0 && !this.#hasNeighbour(x);
    const shrink = 1 - Math.min(0.25, Math.max(0, y) / 1200);
    this.#move(`translate(${isEnd ? x * 0.25 : x}px, ${Math.max(0, y)}px) scale(${shrink})`, 0);
    this.#node.closest("dialog").style.setProperty("--shown", 1 - Math.min(0.7, Math.max(0, y) / 500));
  }

  settle() {
    this.#node.closest("dialog").style.removeProperty("--shown");
    this.#move("", 260);
  }

  setZoom(zoom, { isSoft = false } = {}) {
    this.#node.classList.toggle("is-soft", isSoft && !prefersStillness());
    this.#node.closest("dialog").classList.toggle("is-zoomed", isZoomed(zoom));
    this.#current?.lie(zoom);
  }

  /** Lets a pushed picture slide on until it stops or its edge is reached. */
  glide({ x, y }) {
    let last = performance.now();
    const step = (now) => {
      const time = now - last;
      last = now;
      const before = this.zoom;
      this.setZoom(moved(before, x * time, y * time, this.frame));
      [x, y] = [x * friction ** time, y * friction ** time];
      const stands = this.zoom.x === before.x && this.zoom.y === before.y;
      if (!(stands && time > 0) && Math.hypot(x, y) > 0.02) this.#gliding = requestAnimationFrame(step);
    };
    if (!prefersStillness()) this.#gliding = requestAnimationFrame(step);
  }

  #hasNeighbour(x) {
    const wanted = (x < 0) === this.isMirrored ? "-1" : "1";
    return [...this.#slides.values()].some(({ node }) => node.dataset.place === wanted);
  }

  /** The new photo is in its place already; seen from the reader it comes from the side, however far it was pulled before. */
  #travel(from, speed) {
    this.#node.closest("dialog").classList.remove("is-zoomed");
    this.#node.closest("dialog").style.removeProperty("--shown");
    if (from === 0 || prefersStillness()) return this.#move("", 0);
    const { width } = this.#node.getBoundingClientRect();
    const pulled = new DOMMatrix(getComputedStyle(this.#node).transform).m41;
    const start = pulled + (this.isMirrored ? -from : from) * (width + gap);
    this.#move(`translateX(${start}px)`, 0);
    // The style must have been seen once, or there is nothing to move from.
    this.#node.getBoundingClientRect();
    this.#move("", speed ? Math.min(380, Math.max(160, Math.abs(start / speed))) : 300);
  }

  #move(transform, duration) {
    this.#node.style.transition = duration && !prefersStillness() ? `transform ${duration}ms cubic-bezier(0.22, 0.8, 0.24, 1)` : "none";
    this.#node.style.transform = transform;
  }

  // MARK: Slides

  #put(photo, place, first) {
    let slide = this.#slides.get(photo.id);
    if (!slide) {
      slide = new Slide(photo, this.#sign, first);
      this.#slides.set(photo.id, slide);
      this.#node.append(slide.node);
    } else if (slide.photo !== photo) {
      slide.update(photo, 1);
    }
    slide.node.dataset.place = place;
    slide.node.inert = place !== 0;
    const side = this.isMirrored ? -place : place;
    slide.node.style.transform = `translateX(calc(${side * 100}% + ${side * gap}px))`;
    slide.fit(this.#node);
  }

  #drop(id, slide) {
    this.#slides.delete(id);
    slide.remove();
  }

  #resized() {
    for (const slide of this.#slides.values()) slide.fit(this.#node);
    if (!this.#current) return;
    this.setZoom(whole);
    this.#current.sharpen();
  }
}
