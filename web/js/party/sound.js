import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { icon } from "./icons.js";

const storageKey = "lumiere.volume";

/** How loud it is on this screen; kept for the next film. */
export class Sound {
  #video;
  #player;
  #button = element("button", { class: "screen-button", type: "button", onclick: () => this.toggle() });
  #range = element("input", { class: "film-scrubber screen-volume", type: "range", min: 0, max: 1, step: 0.05 });
  node;

  constructor(video, player) {
    [this.#video, this.#player] = [video, player];
    this.#range.ariaLabel = t("party.volume");
    this.#range.oninput = () => this.#set(Number(this.#range.value));
    video.volume = kept();
    video.addEventListener("volumechange", () => this.#show());
    this.node = element("span", { class: "screen-sounding" }, this.#button, this.#range);
    this.#show();
  }

  toggle() {
    if (this.#player.isSilenced) return this.#player.allow();
    if (this.#video.volume === 0) return this.#set(1);
    this.#video.muted = !this.#video.muted;
  }

  #set(volume) {
    this.#video.volume = volume;
    // Who wants to hear something has said so.
    if (volume > 0 && this.#player.isSilenced) this.#player.allow();
    this.#video.muted = volume === 0;
    try {
      localStorage.setItem(storageKey, String(volume));
    } catch {}
  }

  #show() {
    const { muted, volume } = this.#video;
    this.#button.replaceChildren(icon(muted || volume === 0 ? "mute" : "sound"));
    this.#button.ariaLabel = this.#button.title = t(muted ? "party.unmute" : "party.mute");
    this.#range.value = muted ? 0 : volume;
    this.#range.style.setProperty("--part", this.#range.value);
  }
}

function kept() {
  try {
    const volume = Number(localStorage.getItem(storageKey) ?? 1);
    return volume > 0 && volume <= 1 ? volume : 1;
  } catch {
    return 1;
  }
}
