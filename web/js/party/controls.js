import { busy } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { duration } from "../ui/format.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { rates } from "../lumiere/partyrules.js";
import { placeIn } from "../lumiere/partytruth.js";
import { icon } from "./icons.js";
import { Seekbar } from "./seekbar.js";
import { Sound } from "./sound.js";
import { Subtitles } from "./subtitles.js";

/** Seconds that the keys go. */
const leaps = { back: -5, on: 5, farBack: -10, farOn: 10 };

/** The bar of the film. What it does happens on all screens, but for the sound, the subtitles and the size. */
export class Controls {
  #party;
  #video;
  #frame;
  #player;
  #seekbar;
  #sound;
  #subtitles;
  #play = round("play", "party.play", () => this.act("toggle"));
  #skip = round("skip", "party.next", () => this.act("next"));
  #time = element("span", { class: "film-time" }, "0:00");
  #speed = round("speed", "party.speed", () => {});
  #window = round("window", "party.window", () => this.act("window"));
  #full = round("full", "party.full", () => this.act("full"));
  /** Seconds: where the reader goes to while that is under way; what is pressed meanwhile goes on from there. */
  #wanted = null;
  #going = null;
  /** Where the subtitles stand. */
  words;
  node;

  constructor(party, player, video, frame) {
    [this.#party, this.#player, this.#video, this.#frame] = [party, player, video, frame];
    this.#seekbar = new Seekbar(party, player, (place) => this.#seek(place));
    this.#sound = new Sound(video, player);
    this.#subtitles = new Subtitles(party, player, video);
    this.words = this.#subtitles.words;
    this.#window.hidden = !document.pictureInPictureEnabled;
    this.#full.hidden = !frame.requestFullscreen && !video.webkitEnterFullscreen;
    menuButton(this.#speed, () => this.#speeds());
    const row = element("div", { class: "screen-row" }, this.#play, this.#skip, this.#sound.node, this.#time, element("span", { class: "screen-gap" }),
      this.#subtitles.button, this.#speed, this.#window, this.#full);
    this.node = element("div", { class: "film-bar screen-bar" }, this.#seekbar.node, row);
    document.addEventListener("fullscreenchange", this.#sized);
    this.#listenToSystem();
  }

  close() {
    document.removeEventListener("fullscreenchange", this.#sized);
    for (const name of ["play", "pause"]) navigator.mediaSession?.setActionHandler(name, null);
  }

  // MARK: Acting

  /** @returns {boolean} whether there is such an act */
  act(name) {
    const act = {
      toggle: () => this.#toggle(), next: () => this.#run("skip", this.#skip, () => this.#party.next()),
      mute: () => this.#sound.toggle(), subtitles: () => this.#subtitles.step(), full: () => this.#toggleFull(), window: () => this.#toggleWindow(),
    }[name] ?? (leaps[name] && (() => this.#leap(leaps[name])));
    act?.();
    return Boolean(act);
  }

  #toggle() {
    const { truth } = this.#party;
    if (!truth?.entryId) return;
    const act = truth.playing || truth.held ? () => this.#party.pause() : () => this.#party.play();
    this.#run("play", this.#play, act);
  }

  #seek(place) {
    if (!this.#party.may("seek")) return Promise.resolve(false);
    this.#wanted = place;
    this.#going ??= this.#go().finally(() => (this.#going = this.#wanted = null));
    return this.#going;
  }

  /** Of many places only the last is gone to. */
  async #go() {
    let sent = null;
    let isWell = true;
    while (isWell && sent !== this.#wanted) {
      sent = this.#wanted;
      isWell = await busy(null, () => this.#party.seek(sent));
    }
    return isWell;
  }

  /** From what was said last, though it may not have come to its time yet. */
  #leap(seconds) {
    const { truth, present: { now } } = this.#party;
    if (!truth?.entryId || now === null) return;
    const from = this.#wanted ?? placeIn(truth, Math.max(now, truth.at));
    this.#seek(Math.max(0, Math.min(from + seconds, truth.duration ?? Infinity)));
  }

  #run(grant, button, act) {
    return this.#party.may(grant) ? busy(button, act) : Promise.resolve(false);
  }

  #toggleFull() {
    // Phones of one maker only know films that fill the screen.
    if (!this.#frame.requestFullscreen) return this.#video.webkitEnterFullscreen?.();
    const act = document.fullscreenElement ? document.exitFullscreen() : this.#frame.requestFullscreen();
    act.catch(() => {});
  }

  #toggleWindow() {
    if (!document.pictureInPictureEnabled) return;
    const act = document.pictureInPictureElement ? document.exitPictureInPicture() : this.#video.requestPictureInPicture();
    act.catch(() => {});
  }

  /** The keys of keyboards and headphones mean the party, not this screen alone. */
  #listenToSystem() {
    for (const name of ["play", "pause"]) {
      navigator.mediaSession?.setActionHandler(name, () => this.act("toggle"));
    }
  }

  #speeds() {
    const present = this.#party.truth?.rate;
    return rates.map((rate) => ({
      label: t("party.times", { rate }), checked: rate === present, disabled: !this.#party.may("rate"),
      act: () => this.#run("rate", null, () => this.#party.rate(rate)),
    }));
  }

  // MARK: Showing

  show() {
    const { truth } = this.#party;
    const { state, now } = this.#party.present;
    const isOn = Boolean(truth && (truth.playing || truth.held));
    this.node.hidden = !truth?.entryId;
    picture(this.#play, isOn ? "pause" : "play", isOn ? "party.pause" : "party.play");
    this.#allow(this.#play, "play");
    this.#skip.hidden = !this.#party.may("skip") || (this.#party.room.queue?.entries.length ?? 0) < 2;
    // While nobody knows where the film should be, where it is has to do.
    const place = state ? placeIn(state, now) : this.#video.currentTime;
    const length = truth?.duration ?? (Number.isFinite(this.#video.duration) ? this.#video.duration : 0);
    setText(this.#time, `${duration(this.#seekbar.place(place) * 1000)} / ${duration(length * 1000)}`);
    this.#seekbar.show(place, length, this.#video);
    this.#speed.classList.toggle("is-on", Boolean(truth) && truth.rate !== 1);
    this.#subtitles.show();
  }

  #allow(button, grant) {
    const may = this.#party.may(grant);
    if (button.disabled === !may) return;
    button.disabled = !may;
    button.title = may ? button.ariaLabel : t("party.notAllowed");
  }

  #sized = () => picture(this.#full, document.fullscreenElement ? "small" : "full", document.fullscreenElement ? "party.unfull" : "party.full");
}

function picture(button, name, label) {
  if (button.dataset.name === name) return;
  button.dataset.name = name;
  button.replaceChildren(icon(name));
  button.ariaLabel = button.title = t(label);
}

function round(name, label, onclick) {
  const button = element("button", { class: "screen-button", type: "button", onclick });
  picture(button, name, label);
  return button;
}
