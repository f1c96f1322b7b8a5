import { element, setText } from "../ui/dom.js";
import { duration } from "../ui/format.js";
import { keyName } from "../ui/keys.js";
import { t } from "../ui/messages.js";
import { icon } from "./icons.js";
import { pictures, stream } from "./photo.js";
import { cues, stillAt } from "./sprites.js";

/** Seconds that the keys and a press beside the middle go. */
const leap = 5;

/** A film with its bar: play, a scrubber that shows small stills, sound, full screen. */
export class Film {
  #photo;
  #sign;
  #video;
  #stills = [];
  #isScrubbing = false;
  #play = round("play", "gallery.film.play", () => this.toggle());
  #mute = round("sound", "gallery.film.mute", () => this.#toggleSound());
  #full = round("full", "gallery.film.full", () => this.#toggleFull());
  #time = element("span", { class: "film-time" }, "0:00");
  #scrubber = element("input", { class: "film-scrubber", type: "range", min: 0, max: 1000, value: 0, step: "any" });
  #still = element("div", { class: "film-still", hidden: true }, element("span", { class: "film-still-time" }));
  node;

  /** @param {(url: string) => string} sign @param {string} [poster] */
  constructor(photo, sign, poster) {
    [this.#photo, this.#sign] = [photo, sign];
    this.#video = this.#makeVideo(poster);
    const bar = element("div", { class: "film-bar" }, this.#play, this.#track(), this.#time, this.#mute, this.#full);
    const big = element("span", { class: "film-big", "aria-hidden": "true" }, icon("play"));
    this.node = element("div", { class: "film" }, this.#video, big, bar);
    this.#full.hidden = !this.node.requestFullscreen && !this.#video.webkitEnterFullscreen;
    this.#mute.hidden = photo.video?.audioCodec === undefined && photo.video !== undefined;
    this.#listen();
    this.#loadStills();
  }

  play() {
    // Browsers may refuse to start by themselves; the button is there.
    this.#video.play().catch(() => {});
  }

  pause() {
    this.#video.pause();
  }

  toggle() {
    if (this.#video.paused) this.play();
    else this.pause();
  }

  close() {
    this.#video.pause();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /** @returns {boolean} whether the key meant the film */
  pressed(event) {
    const [key, { target }] = [keyName(event), event];
    if (target === this.#scrubber && key.startsWith("Arrow")) return true;
    const act = { " ": () => this.toggle(), k: () => this.toggle(), j: () => this.#leap(-leap), l: () => this.#leap(leap), m: () => this.#toggleSound() }[key];
    // A focused button is pressed by the space bar itself.
    if (!act || (key === " " && target instanceof HTMLButtonElement && this.node.contains(target))) return false;
    act();
    return true;
  }

  #makeVideo(poster) {
    const video = element("video", { class: "film-video", playsInline: true, preload: "metadata", tabIndex: -1 });
    const picture = pictures(this.#photo).at(-1);
    video.poster = poster ?? (picture ? this.#sign(picture.url) : "");
    // One file in ranges: every browser winds it at once.
    video.src = this.#sign(stream(this.#photo).url);
    return video;
  }

  #track() {
    this.#scrubber.setAttribute("aria-label", t("gallery.film.seek"));
    return element("div", { class: "film-track" }, this.#scrubber, this.#still);
  }

  #listen() {
    const video = this.#video;
    const on = (names, act) => names.split(" ").forEach((name) => video.addEventListener(name, act));
    on("play pause ended", () => this.#showState());
    on("timeupdate durationchange loadedmetadata", () => this.#showTime());
    on("waiting", () => this.node.classList.add("is-waiting"));
    on("playing canplay", () => this.node.classList.remove("is-waiting"));
    this.#scrubber.addEventListener("input", () => this.#seek());
    this.#scrubber.addEventListener("change", () => (this.#isScrubbing = false));
    const track = this.#scrubber.parentNode;
    track.addEventListener("pointermove", (event) => this.#preview(event));
    for (const name of ["pointerleave", "pointerup", "pointercancel"]) track.addEventListener(name, () => (this.#still.hidden = true));
  }

  get #length() {
    const { duration: own } = this.#video;
    return Number.isFinite(own) && own > 0 ? own : (this.#photo.video?.duration ?? 0) / 1000;
  }

  #showState() {
    const { paused } = this.#video;
    this.node.classList.toggle("is-playing", !paused);
    this.#play.replaceChildren(icon(paused ? "play" : "pause"));
    this.#play.setAttribute("aria-label", t(paused ? "gallery.film.play" : "gallery.film.pause"));
  }

  #showTime() {
    const { currentTime } = this.#video;
    const said = `${duration(currentTime * 1000)} / ${duration(this.#length * 1000)}`;
    setText(this.#time, said);
    this.#scrubber.setAttribute("aria-valuetext", said);
    if (!this.#isScrubbing && this.#length > 0) this.#scrubber.value = (currentTime / this.#length) * 1000;
    this.#scrubber.style.setProperty("--part", this.#scrubber.value / 1000);
  }

  #seek() {
    this.#isScrubbing = true;
    this.#video.currentTime = (this.#scrubber.value / 1000) * this.#length;
    this.#scrubber.style.setProperty("--part", this.#scrubber.value / 1000);
  }

  #leap(seconds) {
    this.#video.currentTime = Math.max(0, Math.min(this.#length, this.#video.currentTime + seconds));
  }

  #toggleSound() {
    this.#video.muted = !this.#video.muted;
    this.#mute.replaceChildren(icon(this.#video.muted ? "mute" : "sound"));
    this.#mute.setAttribute("aria-pressed", String(this.#video.muted));
  }

  #toggleFull() {
    // Phones of one maker only know films that fill the screen.
    if (!this.node.requestFullscreen) return this.#video.webkitEnterFullscreen();
    const act = document.fullscreenElement ? document.exitFullscreen() : this.node.requestFullscreen();
    act.catch(() => {});
  }

  // MARK: Stills

  async #loadStills() {
    const track = this.#photo.renditions.find(({ name, format }) => name === "sprite" && format === "vtt");
    if (!track) return;
    try {
      const answer = await fetch(this.#sign(track.url));
      if (answer.ok) this.#stills = cues(await answer.text());
    } catch {
      // Without them the bar only shows the time.
    }
  }

  #preview(event) {
    const { left, width } = this.#scrubber.getBoundingClientRect();
    const part = Math.max(0, Math.min(1, (event.clientX - left) / width));
    const time = part * this.#length;
    const still = stillAt(this.#stills, time);
    if (!still) return;
    const { style } = this.#still;
    const folder = stream(this.#photo).url.replace(/[^/]*$/, "");
    const picture = this.#sign(new URL(still.file, location.origin + folder).pathname);
    style.backgroundImage = `url("${picture}")`;
    style.backgroundPosition = `-${still.x}px -${still.y}px`;
    [style.width, style.height] = [`${still.width}px`, `${still.height}px`];
    style.left = `${Math.max(still.width / 2, Math.min(width - still.width / 2, part * width))}px`;
    setText(this.#still.firstElementChild, duration(time * 1000));
    this.#still.hidden = false;
  }
}

function round(name, label, act) {
  const button = element("button", { class: "round", type: "button", onclick: act, "aria-label": t(label), title: t(label) });
  button.append(icon(name));
  return button;
}
