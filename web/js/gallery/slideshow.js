import { Awake } from "../ui/awake.js";
import { element, prefersStillness, setText } from "../ui/dom.js";
import { keyName } from "../ui/keys.js";
import { t } from "../ui/messages.js";
import { icon } from "./icons.js";
import { ladder, stream } from "./photo.js";
import { arrived, beginning, gone, next } from "./queue.js";

/** Milliseconds. */
const each = 7000;
const stillFor = 2500;
/** How often the QR code goes to another corner: nothing stands so long that it burns in. */
const moveEvery = 120_000;
/** A film on a projector is looked at so long at most. */
const longestFilm = 60_000;

const corners = ["end-bottom", "start-bottom", "start-top", "end-top"];

/**
 * All photos on the whole screen, one after the other, for a projector: new ones jump the queue. It goes on by itself over
 * losses of the network, for days: it shows what the gallery has, and the gallery follows the session.
 */
export class Slideshow {
  #visit;
  #queue = beginning;
  #node;
  #layers;
  #code;
  #title;
  #playing = true;
  #timer;
  #corner;
  #stillness;
  #awake = new Awake();
  #play;
  #turn = 0;

  constructor(visit) {
    this.#visit = visit;
    this.#layers = element("div", { class: "show-layers" });
    this.#code = this.#makeCode();
    this.#title = element("p", { class: "show-title" });
    this.#title.dataset.corner = corners[3];
    const bar = element("div", { class: "show-bar" },
      this.#button("back", "gallery.previous", () => this.#advance(-1)),
      (this.#play = this.#button("pause", "gallery.show.pause", () => this.#toggle())),
      this.#button("next", "gallery.next", () => this.#advance(1)),
      this.#button("qr", "gallery.qr", () => this.#toggleCode()),
      this.#button("full", "gallery.film.full", () => this.#fill()),
      this.#button("close", "common.close", () => this.#node.close()));
    this.#node = element("dialog", { class: "show on-picture", "aria-label": t("gallery.slideshow") }, this.#layers, this.#title, this.#code, bar);
  }

  get isOn() {
    return this.#node.open;
  }

  /** @param {object} [photo] the first one */
  start(photo) {
    document.body.append(this.#node);
    // The keys are for the show, not for the first of its buttons.
    this.#node.autofocus = true;
    this.#node.tabIndex = -1;
    this.#node.showModal();
    this.#listen();
    this.#fill();
    this.#awake.set(true);
    setText(this.#title, this.#visit.session.title);
    this.#corner = setInterval(() => this.#moveCode(), moveEvery);
    if (photo) this.#queue = { ...this.#queue, last: photo.id, shown: photo.id };
    if (photo) this.#show(photo);
    else this.#advance(1);
    this.#visit.readOn();
  }

  /** What the session's events mean to the show. */
  happened({ type, data }) {
    if (!this.isOn) return;
    if (type === "new_photo") this.#queue = arrived(this.#queue, data.id);
    if (type === "photo_deleted") this.#queue = gone(this.#queue, data.photoId);
    if (type === "photo_deleted" && data.photoId === this.#queue.shown) this.#advance(1);
  }

  /** The list was read anew: what stands there, as long as the show is paused, may have gone meanwhile. */
  #reread = async () => {
    const { shown } = this.#queue;
    if (!shown || this.#visit.photo(shown)) return;
    if ((await this.#visit.isGone(shown)) && this.isOn && shown === this.#queue.shown) this.#advance(1);
  };

  #listen() {
    const node = this.#node;
    node.addEventListener("close", () => this.#ended());
    node.addEventListener("pointermove", () => this.#stir());
    node.addEventListener("pointerdown", () => this.#stir());
    node.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("visibilitychange", this.#seen);
    document.addEventListener("reread", this.#reread);
    this.#stir();
  }

  /** Out of sight, timers may have slept. */
  #seen = () => {
    if (!document.hidden && this.#playing) this.#advance(1);
  };

  #ended() {
    document.removeEventListener("visibilitychange", this.#seen);
    document.removeEventListener("reread", this.#reread);
    clearTimeout(this.#timer);
    clearTimeout(this.#stillness);
    clearInterval(this.#corner);
    this.#awake.set(false);
    this.#layers.querySelectorAll("video").forEach(unload);
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    this.#node.remove();
    const address = new URL(location.href);
    address.searchParams.delete("show");
    history.replaceState(history.state, "", address.pathname + address.search + address.hash);
  }

  #pressed(event) {
    this.#stir();
    const isMirrored = getComputedStyle(this.#node).direction === "rtl";
    const acts = { ArrowRight: () => this.#advance(isMirrored ? -1 : 1), ArrowLeft: () => this.#advance(isMirrored ? 1 : -1), q: () => this.#toggleCode(), f: () => this.#fill() };
    const key = keyName(event);
    if (key === " " && !event.target.closest("button")) acts[" "] = () => this.#toggle();
    if (!acts[key]) return;
    event.preventDefault();
    acts[key]();
  }

  // MARK: Photos

  #advance(step) {
    clearTimeout(this.#timer);
    const { photos } = this.#visit;
    const round = photos.filter((photo) => photo.renditions.length > 0).map(({ id }) => id);
    this.#queue = next(this.#queue, round, step);
    if (round.indexOf(this.#queue.shown) > round.length - 30) this.#visit.readOn();
    const photo = this.#queue.shown && this.#visit.photo(this.#queue.shown);
    if (photo) return this.#show(photo);
    this.#layers.replaceChildren(element("p", { class: "show-wait" }, t("gallery.empty.photos.text")));
    this.#next(2000);
  }

  async #show(photo) {
    const turn = (this.#turn += 1);
    const film = stream(photo);
    const layer = film ? this.#film(photo, film) : await this.#picture(photo);
    if (turn !== this.#turn || !this.isOn) return;
    // What does not come (the network is gone) is passed over; what stands goes on standing.
    if (!layer) return this.#next(1500);
    const before = [...this.#layers.children];
    this.#layers.append(layer);
    for (const old of before) this.#leave(old);
    if (!film) this.#next(each);
  }

  /** It stays below until the new one covers it: two that fade at once would let the dark through. */
  #leave(old) {
    const video = old.querySelector("video");
    video?.pause();
    setTimeout(() => {
      old.remove();
      if (video) unload(video);
    }, 1400);
  }

  async #picture(photo) {
    const edge = Math.max(innerWidth, innerHeight) * devicePixelRatio;
    const wanted = ladder(photo, edge).at(-1);
    if (!wanted) return null;
    const image = element("img", { class: "show-picture", alt: this.#visit.label(photo) });
    image.src = this.#visit.sign(wanted.url);
    if (!(await image.decode().then(() => true, () => false))) return null;
    const back = element("img", { class: "show-back", alt: "" });
    back.src = this.#visit.sign(photo.renditions[0].url);
    // Each moves another way, slowly: in, out, to a side.
    const layer = element("div", { class: `show-layer drift-${this.#turn % 4}` }, back, image);
    if (prefersStillness()) layer.classList.add("is-still");
    return layer;
  }

  #film(photo, { url }) {
    const video = element("video", { class: "show-picture", muted: true, autoplay: true, playsInline: true, src: this.#visit.sign(url) });
    const turn = this.#turn;
    const on = (name, act) => video.addEventListener(name, () => turn === this.#turn && act());
    on("ended", () => this.#playing && this.#advance(1));
    on("error", () => this.#next(1500));
    this.#next(Math.min(longestFilm, (photo.video?.duration ?? each) + 8000));
    return element("div", { class: "show-layer is-still" }, video);
  }

  #next(after) {
    clearTimeout(this.#timer);
    if (this.#playing) this.#timer = setTimeout(() => this.#advance(1), after);
  }

  // MARK: What lies around

  #toggle() {
    this.#playing = !this.#playing;
    this.#play.replaceChildren(icon(this.#playing ? "pause" : "play"));
    this.#play.setAttribute("aria-label", t(this.#playing ? "gallery.show.pause" : "gallery.film.play"));
    if (this.#playing) this.#advance(1);
    else clearTimeout(this.#timer);
  }

  #makeCode() {
    const image = element("img", { alt: t("gallery.qr.alt"), width: 132, height: 132, src: `${location.pathname}/qr` });
    const node = element("figure", { class: "show-code", hidden: true }, image, element("figcaption", {}, t("gallery.show.scan")));
    // Shown once it is there, and never as a broken picture.
    image.addEventListener("load", () => (node.hidden = false), { once: true });
    node.dataset.corner = corners[0];
    return node;
  }

  #moveCode() {
    const at = corners.indexOf(this.#code.dataset.corner);
    this.#code.dataset.corner = corners[(at + 1) % corners.length];
    this.#title.dataset.corner = corners[(at + 3) % corners.length];
  }

  #toggleCode() {
    this.#code.hidden = !this.#code.hidden;
  }

  #fill() {
    if (document.fullscreenElement) return void document.exitFullscreen().catch(() => {});
    // The page itself goes full screen: a dialog stays on top of it. Browsers refuse where nobody has pressed anything.
    document.documentElement.requestFullscreen?.().catch(() => {});
  }

  /** The pointer and the bar are there while somebody moves. */
  #stir() {
    this.#node.classList.remove("is-quiet");
    clearTimeout(this.#stillness);
    this.#stillness = setTimeout(() => {
      if (!this.#node.querySelector(".show-bar :focus-visible")) this.#node.classList.add("is-quiet");
    }, stillFor);
  }

  #button(drawing, label, onclick) {
    const button = element("button", { class: "round", type: "button", "aria-label": t(label), title: t(label), onclick });
    button.append(icon(drawing));
    return button;
  }
}

/** A film that is only taken off the page keeps what it has fetched. */
function unload(video) {
  video.pause();
  video.removeAttribute("src");
  video.load();
}
