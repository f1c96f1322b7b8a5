import { later } from "../lumiere/later.js";
import { say } from "../ui/act.js";
import { element, prefersStillness } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { dateAndTime } from "../ui/format.js";
import { loadStyle } from "../ui/style.js";
import { isMadeAnew } from "./edition.js";
import { aspect, ladder, pictures, stream, takenAt } from "./photo.js";
import { paint } from "./placeholder.js";
import { fitted, isZoomed, whole } from "./zoom.js";

/** Few pixels may become so much larger; beyond that they look worse than small. */
const most = 2;

/** One photo or film on the stage: shows something at once and gets sharper. */
export class Slide {
  #sign;
  #photo;
  #image = null;
  #film = null;
  #blur = element("canvas", { class: "slide-blur", width: 1, height: 1 });
  #isGone = false;
  #sharpest = 0;
  /** Counts the times that its pictures were made anew: those of before are late then. */
  #edition = 0;
  /** How it lies on the stage. */
  zoom = whole;
  node = element("div", { class: "slide" }, this.#blur);

  /** @param {string} [first] the URL of a picture that is there already */
  constructor(photo, sign, first) {
    this.#sign = sign;
    this.#photo = photo;
    if (photo.placeholder) paint(this.#blur, photo.placeholder);
    this.#begin(first);
  }

  get photo() {
    return this.#photo;
  }

  get isFilm() {
    return Boolean(stream(this.#photo));
  }

  /** The element that shows it. */
  get picture() {
    return this.#film?.node ?? this.#image ?? undefined;
  }

  /** The stage, and the picture at scale 1. */
  frame(stage) {
    return fitted(aspect(this.#photo), { width: stage.clientWidth, height: stage.clientHeight }, this.#photo.width * most);
  }

  /** Puts the picture's blur and the picture itself where it will be, whatever has come of it. */
  fit(stage) {
    const { pictureWidth, pictureHeight } = this.frame(stage);
    for (const { style } of [this.#blur, this.#image, this.#film?.node].filter(Boolean)) {
      style.width = `${pictureWidth}px`;
      style.height = `${pictureHeight}px`;
    }
  }

  lie(zoom) {
    if (isZoomed(zoom) && !isZoomed(this.zoom)) this.#climb(Infinity);
    this.zoom = zoom;
    const still = zoom.scale === 1 && zoom.x === 0 && zoom.y === 0;
    const transform = still ? "" : `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`;
    for (const node of [this.#blur, this.#image].filter(Boolean)) node.style.transform = transform;
  }

  /** The same photo in a newer state: sharper renditions, or a video that has become playable. @param {number} [steps] as many of them */
  update(photo, steps) {
    const becamePlayable = stream(photo) && !this.isFilm;
    if (isMadeAnew(photo, this.#photo)) [this.#sharpest, this.#edition] = [0, this.#edition + 1];
    this.#photo = photo;
    if (becamePlayable) this.#begin();
    else if (this.#image) this.#climb(this.#edge, steps);
  }

  /** Is the one looked at from now on. */
  async enter({ play = false } = {}) {
    this.#climb(this.#edge);
    // A player that could not be fetched is asked for again when the film is come to once more.
    if (this.isFilm && !this.#film) await this.#openFilm().catch(() => say({ code: "unreachable" }));
    if (play) this.#film?.play();
  }

  /** The stage has become another size. */
  sharpen() {
    this.#climb(this.#edge);
  }

  leave() {
    this.#film?.pause();
    this.lie(whole);
  }

  remove() {
    this.#isGone = true;
    this.#film?.close();
    this.node.remove();
  }

  /** A tap on a film plays it, or stops it. */
  tapped() {
    this.#film?.toggle();
  }

  pressed(event) {
    return this.#film?.pressed(event) ?? false;
  }

  get #edge() {
    return Math.max(this.node.clientWidth || innerWidth, this.node.clientHeight || innerHeight) * devicePixelRatio;
  }

  #begin(first) {
    this.#image ??= this.#makeImage();
    const smallest = pictures(this.#photo)[0];
    const start = first ?? (smallest && this.#sign(smallest.url));
    if (start && !this.#image.src) this.#image.src = start;
    this.#climb(this.#edge, 1);
  }

  #makeImage() {
    const { kind, title } = this.#photo;
    const key = kind === "video" ? "gallery.video_of" : "gallery.photo_of";
    const alt = title ?? t(key, { time: dateAndTime(takenAt(this.#photo)) });
    const image = element("img", { class: "slide-media", alt, draggable: false, decoding: "async" });
    this.node.append(image);
    return image;
  }

  /** Puts sharper and sharper pictures into the image, each when it is ready to be painted. */
  async #climb(edge, steps = 9) {
    const edition = this.#edition;
    for (const picture of ladder(this.#photo, edge).slice(0, steps)) {
      const isMoving = picture.name === "animation";
      if (isMoving && prefersStillness()) continue;
      const size = isMoving ? Infinity : picture.width;
      if (size <= this.#sharpest) continue;
      const next = new Image();
      next.src = this.#sign(picture.url);
      // One that does not come leaves the picture as sharp as it is.
      const isReady = await next.decode().then(() => true, () => false);
      if (this.#isGone || edition !== this.#edition) return;
      if (!isReady || size <= this.#sharpest) continue;
      this.#sharpest = size;
      this.#image.src = next.src;
    }
  }

  async #openFilm() {
    const [{ Film }] = await Promise.all([later("./film.js", import.meta.url), loadStyle("film")]);
    if (this.#isGone || this.#film) return;
    this.#film = new Film(this.#photo, this.#sign, this.#image?.src);
    this.node.append(this.#film.node);
    this.#film.node.style.width = this.#blur.style.width;
    this.#film.node.style.height = this.#blur.style.height;
  }
}
