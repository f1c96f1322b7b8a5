import { element, setText } from "../ui/dom.js";
import { duration } from "../ui/format.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { picture, still } from "./pictures.js";

/** One frame of the contact sheet. Right to left, places are counted from the other side. */
export class PhotoCell {
  #account;
  #isMirrored = getComputedStyle(document.documentElement).direction === "rtl";
  #frame = element("div", { class: "cell-frame" });
  #name = element("span", { class: "cell-name", dir: "auto" });
  #marks = element("span", { class: "cell-marks" });
  #pick = element("span", { class: "cell-pick" }, icon("check"));
  #file = null;
  #said = "";
  node;

  constructor(account, photo, isNew) {
    this.#account = account;
    this.node = element("div", { class: isNew ? "cell is-new" : "cell", role: "option" }, this.#frame,
      element("div", { class: "cell-foot" }, this.#name, this.#marks));
    this.node.dataset.id = photo.id;
  }

  move(x, y, width, height) {
    const { style } = this.node;
    style.transform = `translate(${this.#isMirrored ? -x : x}px, ${y}px)`;
    style.width = `${width}px`;
    style.height = `${height}px`;
  }

  show(photo, { isPicked, isFocused, hasPicks, index, count, cell }) {
    this.node.ariaSelected = String(isPicked);
    this.node.tabIndex = isFocused ? 0 : -1;
    this.node.ariaPosInSet = index + 1;
    this.node.ariaSetSize = count;
    this.node.classList.toggle("has-picks", hasPicks);
    this.#showPicture(photo, cell);
    this.#showState(photo);
  }

  #showPicture(photo, width) {
    const file = still(photo, width * Math.min(devicePixelRatio, 2));
    const key = file ? file.url.split("?")[0] : photo.status;
    if (key === this.#file) return;
    this.#file = key;
    this.#frame.replaceChildren(file ? picture(this.#account, photo, width) : waiting(photo), this.#pick);
  }

  #showState(photo) {
    const key = JSON.stringify([photo.status, photo.review, photo.rating, photo.isHidden, photo.isFeatured, photo.filename, photo.title,
      photo.failure?.code, photo.likes, photo.deletedAt]);
    if (key === this.#said) return;
    this.#said = key;
    const words = states(photo);
    setText(this.#name, photo.title || photo.filename || t("desk.photo"));
    this.#marks.replaceChildren(...marks(photo));
    this.node.dataset.review = photo.review ?? "";
    this.node.classList.toggle("is-dimmed", Boolean(photo.isHidden || photo.deletedAt || photo.review === "rejected"));
    this.node.ariaLabel = [photo.title || photo.filename, ...words].filter(Boolean).join(", ");
    this.node.title = photo.failure ? `${photo.failure.detail} ${photo.failure.help ?? ""}`.trim()
      : [photo.filename, ...words].filter(Boolean).join("\n");
  }
}

function waiting(photo) {
  const isFailed = photo.status === "failed";
  const text = element("span", { class: "cell-waiting-text" },
    isFailed ? photo.failure?.detail ?? t("desk.photo.failed") : t("desk.photo.processing"));
  return element("div", { class: `cell-waiting ${isFailed ? "is-failed" : "skeleton"}` }, icon(isFailed ? "warning" : "clock"), text);
}

/** What is to be said of a photo, in words. */
export function states(photo) {
  return [
    photo.status !== "ready" && t(`desk.photo.${photo.status}`), photo.review && photo.review !== "approved" && t(`desk.review.${photo.review}`),
    photo.isHidden && t("desk.photo.hidden"), photo.isFeatured && t("desk.photo.featured"),
      photo.rating > 0 && t("desk.photo.stars", { count: photo.rating }),
  ].filter(Boolean);
}

function marks(photo) {
  const made = [];
  const add = (name, kind, text = "") => made.push(element("span", { class: `cell-mark ${kind}` }, ...(name ? [icon(name)] : []), text));
  if (photo.kind === "video" && photo.video?.duration) add("film", "", duration(photo.video.duration));
  if (photo.rating > 0) add("", "stars", "★".repeat(photo.rating));
  if (photo.isFeatured) add("star", "warm");
  if (photo.isHidden) add("hide", "");
  if (photo.review === "pending") add("clock", "warm");
  if (photo.review === "rejected") add("close", "bad");
  if (photo.status === "failed") add("warning", "bad");
  return made;
}
