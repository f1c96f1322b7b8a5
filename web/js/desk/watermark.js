import { busy, say } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { area, field, input, segments, toggle } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";
import { WatermarkPreview } from "./watermarkpreview.js";

const places = ["topLeft", "top", "topRight", "left", "centre", "right", "bottomLeft", "bottom", "bottomRight"];
const sliders = { scale: [1, 100], opacity: [1, 100], margin: [0, 25], rotation: [-180, 180] };
const usual = { place: "bottomRight", opacity: 70, scale: 25, margin: 3, rotation: 0, colour: "#ffffff", shadow: true };

/** Marks to begin with. */
const presets = {
  signature: { place: "bottomRight", scale: 22, opacity: 80, margin: 4, rotation: 0, shadow: true },
  quiet: { place: "bottom", scale: 14, opacity: 55, margin: 3, rotation: 0, shadow: true },
  proof: { place: "centre", scale: 70, opacity: 32, margin: 0, rotation: -30, shadow: false },
  tiled: { place: "tiled", scale: 18, opacity: 26, margin: 6, rotation: -25, shadow: false },
};

const largestPicture = 512 * 1024;

/** The mark on what guests see: chosen, written, moved, and seen at once on a photo of the session. */
export class WatermarkEditor {
  #page;
  #mark;
  #kind;
  #preview;
  #body = element("div", { class: "mark-body" });
  #controls = element("div", { class: "mark-controls" });
  #save = element("button", { class: "button primary", type: "button" }, t("desk.mark.save"));
  node;

  constructor(page) {
    this.#page = page;
    const { watermark, watermarkOff } = page.session.settings;
    this.#kind = watermarkOff ? "off" : watermark ? "own" : "house";
    this.#mark = { ...usual, text: `© ${page.account.user.username}`, ...watermark };
    this.#preview = new WatermarkPreview(page);
    this.#save.onclick = () => busy(this.#save, () => this.#keep());
    const kinds = segments(t("desk.set.watermark"), ["own", "house", "off"].map((kind) => [kind, t(`desk.mark.${kind}`)]), this.#kind,
      (kind) => this.#choose(kind));
    this.#body.append(this.#controls, this.#preview.node);
    this.node = element("div", { class: "mark" }, kinds, this.#body,
      element("div", { class: "set-actions" }, this.#save, element("p", { class: "field-hint" }, t("desk.mark.savehint"))));
    this.#show();
  }

  close() {
    this.#preview.close();
  }

  get #watermark() {
    const { text, picture, ...rest } = this.#mark;
    return picture ? { ...rest, picture } : { ...rest, text };
  }

  #choose(kind) {
    this.#kind = kind;
    this.#show();
  }

  #change(change) {
    this.#mark = { ...this.#mark, ...change };
    this.#preview.show(this.#watermark);
  }

  async #keep() {
    const settings = { own: { watermark: this.#watermark, watermarkOff: false }, house: { watermark: null, watermarkOff: false },
      off: { watermarkOff: true } }[this.#kind];
    await this.#page.change({ settings });
    toast(t("desk.mark.saved"));
  }

  #show() {
    this.#body.hidden = this.#kind === "off";
    this.#controls.hidden = this.#kind !== "own";
    if (this.#kind === "own") this.#controls.replaceChildren(...this.#parts());
    if (this.#kind !== "off") this.#preview.show(this.#kind === "own" ? this.#watermark : undefined);
  }

  #parts() {
    const { picture, text, colour, shadow } = this.#mark;
    const what = segments(t("desk.mark.what"), [["text", t("desk.mark.text")], ["picture", t("desk.mark.picture")]],
      picture ? "picture" : "text", (kind) => this.#chooseWhat(kind));
    const words = area({ value: text ?? "", rows: 2, maxLength: 200 });
    words.oninput = () => this.#change({ text: words.value.split("\n").slice(0, 4).join("\n"), picture: undefined });
    const tint = input({ type: "color", class: "colour", value: colour ?? "#ffffff", oninput: () => this.#change({ colour: tint.value }) });
    const own = picture ? []
      : [field(t("desk.mark.words"), words), element("label", { class: "switch" }, element("span", {}, t("desk.mark.colour")), tint)];
    const shade = toggle(t("desk.mark.shadow"), shadow, { onChange: (isOn) => this.#change({ shadow: isOn }) });
    return [this.#presets(), what, ...(picture || this.#wantsPicture ? [this.#upload()] : []), ...own, this.#places(),
      ...Object.entries(sliders).map(([name, range]) => this.#slider(name, range)), shade];
  }

  #wantsPicture = false;

  #chooseWhat(kind) {
    this.#wantsPicture = kind === "picture";
    if (kind === "text") this.#change({ picture: undefined, text: this.#mark.text ?? `© ${this.#page.account.user.username}` });
    this.#show();
  }

  #presets() {
    const chips = Object.entries(presets).map(([name, values]) => element("button", { class: "chip", type: "button", onclick: () => {
      this.#change(values);
      this.#show();
    } }, t(`desk.mark.preset.${name}`)));
    return element("div", { class: "mark-presets" }, ...chips);
  }

  /** Where it lies, as a picture of the picture; tiled is a switch of its own. */
  #places() {
    const { place } = this.#mark;
    const grid = segments(t("desk.mark.place"),
      places.map((name) => [name, element("span", { class: "mark-dot" }), t(`desk.mark.at.${name}`)]), place, (name) => this.#place(name));
    grid.classList.add("mark-places");
    const tiled = toggle(t("desk.mark.at.tiled"), place === "tiled", { onChange: (isOn) => this.#place(isOn ? "tiled" : "centre") });
    return element("div", { class: "field" }, element("span", { class: "field-label" }, t("desk.mark.place")), grid, tiled);
  }

  #place(place) {
    this.#change({ place });
    this.#controls.querySelector(".mark-places + .switch input").checked = place === "tiled";
    for (const control of this.#controls.querySelectorAll(".mark-places input")) control.checked = control.value === place;
  }

  #slider(name, [min, max]) {
    const value = element("output", { class: "mark-value" }, shown(name, this.#mark[name]));
    const control = element("input", { type: "range", min, max, value: this.#mark[name] });
    control.oninput = () => {
      setText(value, shown(name, control.value));
      this.#change({ [name]: Number(control.value) });
    };
    const words = element("span", { class: "mark-slider-words field-label" }, t(`desk.mark.${name}`), value);
    return element("label", { class: "field" }, words, control);
  }

  #upload() {
    const file = element("input", { type: "file", accept: "image/png", hidden: true });
    const button = element("button", { class: "button small", type: "button", onclick: () => file.click() }, icon("upload"),
      t(this.#mark.picture ? "desk.mark.another" : "desk.mark.choose"));
    file.onchange = () => file.files[0] && busy(button, () => this.#send(file.files[0]), say);
    return element("div", { class: "field" }, button, file, element("span", { class: "field-hint" }, t("desk.mark.picturehint")));
  }

  async #send(file) {
    if (file.size > largestPicture || file.type !== "image/png") throw { status: 413, message: t("desk.mark.picturehint") };
    const { picture } = await this.#page.account.ask(`/api/sessions/${this.#page.id}/watermark/picture`,
      { method: "PUT", body: file, headers: { "Content-Type": "image/png" } });
    this.#change({ picture });
    this.#show();
  }
}

const shown = (name, value) => (name === "rotation" ? `${value}°` : `${value} %`);
