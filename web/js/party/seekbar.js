import { later } from "../lumiere/later.js";
import { element, setText } from "../ui/dom.js";
import { duration } from "../ui/format.js";
import { t } from "../ui/messages.js";

/** Where the film is, what has come of it, and, for who may, a way to another place, with small stills. */
export class Seekbar {
  #party;
  #player;
  #seek;
  #stills = [];
  #stillAt = () => undefined;
  #folder = "";
  #length = 0;
  /** Where the reader holds it, until all are there. */
  #held = null;
  #range = element("input", { class: "film-scrubber", type: "range", min: 0, max: 1000, value: 0, step: "any" });
  #still = element("div", { class: "film-still", hidden: true }, element("span", { class: "film-still-time" }));
  node;

  /** @param {(place: number) => Promise<any>} seek */
  constructor(party, player, seek) {
    [this.#party, this.#player, this.#seek] = [party, player, seek];
    this.node = element("div", { class: "film-track screen-track" }, this.#range, this.#still);
    this.#range.ariaLabel = t("party.seek");
    this.#range.addEventListener("input", () => this.#hold());
    this.#range.addEventListener("change", () => this.#letGo());
    this.node.addEventListener("pointermove", (event) => this.#preview(event));
    for (const name of ["pointerleave", "pointerup", "pointercancel"]) this.node.addEventListener(name, () => (this.#still.hidden = true));
    player.addEventListener("film", () => this.#loadStills());
  }

  /** Seconds to be shown: where the reader holds it, or else where the film is. */
  place = (present) => this.#held ?? present;

  show(present, length, video) {
    this.#length = length;
    const may = this.#party.may("seek");
    if (this.#range.disabled === may) this.#range.disabled = !may;
    const place = this.place(present);
    if (this.#held === null) this.#range.value = length > 0 ? (place / length) * 1000 : 0;
    this.#range.setAttribute("aria-valuetext", `${duration(place * 1000)} / ${duration(length * 1000)}`);
    this.#range.style.setProperty("--part", this.#range.value / 1000);
    this.#range.style.setProperty("--come", length > 0 ? Math.min(1, comeTo(video) / length) : 0);
  }

  #hold() {
    this.#held = (this.#range.value / 1000) * this.#length;
    this.#range.style.setProperty("--part", this.#range.value / 1000);
  }

  async #letGo() {
    if (this.#held === null) return;
    await this.#seek(this.#held);
    this.#held = null;
  }

  // MARK: Stills

  async #loadStills() {
    const { film } = this.#player;
    this.#stills = [];
    if (!film?.sprites) return;
    try {
      const url = this.#party.caller.base + film.sprites;
      const answer = await fetch(url);
      if (!answer.ok || film !== this.#player.film) return;
      this.#folder = new URL(url, location.href);
      const { cues, stillAt } = await later("../gallery/sprites.js", import.meta.url);
      [this.#stills, this.#stillAt] = [cues(await answer.text()), stillAt];
    } catch {
      // Without them the bar only shows the time.
    }
  }

  #preview(event) {
    if (event.pointerType === "touch" && this.#held === null) return;
    const { left, width } = this.#range.getBoundingClientRect();
    const part = Math.max(0, Math.min(1, (event.clientX - left) / width));
    const time = part * this.#length;
    const still = this.#stillAt(this.#stills, time);
    const { style } = this.#still;
    this.#still.classList.toggle("is-bare", !still);
    if (still) this.#paint(still, style);
    else style.backgroundImage = style.width = style.height = "";
    const half = (still?.width ?? 60) / 2;
    style.left = `${Math.max(half, Math.min(width - half, part * width))}px`;
    setText(this.#still.firstElementChild, duration(time * 1000));
    this.#still.hidden = this.#length === 0;
  }

  /** The picture lies beside its track, and is opened by the same grant. */
  #paint({ file, x, y, width, height }, style) {
    const url = new URL(file, this.#folder);
    if (!url.search) url.search = this.#folder.search;
    style.backgroundImage = `url("${url.href}")`;
    style.backgroundPosition = `-${x}px -${y}px`;
    [style.width, style.height] = [`${width}px`, `${height}px`];
  }
}

/** Seconds up to which the film has come, from where it is. */
function comeTo({ buffered, currentTime }) {
  for (let at = 0; at < buffered.length; at += 1) {
    if (buffered.start(at) <= currentTime + 0.5 && buffered.end(at) >= currentTime) return buffered.end(at);
  }
  return currentTime;
}
