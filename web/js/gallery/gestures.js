import { isZoomed, moved, toggled, zoomAt } from "./zoom.js";

/** Pixels after which a finger's way is known, and after which a drag is meant. */
const slop = 8;
const far = 90;
/** Pixels per millisecond at which a flick is. */
const fast = 0.35;
/** Milliseconds within which two taps are one. */
const twice = 280;

/**
 * Follows fingers and the mouse over the stage: swipes along and down, pinches, double taps, moves what is zoomed.
 * @param {HTMLElement} area
 * @param {Stage} stage
 * @param {{along(step), down(), tap(event)}} wishes called when it was meant
 */
export class Gestures {
  #area;
  #stage;
  #wishes;
  #fingers = new Map();
  #way = null;
  #from = null;
  #speed = { x: 0, y: 0 };
  #lastTap = { time: -1000, x: 0, y: 0 };
  #tapTimer;

  constructor(area, stage, wishes) {
    [this.#area, this.#stage, this.#wishes] = [area, stage, wishes];
    area.addEventListener("pointerdown", (event) => this.#down(event));
    area.addEventListener("pointermove", (event) => this.#move(event));
    area.addEventListener("pointerup", (event) => this.#up(event));
    area.addEventListener("pointercancel", (event) => this.#cancel(event));
    area.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    area.addEventListener("dragstart", (event) => event.preventDefault());
  }

  #down(event) {
    if (event.button > 0 || event.target.closest("button, input, a, .film-bar, .lightbox-caption")) return;
    this.#area.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, time: event.timeStamp });
    this.#stage.hold();
    this.#speed = { x: 0, y: 0 };
    if (this.#fingers.size === 1) [this.#from, this.#way] = [{ ...point(event), target: event.target }, null];
    else this.#way = "pinch";
  }

  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY, time: event.timeStamp };
    if (this.#fingers.size === 2) return this.#pinch(event.pointerId, before, now);
    this.#fingers.set(event.pointerId, now);
    this.#measure(before, now);
    const gone = { x: now.x - this.#from.x, y: now.y - this.#from.y };
    this.#way ??= this.#wayOf(gone, event);
    if (this.#way === "pan") this.#pan(now.x - before.x, now.y - before.y);
    if (this.#way === "along") this.#stage.drag(gone.x, 0);
    if (this.#way === "down") this.#stage.drag(gone.x, gone.y);
  }

  #wayOf({ x, y }, event) {
    if (Math.hypot(x, y) < slop) return null;
    if (isZoomed(this.#stage.zoom)) return "pan";
    // Mice have arrows to click and keys to press.
    if (event.pointerType === "mouse") return "none";
    if (Math.abs(x) > Math.abs(y)) return "along";
    return y > 0 ? "down" : "none";
  }

  #measure(before, now) {
    const time = Math.max(1, now.time - before.time);
    const mix = (old, gone) => 0.6 * old + 0.4 * (gone / time);
    this.#speed = { x: mix(this.#speed.x, now.x - before.x), y: mix(this.#speed.y, now.y - before.y) };
  }

  #pan(x, y) {
    this.#stage.setZoom(moved(this.#stage.zoom, x, y, this.#stage.frame));
  }

  #pinch(id, before, now) {
    const other = [...this.#fingers].find(([key]) => key !== id)[1];
    this.#fingers.set(id, now);
    const factor = distance(now, other) / Math.max(1, distance(before, other));
    const middle = this.#fromMiddle({ x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    const wider = zoomAt(this.#stage.zoom, factor, middle, this.#stage.frame);
    this.#stage.setZoom(moved(wider, (now.x - before.x) / 2, (now.y - before.y) / 2, this.#stage.frame));
  }

  #up(event) {
    if (!this.#fingers.delete(event.pointerId) || this.#fingers.size > 0) return;
    const way = this.#way;
    const gone = { x: event.clientX - this.#from.x, y: event.clientY - this.#from.y };
    if (way === null) return this.#tapped(event);
    if (way === "pan") return this.#stage.glide(this.#speed);
    if (way === "along") return this.#along(gone.x);
    if (way === "down" && (gone.y > far || this.#speed.y > fast)) return this.#wishes.down();
    this.#stage.settle();
  }

  #along(x) {
    const isMeant = Math.abs(x) > this.#area.clientWidth / 3 || (Math.abs(this.#speed.x) > fast && this.#speed.x * x > 0);
    const step = isMeant ? (x < 0 ? 1 : -1) : 0;
    if (step === 0 || !this.#wishes.along(this.#stage.isMirrored ? -step : step, this.#speed.x)) this.#stage.settle();
  }

  /** One tap waits for a second one; a mouse's click does not have to, for it does something else than two. */
  #tapped(event) {
    const target = this.#from.target;
    const { time, x, y } = this.#lastTap;
    const isSecond = event.timeStamp - time < twice && Math.hypot(event.clientX - x, event.clientY - y) < 30;
    clearTimeout(this.#tapTimer);
    this.#lastTap = isSecond ? { time: -1000, x: 0, y: 0 } : { time: event.timeStamp, ...point(event) };
    if (isSecond) return this.#toggle(event);
    this.#tapTimer = setTimeout(() => this.#wishes.tap(event, target), twice);
  }

  #toggle(event) {
    if (!this.#stage.canZoom) return;
    this.#stage.setZoom(toggled(this.#stage.zoom, this.#fromMiddle(point(event)), this.#stage.frame), { isSoft: true });
  }

  #cancel(event) {
    if (this.#fingers.delete(event.pointerId)) this.#stage.settle();
  }

  /** The pinch of a touchpad comes as a wheel with the control key. */
  #wheel(event) {
    if (!this.#stage.canZoom || (!event.ctrlKey && !isZoomed(this.#stage.zoom))) return;
    event.preventDefault();
    if (!event.ctrlKey) return this.#pan(-event.deltaX, -event.deltaY);
    this.#stage.setZoom(zoomAt(this.#stage.zoom, Math.exp(-event.deltaY / 120), this.#fromMiddle(point(event)), this.#stage.frame));
  }

  #fromMiddle({ x, y }) {
    const { left, top, width, height } = this.#area.getBoundingClientRect();
    return { x: x - left - width / 2, y: y - top - height / 2 };
  }
}

const point = (event) => ({ x: event.clientX, y: event.clientY });
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
