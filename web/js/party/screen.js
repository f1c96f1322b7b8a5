import { element, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { Controls } from "./controls.js";
import { icon } from "./icons.js";
import { Player } from "./player.js";
import { waitedFor } from "./waiting.js";

/** How often what stands on the film is looked at (milliseconds). */
const tick = 250;

/** Milliseconds after which a pointer that rests is hidden, and the bar with it. */
const rest = 2600;

/** The film with its bar, and all that stands on it: who is waited for, what a press is needed for, what is wrong. */
export class Screen {
  player;
  #party;
  #video = element("video", { class: "film-video", playsInline: true, preload: "auto", tabIndex: -1, disableRemotePlayback: true });
  #controls;
  #words = element("span", { role: "status" });
  /** Beside what is read out: it changes every second. */
  #seconds = element("span", { class: "screen-seconds", "aria-hidden": "true" });
  #banner = element("p", { class: "screen-banner is-silent" }, this.#words, this.#seconds);
  #sound = element("button", { class: "button primary screen-sound", type: "button", hidden: true });
  #nothing = element("div", { class: "screen-nothing", hidden: true });
  #spinner = element("span", { class: "screen-spinner", "aria-hidden": "true" });
  #timer;
  #restTimer;
  /** Where reactions float and notices are said. */
  stage = element("div", { class: "screen-stage" });
  node;

  /** @param {{addFilms()}} acts */
  constructor(party, acts) {
    this.#party = party;
    this.player = new Player(party, this.#video);
    this.node = element("section", { class: "film screen on-picture", "aria-label": t("party.film") });
    this.#controls = new Controls(party, this.player, this.#video, this.node);
    this.#sound.onclick = () => (this.player.allow(), this.#show());
    this.#nothing.append(...this.#invitation(acts));
    this.node.append(this.#video, this.#controls.words, this.#spinner, this.stage, this.#nothing, this.#banner, this.#sound, this.#controls.node);
    this.#listen();
  }

  start() {
    this.player.look();
    this.#timer = setInterval(() => this.#show(), tick);
    this.#show();
  }

  close() {
    clearInterval(this.#timer);
    this.#controls.close();
    this.player.close();
  }

  /** What a key means; `false` when it means nothing here. */
  act = (name) => this.#controls.act(name);

  #listen() {
    this.player.addEventListener("state", () => this.#show());
    this.#video.addEventListener("click", () => this.#pressed());
    for (const name of ["pointermove", "pointerdown"]) this.node.addEventListener(name, (event) => this.#pointed(event));
    for (const name of ["click", "focusin", "keydown"]) this.node.addEventListener(name, () => this.#awake());
    // A finger leaves whenever it is lifted: that is no wish to see the bar go.
    this.node.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && this.node.classList.add("is-resting"));
  }

  /** A tap calls for the bar once it is over: shown sooner, a button of it would get the very tap that called for it. */
  #pointed({ pointerType }) {
    if (pointerType === "mouse" || !this.node.classList.contains("is-resting")) this.#awake();
  }

  /** With a mouse the film is a button; a finger calls for the bar first. */
  #pressed() {
    if (this.player.isRefused || this.player.isSilenced) return this.#sound.click();
    if (matchMedia("(pointer: fine)").matches) this.act("toggle");
  }

  #awake() {
    this.node.classList.remove("is-resting");
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => this.node.classList.add("is-resting"), rest);
  }

  #invitation({ addFilms }) {
    const button = element("button", { class: "button primary", type: "button", onclick: addFilms }, icon("plus"), t("party.queue.add"));
    return [icon("film"), element("p", { class: "screen-nothing-text" }), button];
  }

  // MARK: Showing

  #show() {
    const { state, now } = this.#party.present;
    const { player } = this;
    const isWanted = Boolean(state?.playing);
    this.node.classList.toggle("is-playing", isWanted);
    this.node.classList.toggle("is-waiting", isWanted && this.#video.readyState < 3 && !player.problem);
    this.#showNothing(state);
    this.#say(this.#trouble() ?? this.#waiting(now));
    this.#sound.hidden = !player.isRefused && !player.isSilenced;
    if (!this.#sound.hidden) this.#word(player.isRefused ? ["play", "party.start"] : ["sound", "party.sound"]);
    this.#controls.show();
  }

  #word([name, key]) {
    if (this.#sound.dataset.key === key) return;
    this.#sound.dataset.key = key;
    this.#sound.replaceChildren(icon(name), t(key));
  }

  #showNothing(state) {
    const isEmpty = state !== null && !state.entryId;
    this.#nothing.hidden = !isEmpty;
    this.#video.hidden = isEmpty;
    if (!isEmpty) return;
    const mayAdd = this.#party.may("queue");
    setText(this.#nothing.querySelector("p"), t(mayAdd ? "party.empty" : "party.emptyGuest"));
    this.#nothing.querySelector("button").hidden = !mayAdd;
  }

  #trouble() {
    const { problem } = this.player;
    if (!problem) return null;
    const said = t(`party.film.${problem.code}`);
    return { words: said === `party.film.${problem.code}` ? problemText(problem) : said };
  }

  #waiting(now) {
    const waited = waitedFor(this.#party, now);
    if (!waited) return null;
    const { key, name, others, seconds } = waited;
    return { words: t(key, { name: name || t("party.guest"), others }), seconds: t("party.waiting.left", { count: seconds }) };
  }

  /** What stands there is only made invisible in between: what comes into a place that is new itself is not read out everywhere. */
  #say(said) {
    const { words = "", seconds = "" } = said ?? {};
    this.#banner.classList.toggle("is-silent", !words);
    setText(this.#words, words);
    setText(this.#seconds, seconds);
  }
}
