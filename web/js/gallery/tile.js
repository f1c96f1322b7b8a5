import { element, setText } from "../ui/dom.js";
import { duration } from "../ui/format.js";
import { t } from "../ui/messages.js";
import { icon } from "./icons.js";
import { gridPictures } from "./photo.js";
import { paintSoon } from "./placeholder.js";

/** One picture of the grid. Its place comes from the grid, its content from the photo. */
export class Tile {
  #host;
  #photo;
  #box;
  #image = null;
  #source = "";
  #isBrief = false;
  #badge = element("span", { class: "tile-badge on-picture" });
  #canvas = element("canvas", { class: "tile-blur", width: 1, height: 1 });
  #button = element("button", { class: "tile-button", type: "button", tabIndex: -1 }, this.#canvas);
  /** Those for choosing and for favourites come when they have something to say, or a mouse is near. */
  #check = null;
  #star = null;
  /** The list item. */
  node = element("li", { class: "tile" }, this.#button);

  /** @param {{sign(url), isChosen(id), isChoosing: boolean, label(photo)}} host */
  constructor(host) {
    this.#host = host;
  }

  get photo() {
    return this.#photo;
  }

  /** What is on the screen now: a first picture for the lightbox that needs no loading. */
  get shownSource() {
    return this.node.classList.contains("is-loaded") ? this.#image.currentSrc : undefined;
  }

  focus() {
    this.#button.focus({ preventScroll: true });
  }

  /** Whether Tab stops here. */
  letIn(isStop) {
    this.#button.tabIndex = isStop ? 0 : -1;
  }

  /**
   * Shows the photo, or its newer state.
   * @param {boolean} [isBrief] only its colour, for it goes by too fast; to be shown again when it stays
   */
  show(photo, isBrief = false) {
    if (photo === this.#photo && (isBrief || !this.#isBrief)) return;
    if (isBrief && !this.#photo) return this.#showColour(photo);
    this.#isBrief = false;
    const isOther = photo.placeholder !== this.#photo?.placeholder;
    this.#photo = photo;
    this.#showColour(photo);
    this.#isBrief = false;
    this.#showBadge();
    this.refresh();
    if (this.#showPicture() || !isOther) return;
    paintSoon(this.#canvas, photo.placeholder);
  }

  #showColour(photo) {
    this.#isBrief = true;
    this.node.dataset.id = photo.id;
    if (photo.dominantColour) this.node.style.backgroundColor = photo.dominantColour;
  }

  /** What the reader thinks of it, and whether it is chosen. */
  refresh() {
    if (!this.#photo) return;
    const { isFavourite, id } = this.#photo;
    const [isChoosing, isChosen] = [this.#host.isChoosing, this.#host.isChosen(id)];
    this.node.classList.toggle("is-chosen", isChosen);
    this.node.classList.toggle("is-favourite", Boolean(isFavourite));
    const label = this.#host.label(this.#photo);
    this.#button.setAttribute("aria-label", label);
    if (isChoosing) this.#button.setAttribute("aria-pressed", String(isChosen));
    else this.#button.removeAttribute("aria-pressed");
    if (isChoosing || isChosen || isFavourite) this.offerMarks();
    this.#check?.setAttribute("aria-pressed", String(isChosen));
    this.#star?.setAttribute("aria-pressed", String(Boolean(isFavourite)));
  }

  offerMarks() {
    if (this.#check || !this.#photo) return;
    this.#check = mark("check", "choose", t("gallery.choose"));
    this.#star = mark("star", "favourite", t("gallery.favourite"));
    this.node.append(this.#check, this.#star);
    this.refresh();
  }

  /** Asks again for a picture that has not come, with the present token. */
  signAnew() {
    if (this.#photo && !this.node.classList.contains("is-loaded")) this.#showPicture(true);
  }

  place(box, isMirrored) {
    if (box === this.#box) return;
    this.#box = box;
    put(this.node, box, isMirrored);
    if (this.#image) this.#image.sizes = `${Math.ceil(box.width)}px`;
  }

  /** Its number, for those who do not see how long the list is. */
  stand(place, total) {
    this.node.setAttribute("aria-posinset", place);
    this.node.setAttribute("aria-setsize", total);
  }

  #showBadge() {
    if (this.#photo.kind !== "video") return this.#badge.remove();
    setText(this.#badge, duration(this.#photo.video?.duration ?? 0));
    this.#button.append(this.#badge);
  }

  /** @returns {boolean} whether it is there already */
  #showPicture(again = false) {
    const pictures = gridPictures(this.#photo);
    if (pictures.length === 0) return false;
    const source = pictures.map(({ url }) => url).join(" ");
    if (source === this.#source && !again) return true;
    this.#source = source;
    const image = (this.#image ??= this.#makeImage());
    image.sizes = `${Math.ceil(this.#box?.width ?? 320)}px`;
    image.srcset = pictures.map((picture) => `${this.#host.sign(picture.url)} ${picture.width}w`).join(", ");
    // What the browser still has is simply there again: it must not fade in whenever the reader scrolls back.
    if (!image.complete) return false;
    this.node.classList.add("is-loaded", "is-instant");
    return true;
  }

  /** Described by the button around it, hence the empty alternative text. */
  #makeImage() {
    const image = element("img", { class: "tile-image", alt: "", decoding: "async", draggable: false });
    image.addEventListener("load", () => this.node.classList.add("is-loaded"));
    this.#canvas.after(image);
    return image;
  }
}

function mark(drawing, act, label) {
  const button = element("button", { class: `tile-mark tile-${drawing} on-picture`, type: "button", tabIndex: -1, "aria-label": label }, icon(drawing));
  button.dataset.act = act;
  return button;
}

/** Places an item of the grid. */
export function put({ style }, { x, y, width, height }, isMirrored) {
  style.width = `${width}px`;
  style.height = `${height}px`;
  style.transform = `translate(${isMirrored ? -x : x}px, ${y}px)`;
}
