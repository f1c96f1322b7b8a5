import { element } from "../ui/dom.js";
import { menuButton } from "../ui/menu.js";
import { language, t } from "../ui/messages.js";
import { icon } from "./icons.js";

/** Which of the film's subtitles this screen shows: those of the reader's language once they were wanted. */
export class Subtitles {
  #player;
  #video;
  #chosen = null;
  #isWanted = false;
  button = element("button", { class: "screen-button", type: "button", hidden: true });

  constructor(player, video) {
    [this.#player, this.#video] = [player, video];
    this.button.append(icon("words"));
    this.button.ariaLabel = this.button.title = t("party.subtitles");
    menuButton(this.button, () => this.#choices());
    player.addEventListener("film", () => this.#load());
  }

  show() {
    this.button.hidden = this.#all.length === 0;
    this.button.classList.toggle("is-on", this.#chosen !== null);
  }

  /** To the next of them, and to none after the last. */
  step() {
    const at = this.#all.findIndex(({ id }) => id === this.#chosen);
    this.#choose(this.#all[at + 1]?.id ?? null);
  }

  get #all() {
    return this.#player.film?.subtitles ?? [];
  }

  #load() {
    this.#video.replaceChildren(...this.#all.map(({ id, label, language: srclang = "", url }) =>
      element("track", { kind: "subtitles", id: `track-${id}`, label, srclang, src: url })));
    const own = this.#all.find(({ language: tongue }) => tongue?.split("-")[0] === language()) ?? this.#all[0];
    this.#choose(this.#isWanted ? own?.id ?? null : null, false);
  }

  #choose(id, isWish = true) {
    this.#chosen = id;
    if (isWish) this.#isWanted = id !== null;
    for (const track of this.#video.textTracks) track.mode = track.id === `track-${id}` ? "showing" : "disabled";
    this.show();
  }

  #choices() {
    const none = { label: t("party.subtitles.none"), checked: this.#chosen === null, act: () => this.#choose(null) };
    const all = this.#all.map(({ id, label }) => ({ label, checked: id === this.#chosen, act: () => this.#choose(id) }));
    return [none, ...all];
  }
}
