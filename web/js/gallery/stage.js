import { element, prefersStillness } from "../ui/dom.js";
import { dateAndTime, duration } from "../ui/format.js";
import { ladder, pictures, stream, takenAt } from "./photo.js";

/** The large picture or video of the lightbox: shows something at once and gets sharper. */
export class Stage {
  #node;
  #pass;
  #photo = null;
  /** Counted up with every photo shown: what was loading for an earlier one is let go. */
  #generation = 0;
  /** Neighbours being fetched ahead; held so that the browser does not give them up. */
  #ahead = [];

  constructor(node, pass) {
    this.#node = node;
    this.#pass = pass;
  }

  /**
   * @param {{first?: string, from?: number, play?: boolean}} [manner]
   *   `first`: the URL of a picture that is there already; `from`: the side it comes from, -1 or 1.
   */
  show(photo, { first, from = 0, play = false } = {}) {
    this.#generation += 1;
    this.#photo = photo;
    const film = stream(photo);
    const shown = film ? this.#video(photo, film, play) : this.#picture(photo, first);
    if (from !== 0 && !prefersStillness()) shown.classList.add(from > 0 ? "comes-from-right" : "comes-from-left");
    this.#node.style.transform = "";
    this.#node.replaceChildren(shown);
  }

  /** The same photo in a newer state: sharper renditions, or a video that has become playable. */
  update(photo) {
    const shown = this.#node.firstElementChild;
    const becamePlayable = stream(photo) && !stream(this.#photo);
    this.#photo = photo;
    if (becamePlayable || !shown) this.show(photo);
    else if (shown instanceof HTMLImageElement) this.#climb(shown, photo);
  }

  clear() {
    this.#generation += 1;
    // Emptying the list alone would let a video play on unseen.
    this.#node.querySelector("video")?.pause();
    this.#node.replaceChildren();
    this.#ahead = [];
  }

  /** Fetches the middle picture of photos that may come next. */
  prepare(photos) {
    this.#ahead = photos.filter(Boolean).flatMap((photo) => ladder(photo, this.#edge).slice(0, 1)).map((picture) => {
      const image = new Image();
      image.src = this.#pass.sign(picture.url);
      return image;
    });
  }

  get #edge() {
    return Math.max(this.#node.clientWidth, this.#node.clientHeight) * devicePixelRatio;
  }

  #picture(photo, first) {
    const alt = `${photo.kind === "video" ? "Video" : "Photo"} of ${dateAndTime(takenAt(photo))}`;
    const image = element("img", { class: "stage-media", alt, draggable: false });
    if (photo.width) fit(image, photo);
    const start = first ?? this.#smallest(photo);
    if (start) image.src = start;
    this.#climb(image, photo);
    return image;
  }

  #smallest(photo) {
    const picture = pictures(photo)[0];
    return picture && this.#pass.sign(picture.url);
  }

  /** Puts sharper and sharper pictures into the image, each when it is ready to be painted. */
  async #climb(image, photo) {
    const generation = this.#generation;
    for (const picture of ladder(photo, this.#edge)) {
      if (picture.name === "animation" && prefersStillness()) continue;
      const next = new Image();
      next.src = this.#pass.sign(picture.url);
      // One that does not come leaves the picture as sharp as it is.
      const isReady = await next.decode().then(() => true, () => false);
      if (generation !== this.#generation) return;
      if (isReady) image.src = next.src;
    }
  }

  #video(photo, film, play) {
    const poster = pictures(photo).at(-1);
    const video = element("video", {
      class: "stage-media", controls: true, playsInline: true, preload: "metadata",
      "aria-label": `Video, ${duration(photo.video?.duration ?? 0)}`,
    });
    if (photo.width) fit(video, photo);
    if (poster) video.poster = this.#pass.sign(poster.url);
    video.src = this.#pass.sign(film.url);
    // Browsers may refuse to start by themselves; the controls are there.
    if (play) video.play().catch(() => {});
    return video;
  }
}

/** Keeps room for the full size, and small originals from being blown up. */
function fit(media, { width, height }) {
  [media.width, media.height] = [width, height];
  media.style.maxWidth = `min(100%, ${width}px)`;
  media.style.maxHeight = `min(100%, ${height}px)`;
}
