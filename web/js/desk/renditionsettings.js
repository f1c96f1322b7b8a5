import { busy } from "../ui/act.js";
import { confirmDialog } from "../ui/dialog.js";
import { element, setText } from "../ui/dom.js";
import { choice, field } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";
import { choices, chosen, recipe } from "./recipe.js";

/** What is made of the photos for guests, how far that is, and the wish to make it anew. */
export class RenditionSettings {
  #page;
  #text = element("p", { class: "field-hint", role: "status" });
  #fill = element("div", { class: "bar-fill" });
  #track = element("div", { class: "bar-track", hidden: true }, this.#fill);
  node;

  constructor(page) {
    this.#page = page;
    const again = element("button", { class: "button small", type: "button" }, icon("refresh"), t("desk.set.rerender"));
    again.onclick = () => this.#ask(again);
    this.node = element("div", { class: "set-rendering" },
      element("div", { class: "form-grid" }, ...Object.keys(choices).map((name) => this.#list(name))), this.#text, this.#track, again);
    if (page.session.rendering) this.progressed(page.session.rendering);
  }

  progressed({ total, done, failed, isOver }) {
    this.#track.hidden = isOver || total === 0;
    this.#fill.style.width = `${total > 0 ? ((done + failed) / total) * 100 : 0}%`;
    setText(this.#text, isOver ? t("desk.set.rendered", { count: done }) : t("desk.set.rendering", { done, total }));
  }

  #list(name) {
    const house = name === "quality" ? [] : [["", t("desk.recipe.house")]];
    const words = (value) => (name === "edge" ? t("desk.recipe.pixels", { count: Number(value) }) : t(`desk.recipe.${name}.${value}`));
    const held = () => chosen(this.#renditions)[name];
    const values = [...new Set([...choices[name], held()])].filter(Boolean);
    const control = choice([...house, ...values.map((value) => [value, words(value)])], held());
    control.onchange = () => this.#keep({ [name]: control.value }, () => (control.value = held()));
    return field(t(`desk.recipe.${name}`), control);
  }

  get #renditions() {
    return this.#page.session.settings?.renditions;
  }

  async #keep(change, putBack) {
    const act = () => this.#page.change({ settings: { renditions: recipe(this.#renditions, change) } });
    if (await busy(null, act)) toast(t("desk.mark.saved"));
    else putBack();
  }

  #ask(button) {
    const act = async () => this.progressed(await this.#page.account.ask(`/api/sessions/${this.#page.id}/rendering`,
      { method: "POST", body: { everything: true } }));
    busy(button, () => confirmDialog(t("desk.set.rerendertext"), { title: t("desk.set.rerender"), action: t("desk.set.rerender"), act }));
  }
}
