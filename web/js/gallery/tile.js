import { element, setText } from "../ui/dom.js";
import { duration, timeOfDay } from "../ui/format.js";
import { gridPictures, takenAt } from "./photo.js";

/** One picture of the grid. Its place comes from the grid, its content from the photo. */
export class Tile {
  #pass;
  #photo;
  #image = null;
  #badge = element("span", { class: "tile-badge" });
  #button = element("button", { class: "tile-button", type: "button" });
  /** The list item. */
  node = element("li", { class: "tile" }, this.#button);
  /** Where it stands, in the grid's coordinates; the grid sets it through `place`. */
  box = null;

  /** @param {Pass} pass signs the media URLs */
  constructor(photo, pass, open) {
    this.#pass = pass;
    this.#button.addEventListener("click", () => open(this.#photo.id));
    this.show(photo);
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

  /** Shows the photo, or its newer state. */
  show(photo) {
    if (photo === this.#photo) return;
    this.#photo = photo;
    this.#button.setAttribute("aria-label", this.#label);
    this.#showBadge();
    this.#showPicture();
  }

  /** Asks again for a picture that has not come, with the present token. */
  signAnew() {
    if (!this.node.classList.contains("is-loaded")) this.#showPicture();
  }

  place(box) {
    this.box = box;
    const { style } = this.node;
    style.width = `${box.width}px`;
    style.height = `${box.height}px`;
    style.transform = `translate(${box.x}px, ${box.y}px)`;
    if (this.#image) this.#image.sizes = `${Math.ceil(box.width)}px`;
  }

  get #label() {
    const kind = this.#photo.kind === "video" ? "Video" : "Photo";
    return `${kind}, ${timeOfDay(takenAt(this.#photo))}`;
  }

  #showBadge() {
    if (this.#photo.kind !== "video") return this.#badge.remove();
    setText(this.#badge, duration(this.#photo.video?.duration ?? 0));
    this.#button.append(this.#badge);
  }

  #showPicture() {
    const pictures = gridPictures(this.#photo);
    if (pictures.length === 0) return;
    this.#image ??= this.#makeImage();
    const image = this.#image;
    image.srcset = pictures.map((picture) => `${this.#pass.sign(picture.url)} ${picture.width}w`).join(", ");
    image.src = this.#pass.sign(pictures[0].url);
    [image.width, image.height] = [pictures.at(-1).width, pictures.at(-1).height];
  }

  /** Described by the button around it, hence the empty alternative text. */
  #makeImage() {
    const image = element("img", { class: "tile-image", alt: "", loading: "lazy", decoding: "async", draggable: false });
    image.sizes = this.box ? `${Math.ceil(this.box.width)}px` : "320px";
    image.addEventListener("load", () => this.node.classList.add("is-loaded"));
    this.#button.prepend(image);
    return image;
  }
}
