import { byId, setText } from "../ui/dom.js";
import { counted } from "../ui/format.js";

/** What each phase of the live connection means to the reader. */
const words = {
  idle: "Paused", connecting: "Connecting", joining: "Connecting", live: "Live", probing: "Live",
  waiting: "Reconnecting", refused: "Reconnecting", dismissed: "Disconnected",
};

/** The session's title, its counters, and an honest word about the connection. */
export class Header {
  #photoCount = 0;
  #hasBeenLive = false;

  showSession(session) {
    setText(byId("title"), session.title);
    setText(byId("description"), session.description ?? "");
    byId("ended").hidden = session.status !== "ended";
    document.title = `${session.title} · Lumiere`;
    this.setPhotoCount(session.photoCount);
  }

  get photoCount() {
    return this.#photoCount;
  }

  setPhotoCount(count) {
    this.#photoCount = Math.max(0, count);
    setText(byId("photo-count"), counted(this.#photoCount, "photo"));
  }

  showGuests(count) {
    byId("guests").hidden = false;
    setText(byId("guest-count"), `${count.toLocaleString()} here`);
  }

  /** Why the server has ended the connection; seen for as long as it stays so. */
  showFarewell(text) {
    setText(byId("farewell-text"), text);
  }

  showPhase(phase) {
    const isLive = phase === "live" || phase === "probing";
    this.#hasBeenLive ||= isLive;
    const isBack = this.#hasBeenLive && (phase === "connecting" || phase === "joining");
    const word = isLive || navigator.onLine ? words[isBack ? "waiting" : phase] : "Offline";
    byId("live").dataset.state = isLive ? "live" : phase === "waiting" || isBack ? "lost" : "pending";
    setText(byId("live-word"), word);
    byId("farewell").hidden = phase !== "dismissed";
    // How many are here is only known while connected.
    if (!isLive) byId("guests").hidden = true;
  }
}
