import { busy } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";

/** What can be done with all that is picked; it comes up from the foot of the page. */
export class BatchBar {
  #page;
  #actions;
  #hands;
  #count = element("span", { class: "batch-count" });
  #fill = element("div", { class: "bar-fill" });
  #track = element("div", { class: "bar-track batch-progress", hidden: true }, this.#fill);
  #buttons = element("div", { class: "batch-buttons" });
  #kind = "";
  #onProgress = () => this.#showProgress();
  node = element("div", { class: "batch-bar", role: "group", ariaLabel: t("desk.batch.title"), hidden: true });

  /** @param {{subjects(): string[], clear(), all()}} hands */
  constructor(page, actions, hands) {
    this.#page = page;
    this.#actions = actions;
    this.#hands = hands;
    const clear = element("button",
      { class: "button quiet small only-icon", type: "button", ariaLabel: t("desk.batch.clear"), title: t("desk.batch.clear"),
      onclick: () => hands.clear() }, icon("close"));
    this.node.append(this.#track, element("div", { class: "batch-row" }, clear, this.#count, this.#buttons));
    actions.addEventListener("progress", this.#onProgress);
  }

  show(count) {
    this.node.hidden = count === 0;
    document.documentElement.classList.toggle("has-batch", count > 0);
    setText(this.#count, t("desk.photos.picked", { count }));
    const isBin = new URLSearchParams(location.hash.split("?")[1]).get("deleted") === "true";
    const kind = this.#page.isArchived ? "archived" : isBin ? "bin" : "plain";
    if (kind === this.#kind) return;
    this.#kind = kind;
    this.#buttons.replaceChildren(...this.#make(kind));
  }

  close() {
    document.documentElement.classList.remove("has-batch");
    this.#actions.removeEventListener("progress", this.#onProgress);
  }

  #make(kind) {
    if (kind === "archived") return [this.#button("download", "download")];
    if (kind === "bin") return [this.#button("restore", "restore"), this.#button("destroy", "trash", "danger")];
    const edit = this.#page.may("edit");
    const first = edit ? [this.#button("approve", "check"), this.#button("reject", "close"), this.#button("hide", "hide"),
      this.#button("tag", "tag", "is-spare"), this.#button("feature", "star", "is-spare")] : [];
    return [...first, this.#button("download", "download", "is-spare"), this.#button("delete", "trash"), this.#more()];
  }

  #button(action, picture, kind = "") {
    const button = element("button", { class: `button quiet small ${kind}`, type: "button", title: t(`desk.key.${action}`) }, icon(picture),
      element("span", { class: "batch-word" }, t(`desk.batch.${action}`)));
    button.ariaLabel = t(`desk.key.${action}`);
    button.onclick = () => busy(button, () => this.#actions.run(action, this.#hands.subjects()));
    return button;
  }

  #more() {
    const button = element("button", { class: "button quiet small only-icon", type: "button", ariaLabel: t("common.more") }, icon("more"));
    const item = (action, picture, danger) =>
      ({ label: t(`desk.batch.${action}`), icon: picture, danger, act: () => this.#actions.run(action, this.#hands.subjects()) });
    // What has no place in a narrow bar is found here.
    const spare = () => (matchMedia("(max-width: 700px)").matches
      ? [item("tag", "tag"), item("feature", "star"), item("download", "download"), null] : []);
    menuButton(button, () => [
      ...spare(),
      { label: t("desk.key.all"), icon: "check", act: () => this.#hands.all() }, null,
      item("note", "edit"), item("pend", "clock"), item("publish", "show"), null,
      ...[5, 4, 3, 2, 1].map((stars) => ({ label: "★".repeat(stars), act: () => this.#actions.run(`rate${stars}`, this.#hands.subjects()) })),
        item("rate0", "star"), null,
      item("untag", "tag"), item("category", "folder"), item("shift", "clock"), item("move", "move"), item("rerender", "refresh"), null,
        item("destroy", "trash", true),
    ]);
    return button;
  }

  #showProgress() {
    const { progress } = this.#actions;
    this.#track.hidden = !progress || progress.total < 2;
    if (progress) this.#fill.style.width = `${Math.max(4, ((progress.done + progress.failed) / progress.total) * 100)}%`;
  }
}
