import { follow, newFollower, driftOf } from "../lumiere/follower.js";
import { brokenBy, isRefusal, nextAttempt } from "./troubles.js";

/** Milliseconds until subtitles that could not be asked for are asked for again. */
const again = 5000;

/** The film on this screen, kept where the truth says it is. All decisions are in `follower.js`; this is its hands. */
export class Player extends EventTarget {
  /** Milliseconds ahead of where it should be; `null` while that cannot be told. */
  drift = null;
  /** The browser lets nothing begin, or nothing sound, before somebody presses something. */
  isRefused = false;
  isSilenced = false;
  /** The `Problem`, or `{code: "unplayable"}`, for which there is no film. */
  problem = null;
  film = null;
  #party;
  #video;
  #follower = newFollower;
  #timer;
  #retry;
  #wantedId = null;
  /** How often in a row the film has broken off; which queue it was when the server refused it. */
  #failures = 0;
  #refusedIn;
  /** Of attempts to fetch it: the latest counts. */
  #attempt = 0;
  /** How many subtitles the queue said that the film has, when they were asked for; `null` to ask anew. */
  #counted = null;
  #recount;
  #ear = new AbortController();

  /** Dispatches `film` when another is there, `subtitles` when it has others, and `state` when something of the above is different. */
  constructor(party, video) {
    super();
    [this.#party, this.#video] = [party, video];
    const { signal } = this.#ear;
    for (const name of ["playing", "seeked", "waiting", "canplay", "loadedmetadata", "pause", "ended"]) {
      video.addEventListener(name, () => this.look(), { signal });
    }
    video.addEventListener("loadedmetadata", () => this.#came(), { signal });
    video.addEventListener("canplay", () => (this.#failures = 0), { signal });
    video.addEventListener("error", () => this.#broken(), { signal });
    party.addEventListener("change", () => this.look(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.look(), { signal });
  }

  close() {
    this.#ear.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#unload();
  }

  /** Somebody has pressed something: now it may begin, and sound. */
  allow() {
    this.#video.muted = false;
    [this.isRefused, this.isSilenced] = [false, false];
    this.#begin();
    this.#changed();
  }

  // MARK: Looking

  /** Looks at the player and does what follows from it; again after a while, and in the moment when something else holds. */
  look() {
    if (this.#ear.signal.aborted) return;
    const { state, now } = this.#party.present;
    if (state && (state.entryId ?? null) !== this.#wantedId) this.#want(state.entryId ?? null);
    if (state && this.#hasFilm) this.#follow(state, now);
    else this.#wait();
    this.#heedQueue();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), Math.max(1, Math.min(this.#follower.lookIn, this.#party.nextTurn ?? Infinity)));
  }

  #follow(state, now) {
    const player = this.#seen;
    const [next, actions] = follow(this.#follower, { state, now, player });
    this.#follower = next;
    for (const action of actions) this.#carryOut(action);
    this.drift = player.isLoaded ? Math.round(driftOf(state, now, player) * 1000) : null;
    this.#tell();
  }

  /** Nobody knows where the film should be, or it is not there: nothing says that this is in step. */
  #wait() {
    this.drift = null;
    if (this.#hasFilm) this.#tell();
    else this.#party.status(null);
  }

  #tell() {
    // Who is not let begin lacks nothing: nobody is to wait for a press of a button.
    const state = this.isRefused ? "paused" : this.#follower.said || "buffering";
    this.#party.status({ state, ...(this.drift !== null && { drift: this.drift }) });
  }

  get #hasFilm() {
    return this.film !== null && !this.#video.error;
  }

  get #seen() {
    const video = this.#video;
    return {
      position: video.currentTime, rate: video.playbackRate, isPaused: video.paused, isSeeking: video.seeking,
      isLoaded: video.readyState > 0, ahead: aheadOf(video), duration: video.duration,
    };
  }

  #carryOut({ kind, to, rate }) {
    const video = this.#video;
    switch (kind) {
      case "seek": return void (video.currentTime = to);
      case "rate": return void (video.playbackRate = rate);
      case "pause": return video.pause();
      case "play": return this.#begin();
    }
  }

  async #begin() {
    // At its end it would begin anew.
    if (this.isRefused || this.#video.ended) return;
    try {
      await this.#video.play();
    } catch (error) {
      if (error.name === "NotAllowedError") this.#refused();
    }
  }

  /** Films without sound may begin by themselves nearly everywhere. */
  #refused() {
    if (this.#video.muted) this.isRefused = true;
    else this.#video.muted = this.isSilenced = true;
    this.#changed();
    if (!this.isRefused) this.#begin();
  }

  // MARK: Film

  async #want(entryId) {
    [this.#wantedId, this.#failures] = [entryId, 0];
    this.#unload();
    this.#changed();
    if (entryId !== null) await this.#fetch(entryId);
  }

  async #fetch(entryId, place) {
    const attempt = (this.#attempt += 1);
    const isWanted = () => attempt === this.#attempt && entryId === this.#wantedId;
    clearTimeout(this.#retry);
    try {
      const film = await this.#party.film(entryId);
      if (isWanted()) this.#load(film, place);
    } catch (problem) {
      if (isWanted()) this.#failed(problem);
    }
  }

  #load(film, place) {
    const source = sourceOf(film, this.#video);
    if (!source) return this.#failed({ code: "unplayable" });
    // What is said of a film that breaks off again and again stays until it comes.
    if (this.#failures === 0) this.problem = null;
    this.film = film;
    this.#counted = film.subtitles?.length ?? 0;
    this.#video.src = this.#party.caller.base + source;
    this.#video.poster = film.poster ?? "";
    if (place) this.#video.currentTime = place;
    this.dispatchEvent(new Event("film"));
    this.look();
  }

  #unload() {
    clearTimeout(this.#retry);
    clearTimeout(this.#recount);
    [this.film, this.problem, this.drift] = [null, null, null];
    const { cost, lag, said } = this.#follower;
    this.#follower = { ...newFollower, cost, lag, said };
    this.#video.removeAttribute("src");
    this.#video.load();
    this.dispatchEvent(new Event("film"));
  }

  /** What was wrong is over, or will be wrong again before anything can be played. */
  #came() {
    if (!this.film || this.problem === null) return;
    this.problem = null;
    this.#changed();
  }

  /** Its address may have come to its end, or the network broke: another one, until it plays. */
  #broken() {
    const { error } = this.#video;
    if (!error || !this.film || !this.#video.hasAttribute("src")) return;
    this.#failed(brokenBy(error.code, (this.#failures += 1)));
  }

  #failed(problem) {
    [this.problem, this.#refusedIn] = [problem, this.#party.room.queue?.revision];
    this.#party.status(null);
    this.#changed();
    const wait = nextAttempt(problem);
    clearTimeout(this.#retry);
    if (wait !== null) this.#retry = setTimeout(() => this.#fetchAgain(), wait);
  }

  #fetchAgain = (place = this.#video.currentTime) => this.#wantedId !== null && this.#fetch(this.#wantedId, place);

  // MARK: Queue

  /** Others may have changed what the film has, or whether it is to be had. */
  #heedQueue() {
    const { queue } = this.#party.room;
    if (isRefusal(this.problem) && queue?.revision !== this.#refusedIn) {
      this.#refusedIn = queue?.revision;
      this.#fetchAgain();
    }
    const count = queue?.entries.find(({ id }) => id === this.film?.entryId)?.subtitles;
    if (count !== undefined && count !== this.#counted) this.#readSubtitles(this.film, count);
  }

  async #readSubtitles(film, count) {
    this.#counted = count;
    clearTimeout(this.#recount);
    try {
      const { subtitles } = await this.#party.film(film.entryId);
      if (film !== this.film || count !== this.#counted) return;
      film.subtitles = subtitles;
      this.dispatchEvent(new Event("subtitles"));
    } catch {
      if (film === this.film) this.#recount = setTimeout(() => (this.#counted = null), again);
    }
  }

  #changed() {
    this.dispatchEvent(new Event("state"));
  }
}

/** Seconds from here on that have come. */
function aheadOf({ buffered, currentTime, readyState }) {
  if (readyState === 4 && buffered.length === 0) return Infinity;
  for (let at = 0; at < buffered.length; at += 1) {
    if (buffered.start(at) <= currentTime + 0.1 && buffered.end(at) > currentTime) return buffered.end(at) - currentTime;
  }
  return 0;
}

/** What this browser plays best: one file in ranges, which it winds at once, before a stream in pieces. */
function sourceOf({ sources = [], hls }, video) {
  const ranked = ["probably", "maybe"].flatMap((sure) => sources.filter(({ type }) => video.canPlayType(type ?? "") === sure));
  if (ranked.length > 0) return ranked[0].url;
  if (hls && video.canPlayType("application/vnd.apple.mpegurl")) return hls;
  // What it says of itself may be less than what it can do.
  return sources[0]?.url ?? null;
}
