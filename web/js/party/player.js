import { follow, newFollower, driftOf } from "../lumiere/follower.js";

/** Milliseconds between two attempts to fetch a film that broke off. */
const again = 4000;

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
  #ear = new AbortController();

  /** Dispatches `film` when another is there, and `state` when something of the above is different. */
  constructor(party, video) {
    super();
    [this.#party, this.#video] = [party, video];
    const { signal } = this.#ear;
    for (const name of ["playing", "seeked", "waiting", "canplay", "loadedmetadata", "pause", "ended"]) {
      video.addEventListener(name, () => this.look(), { signal });
    }
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
    clearTimeout(this.#timer);
    if (this.#ear.signal.aborted) return;
    const { state, now } = this.#party.present;
    if (state && (state.entryId ?? null) !== this.#wantedId) this.#want(state.entryId ?? null);
    if (state && this.film) this.#follow(state, now);
    this.#timer = setTimeout(() => this.look(), Math.max(1, Math.min(this.#follower.lookIn, this.#party.nextTurn ?? Infinity)));
  }

  #follow(state, now) {
    const player = this.#seen;
    const [next, actions] = follow(this.#follower, { state, now, player });
    this.#follower = next;
    for (const action of actions) this.#carryOut(action);
    this.drift = player.isLoaded ? Math.round(driftOf(state, now, player) * 1000) : null;
    // Who is not let begin lacks nothing: nobody is to wait for a press of a button.
    const said = this.isRefused ? "paused" : next.said;
    if (said) this.#party.status({ state: said, ...(this.drift !== null && { drift: this.drift }) });
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
    this.#wantedId = entryId;
    this.#unload();
    this.#changed();
    if (entryId !== null) await this.#fetch(entryId);
  }

  async #fetch(entryId, place) {
    try {
      const film = await this.#party.film(entryId);
      if (entryId === this.#wantedId) this.#load(film, place);
    } catch (problem) {
      if (entryId === this.#wantedId) this.#failed(problem);
    }
  }

  #load(film, place) {
    const source = sourceOf(film, this.#video);
    if (!source) return this.#failed({ code: "unplayable" });
    [this.film, this.problem] = [film, null];
    this.#video.src = this.#party.caller.base + source;
    this.#video.poster = film.poster ?? "";
    if (place) this.#video.currentTime = place;
    this.dispatchEvent(new Event("film"));
    this.look();
  }

  #unload() {
    clearTimeout(this.#retry);
    [this.film, this.problem, this.drift] = [null, null, null];
    const { cost, lag, said } = this.#follower;
    this.#follower = { ...newFollower, cost, lag, said };
    this.#video.removeAttribute("src");
    this.#video.load();
    this.dispatchEvent(new Event("film"));
  }

  /** Its address may have come to its end, or the network broke: another one, until it plays. */
  #broken() {
    const { error, currentTime } = this.#video;
    if (!error || !this.film || !this.#video.hasAttribute("src")) return;
    const isUnknown = error.code === 4 && currentTime === 0 && this.problem?.code === "broken";
    this.#failed({ code: isUnknown ? "unplayable" : "broken" });
  }

  #failed(problem) {
    this.problem = problem;
    this.#party.status({ state: "buffering" });
    this.#changed();
    const [id, place] = [this.#wantedId, this.#video.currentTime];
    clearTimeout(this.#retry);
    if (problem.code !== "broken" && !problem.isPassing) return;
    this.#retry = setTimeout(() => id === this.#wantedId && this.#fetch(id, place), again);
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
