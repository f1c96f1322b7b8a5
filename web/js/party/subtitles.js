import { say } from "../ui/act.js";
import { element } from "../ui/dom.js";
import { menuButton } from "../ui/menu.js";
import { language, t } from "../ui/messages.js";
import { icon } from "./icons.js";
import { wishedOf } from "./subtitlewish.js";

/** Which of the film's subtitles this screen shows: none before the reader has chosen some, then the like of those. */
export class Subtitles {
  #party;
  #player;
  #video;
  #chosen = null;
  /** What the reader has chosen last, of this film or another. */
  #wish = null;
  words = element("div", { class: "screen-words" });
  button = element("button", { class: "screen-button", type: "button", hidden: true });

  constructor(party, player, video) {
    [this.#party, this.#player, this.#video] = [party, player, video];
    this.button.append(icon("words"));
    this.button.ariaLabel = this.button.title = t("party.subtitles");
    menuButton(this.button, () => this.#choices());
    player.addEventListener("film", () => this.#put(this.#wished));
    player.addEventListener("subtitles", () => this.#listed());
  }

  show() {
    this.button.hidden = this.#all.length === 0;
    this.button.classList.toggle("is-on", this.#chosen !== null);
  }

  /** To the next of them, and to none after the last. */
  step() {
    const at = this.#all.findIndex(({ id }) => id === this.#chosen);
    this.#choose(this.#all[at + 1] ?? null);
  }

  get #all() {
    return this.#player.film?.subtitles ?? [];
  }

  get #wished() {
    return wishedOf(this.#all, this.#wish, language());
  }

  #choose(one) {
    this.#wish = one;
    this.#put(one);
  }

  /** Somebody has brought some, or taken them away: what is read goes on. */
  #listed() {
    const wished = this.#wished;
    if ((wished?.id ?? null) === this.#chosen) this.show();
    else this.#put(wished);
  }

  /** The latest choice counts, whatever is still on its way. */
  async #put(one) {
    this.#chosen = one?.id ?? null;
    this.#isBusy = one !== null;
    this.show();
    this.#hang(null);
    if (one === null) return;
    try {
      await this.#fetch(one);
    } catch (problem) {
      if (one.id === this.#chosen) this.#failed(problem);
    }
    if (one.id === this.#chosen) this.#isBusy = false;
  }

  #failed(problem) {
    this.#chosen = null;
    this.#isBusy = false;
    this.show();
    say(problem);
  }

  set #isBusy(isBusy) {
    this.button.setAttribute("aria-busy", String(isBusy));
  }

  /** They are fetched with the reader's token, which a track cannot do by itself. */
  async #fetch({ id, label, language: srclang = "", url }) {
    const file = await this.#party.caller.blob(url);
    if (id !== this.#chosen) return;
    const track = element("track", { kind: "subtitles", label, srclang, src: URL.createObjectURL(new Blob([file], { type: "text/vtt" })) });
    track.onload = track.onerror = () => URL.revokeObjectURL(track.src);
    this.#hang(track);
    track.track.oncuechange = () => this.#write(track.track);
    track.track.mode = "hidden";
  }

  #hang(track) {
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
    const all = this.#all.map((one) => ({ label: one.label, checked: one.id === this.#chosen, act: () => this.#choose(one) }));
    return [none, ...all];
  }
}
