import { byId, element, setText } from "../ui/dom.js";
import { language, t } from "../ui/messages.js";
import { aspect, pictures } from "./photo.js";
import { paint } from "./placeholder.js";

/** The session's cover, title, date and place, its counters, and an honest word about the connection. */
export class Header {
  #photoCount = 0;
  #hasBeenLive = false;
  /** Read only. */
  coverId = null;
  #isCoverChosen = false;

  constructor() {
    const stuck = () => byId("bar").classList.toggle("is-stuck", byId("title").getBoundingClientRect().top < 76);
    addEventListener("scroll", stuck, { passive: true });
    addEventListener("resize", stuck);
  }

  showSession(session) {
    setText(byId("title"), session.title);
    setText(byId("bar-title"), session.title);
    setText(byId("description"), session.description ?? "");
    setText(byId("occasion"), occasion(session));
    const said = { ended: "gallery.ended", paused: "gallery.paused" }[session.status];
    byId("notice").hidden = !said;
    setText(byId("notice"), said ? t(said) : "");
    document.title = `${session.title} · Lumiere`;
    if (!session.coverPhotoId) this.dropCover();
    // Room for the cover is made at once: what comes later must not push what is being read.
    if (this.coverId === null) this.#makeRoom(Boolean(session.coverPhotoId));
    this.setPhotoCount(session.photoCount);
  }

  /** Whether that photo is to be fetched: the latest, which nobody has chosen, changes no other latest before the reader's eyes. */
  wantsCover({ coverPhotoId, coverChosen }) {
    if (!coverPhotoId) return false;
    return this.coverId === null || (coverPhotoId !== this.coverId && (coverChosen || this.#isCoverChosen));
  }

  /** The place waits for another. */
  dropCover() {
    this.coverId = null;
    byId("cover").replaceChildren();
  }

  /** @param {object} photo @param {boolean} isChosen by somebody @param {(url: string) => string} sign */
  showCover(photo, isChosen, sign) {
    if (photo.id === this.coverId || !byId("hero").classList.contains("has-cover")) return;
    [this.coverId, this.#isCoverChosen] = [photo.id, isChosen];
    const blur = element("canvas", { class: "cover-blur" });
    if (photo.placeholder) paint(blur, photo.placeholder);
    const image = element("img", { class: "cover-image", alt: "", decoding: "async", fetchPriority: "high" });
    image.addEventListener("load", () => image.classList.add("is-loaded"));
    image.sizes = "100vw";
    // A portrait across a wide window would be a detail of itself: it stands at one side, and fades into its own colours.
    byId("cover").classList.toggle("is-tall", aspect(photo) < 1.15);
    image.srcset = pictures(photo).map(({ url, width }) => `${sign(url)} ${width}w`).join(", ");
    byId("cover").replaceChildren(blur, image);
  }

  get photoCount() {
    return this.#photoCount;
  }

  setPhotoCount(count) {
    this.#photoCount = Math.max(0, count);
    setText(byId("photo-count"), this.#photoCount === 0 ? "" : t("common.photos", { count: this.#photoCount }));
  }

  showGuests(count) {
    byId("guests").hidden = false;
    byId("guests").title = t("gallery.guests", { count });
    byId("guests").setAttribute("aria-label", t("gallery.guests", { count }));
    byId("guests").setAttribute("role", "img");
    setText(byId("guest-count"), new Intl.NumberFormat(language()).format(count));
  }

  /** Why the server has ended the connection; seen for as long as it stays so. */
  showFarewell(text) {
    setText(byId("farewell-text"), text);
  }

  showPhase(phase) {
    const isLive = phase === "live" || phase === "probing";
    this.#hasBeenLive ||= isLive;
    const isBack = this.#hasBeenLive && (phase === "connecting" || phase === "joining");
    const word = isLive || navigator.onLine ? words[isBack ? "waiting" : phase] : "offline";
    byId("live").dataset.state = isLive ? "live" : phase === "waiting" || isBack ? "lost" : "pending";
    setText(byId("live-word"), t(`gallery.phase.${word}`));
    byId("farewell").hidden = phase !== "dismissed";
    // How many are here is only known while connected.
    if (!isLive) byId("guests").hidden = true;
  }

  #makeRoom(hasCover) {
    byId("cover").hidden = !hasCover;
    byId("hero").classList.toggle("has-cover", hasCover);
    byId("gallery").classList.toggle("over-cover", hasCover);
  }
}

/** What each phase of the live connection means to the reader. */
const words = {
  idle: "paused", connecting: "connecting", joining: "connecting", live: "live", probing: "live",
  waiting: "waiting", refused: "waiting", dismissed: "dismissed",
};

/** "6 June 2026 · Harbour House" */
function occasion({ startsAt, endsAt, timeZone = "UTC", place }) {
  return [startsAt && days(startsAt, endsAt, timeZone), place].filter(Boolean).join(" · ");
}

function days(startsAt, endsAt, timeZone) {
  try {
    const format = new Intl.DateTimeFormat(language(), { dateStyle: "long", timeZone });
    const [from, to] = [new Date(startsAt), new Date(endsAt ?? startsAt)];
    // A party that goes on past midnight is one of the day it began on.
    return to - from < 86_400_000 ? format.format(from) : format.formatRange(from, to);
  } catch {
    return "";
  }
}
