import { busy } from "../ui/act.js";
import { confirmDialog } from "../ui/dialog.js";
import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";

/** How far the photos follow what the settings ask for, and the wish to derive them anew. */
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
    this.node = element("div", { class: "set-rendering" }, this.#text, this.#track, again);
    if (page.session.rendering) this.progressed(page.session.rendering);
  }

  progressed({ total, done, failed, isOver }) {
    this.#track.hidden = isOver || total === 0;
    this.#fill.style.width = `${total > 0 ? ((done + failed) / total) * 100 : 0}%`;
    setText(this.#text, isOver ? t("desk.set.rendered", { count: done }) : t("desk.set.rendering", { done, total }));
  }

  #ask(button) {
    const act = async () => this.progressed(await this.#page.account.ask(`/api/sessions/${this.#page.id}/rendering`, { method: "POST", body: { everything: true } }));
    busy(button, () => confirmDialog(t("desk.set.rerendertext"), { title: t("desk.set.rerender"), action: t("desk.set.rerender"), act }));
  }
}
