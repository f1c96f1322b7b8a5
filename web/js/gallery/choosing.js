import { busy } from "../ui/act.js";
import { byId, element, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { icon } from "./icons.js";

/** As many as an archive takes. */
const limit = 10_000;

/** Milliseconds that a finger rests on a photo to choose it. */
const long = 420;

/** Several photos at once: what is chosen, and the bar that says what can be done with them. */
export class Choosing {
  #visit;
  #changed;
  #ids = new Set();
  #isOn = false;
  #last = null;
  #bar = byId("choosing");
  #count = element("span", { class: "choosing-count", role: "status" });
  #buttons = {};

  /** @param {() => void} changed called when tiles are to be shown anew */
  constructor(visit, changed) {
    [this.#visit, this.#changed] = [visit, changed];
    this.#bar.append(this.#button("end", "close", () => this.end()), this.#count,
      this.#button("all", "select", () => this.#chooseAll()),
      this.#button("favourite", "star", () => this.#favourite()),
      this.#button("collect", "list", () => visit.errands.collect(this.photos)),
      this.#button("download", "download", () => busy(this.#buttons.download, () => visit.errands.saveAll([...this.#ids]))));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#isOn && !document.querySelector("dialog[open]")) this.end();
    });
  }

  get isOn() {
    return this.#isOn;
  }

  /** Of those that are not loaded (any more), only the ids. */
  get photos() {
    return [...this.#ids].map((id) => this.#visit.photo(id) ?? { id });
  }

  has(id) {
    return this.#ids.has(id);
  }

  /** @param {(id: string) => boolean} isGone */
  drop(isGone) {
    for (const id of this.#ids) if (isGone(id)) this.#ids.delete(id);
    if (this.#isOn) this.#show();
  }

  begin() {
    this.#isOn = true;
    this.#show();
  }

  end() {
    this.#isOn = false;
    this.#ids.clear();
    this.#show();
  }

  /** @param {boolean} [isRange] all from the one before to this one */
  toggle(id, isRange = false) {
    this.#isOn = true;
    const between = isRange && this.#last ? this.#visit.between(this.#last, id) : [];
    for (const one of between) this.#add(one);
    if (between.length === 0 && !this.#ids.delete(id)) this.#add(id);
    this.#last = id;
    this.#show();
  }

  /** A finger that rests on a tile chooses it. */
  followFingers(grid) {
    // Not every browser tells by a menu's event what has asked for it.
    let [timer, start, pointer] = [0, null, "mouse"];
    const cancel = () => clearTimeout(timer);
    grid.addEventListener("pointerdown", (event) => {
      const id = event.target.closest(".tile")?.dataset.id;
      pointer = event.pointerType;
      if (pointer === "mouse" || !id) return;
      start = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => this.#rested(id), long);
    });
    grid.addEventListener("pointermove", (event) => {
      if (start && Math.hypot(event.clientX - start.x, event.clientY - start.y) > 10) cancel();
    });
    for (const name of ["pointerup", "pointercancel"]) grid.addEventListener(name, cancel);
    grid.addEventListener("contextmenu", (event) => pointer !== "mouse" && event.preventDefault());
  }

  /** The click that ends a long press is no click. */
  #rested(id) {
    if (this.#ids.has(id)) return;
    this.toggle(id);
    navigator.vibrate?.(12);
    const swallow = (event) => event.stopPropagation();
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 1200);
  }

  #add(id) {
    if (this.#ids.size < limit) this.#ids.add(id);
  }

  async #chooseAll() {
    await busy(this.#buttons.all, async () => {
      const photos = await this.#visit.all(limit);
      if (!this.#isOn) return;
      for (const { id } of photos) this.#add(id);
      this.#show();
    });
  }

  async #favourite() {
    await busy(this.#buttons.favourite, async () => {
      for (const photo of this.photos) await this.#visit.marks.set(photo, "favourite", true);
    });
  }

  #show() {
    const count = this.#ids.size;
    document.body.classList.toggle("is-choosing", this.#isOn);
    this.#bar.hidden = !this.#isOn;
    setText(this.#count, count === 0 ? t("gallery.choosing.none") : t("gallery.choosing.count", { count }));
    for (const name of ["favourite", "collect", "download"]) this.#buttons[name].disabled = count === 0;
    this.#buttons.collect.hidden = !this.#visit.rights.has("select");
    this.#buttons.download.hidden = !this.#visit.rights.has("download");
    byId("choose").setAttribute("aria-pressed", String(this.#isOn));
    this.#changed();
  }

  #button(name, drawing, act) {
    const label = t(`gallery.choosing.${name}`);
    const button = element("button", { class: "round", type: "button", "aria-label": label, title: label, onclick: act });
    button.append(icon(drawing));
    return (this.#buttons[name] = button);
  }
}
