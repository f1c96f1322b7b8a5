import { busy } from "../ui/act.js";
import { element } from "../ui/dom.js";
import { menuButton } from "../ui/menu.js";
import { language, t } from "../ui/messages.js";
import { icon } from "./icons.js";

/** Which of the film's subtitles this screen shows: those of the reader's language once they were wanted. */
export class Subtitles {
  #party;
  #player;
  #video;
  #chosen = null;
  #isWanted = false;
  words = element("div", { class: "screen-words" });
  button = element("button", { class: "screen-button", type: "button", hidden: true });

  constructor(party, player, video) {
    [this.#party, this.#player, this.#video] = [party, player, video];
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
    const own = this.#all.find(({ language: tongue }) => tongue?.split("-")[0] === language()) ?? this.#all[0];
    this.#choose(this.#isWanted ? own?.id ?? null : null, false);
  }

  async #choose(id, isWish = true) {
    this.#chosen = id;
    if (isWish) this.#isWanted = id !== null;
    this.show();
    this.#put(null);
    const one = this.#all.find((track) => track.id === id);
    if (one) await busy(this.button, () => this.#fetch(one));
  }

  /** They are fetched with the reader's token, which a track cannot do by itself. */
  async #fetch({ id, label, language: srclang = "", url }) {
    const file = await this.#party.caller.blob(url);
    if (id !== this.#chosen) return;
    const track = element("track", { kind: "subtitles", label, srclang, src: URL.createObjectURL(new Blob([file], { type: "text/vtt" })) });
    track.onload = track.onerror = () => URL.revokeObjectURL(track.src);
    this.#put(track);
    track.track.oncuechange = () => this.#write(track.track);
    track.track.mode = "hidden";
  }

  #put(track) {
    for (const { track: shown } of this.#video.querySelectorAll("track")) shown.mode = "disabled";
    this.#video.replaceChildren(...(track ? [track] : []));
    this.words.replaceChildren();
  }

  /** Written by the page, above its bar: the browser would write them below it. */
  #write({ activeCues }) {
    const lines = [...(activeCues ?? [])].map((cue) => element("p", { class: "screen-line", dir: "auto" }, cue.getCueAsHTML()));
    this.words.replaceChildren(...lines);
  }

  #choices() {
    const none = { label: t("party.subtitles.none"), checked: this.#chosen === null, act: () => this.#choose(null) };
    const all = this.#all.map(({ id, label }) => ({ label, checked: id === this.#chosen, act: () => this.#choose(id) }));
    return [none, ...all];
  }
}
