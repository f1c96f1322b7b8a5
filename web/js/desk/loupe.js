import { later } from "../lumiere/later.js";
import { busy, say } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { hearKeys } from "../ui/keys.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { PhotoPanel } from "./photopanel.js";
import { signed, still } from "./pictures.js";
import { isHeld, keyAction, loupeKeys } from "./shortcuts.js";
import { states } from "./photocell.js";
import { isShowable, togetherButton } from "./together.js";

/** One photo in large, with all that is known of it and can be written about it. */
export class Loupe {
  #page;
  #list;
  #actions;
  #listener;
  #id = null;
  #stage = element("div", { class: "loupe-stage on-picture" });
  #place = element("span", { class: "loupe-place", role: "status" });
  #marks = element("span", { class: "loupe-marks" });
  #tools = element("div", { class: "loupe-tools" });
  #panel;
  #shown = "";
  #ear = new AbortController();
  node = element("dialog", { class: "loupe", ariaLabel: t("desk.photo") });

  /** @param {{onMoved(id), onClosed()}} listener */
  constructor(page, list, actions, listener) {
    this.#page = page;
    this.#list = list;
    this.#actions = actions;
    this.#listener = listener;
    this.#panel = new PhotoPanel(page);
    this.node.append(this.#frame());
    hearKeys(this.node, (event) => this.#key(event), this.#ear.signal);
    this.node.onclose = () => {
      this.#ear.abort();
      this.#panel.close();
      this.node.remove();
      listener.onClosed();
    };
  }

  async open(id) {
    document.body.append(this.node);
    this.node.showModal();
    // A deep link may name a photo that no page has brought yet.
    if (!this.#list.get(id)) await this.#fetch(id);
    if (this.node.open) this.#go(id);
  }

  close() {
    this.node.close();
  }

  happened(message) {
    this.#panel.happened(message);
  }

  put(photo) {
    if (photo.id === this.#extra?.id) this.#extra = photo;
    if (photo.id === this.#id) this.#refresh();
  }

  /** What is looked at may be gone from the list: the next one takes its place. */
  listChanged() {
    if (!this.node.open || this.#id === null) return;
    const at = this.#list.indexOf(this.#id);
    if (at >= 0) this.#index = at;
    if (at >= 0 || this.#extra?.id === this.#id) return this.#refresh();
    const next = this.#list.items[Math.min(this.#index, this.#list.items.length - 1)];
    if (next) this.#go(next.id);
    else if (!this.#extra) this.close();
  }

  #index = 0;
  #extra = null;

  async #fetch(id) {
    try {
      this.#extra = await this.#page.account.ask(`/api/photos/${id}`);
    } catch (problem) {
      this.close();
      say(problem);
    }
  }

  get #photo() {
    return this.#list.get(this.#id) ?? (this.#extra?.id === this.#id ? this.#extra : null);
  }

  #go(id) {
    this.#id = id;
    this.#shown = "";
    const at = this.#list.indexOf(id);
    if (at >= 0) this.#index = at;
    if (this.#index > this.#list.items.length - 12) this.#list.more();
    this.#listener.onMoved(id);
    this.#refresh();
    this.#preload();
  }

  #step(by) {
    const next = this.#list.items[this.#index + by];
    if (next) this.#go(next.id);
  }

  #refresh() {
    const photo = this.#photo;
    if (!photo) return;
    const total = this.#list.hasMore ? `${this.#list.items.length}+` : this.#list.items.length;
    setText(this.#place, t("desk.loupe.place", { at: this.#index + 1, total }));
    this.#marks.replaceChildren(...states(photo).map((words) => element("span", { class: "badge warm" }, words)));
    this.#showPicture(photo);
    this.#showTools(photo);
    this.#panel.show(photo);
  }

  #showPicture(photo) {
    const file = still(photo, innerWidth * devicePixelRatio);
    const key = `${photo.id} ${file?.url.split("?")[0]} ${photo.status}`;
    if (key === this.#shown) return;
    this.#shown = key;
    this.#stage.replaceChildren(view(this.#page.account, photo, file));
  }

  /** The neighbours are fetched while this one is looked at. */
  #preload() {
    for (const by of [1, -1]) {
      const photo = this.#list.items[this.#index + by];
      const file = photo && still(photo, innerWidth * devicePixelRatio);
      if (file) new Image().src = signed(this.#page.account, file.url, photo.sessionId);
    }
  }

  // MARK: Tools

  #run(action) {
    return this.#actions.run(action, [this.#id], [this.#photo].filter(Boolean));
  }

  #showTools(photo) {
    const key = JSON.stringify([isShowable(photo) && photo.id, photo.review, photo.isHidden, photo.isFeatured, photo.deletedAt, this.#page.session.status]);
    if (this.#tools.dataset.key === key) return;
    this.#tools.dataset.key = key;
    const { action } = this.#tools.querySelector(":focus")?.dataset ?? {};
    const together = isShowable(photo) ? [togetherButton(this.#page.account, photo)] : [];
    this.#tools.replaceChildren(...together, ...this.#buttons(photo));
    if (action) this.#tools.querySelector(`[data-action=${action}]`)?.focus();
  }

  #buttons(photo) {
    const download = this.#button("download", "download");
    if (this.#page.isArchived) return [download];
    if (photo.deletedAt) return [this.#button("restore", "restore"), this.#button("destroy", "trash")];
    const edit = [
      this.#button("approve", "check", photo.review === "approved"), this.#button("reject", "close", photo.review === "rejected"),
      this.#button("hide", photo.isHidden ? "show" : "hide", photo.isHidden), this.#button("feature", "star", photo.isFeatured),
    ];
    return [...(this.#page.may("edit") ? edit : []), download, this.#button("delete", "trash"), this.#more()];
  }

  #button(action, picture, isOn) {
    const label = t(`desk.key.${action}`);
    const button = element("button", { class: "button quiet only-icon", type: "button", title: label, ariaLabel: label }, icon(picture));
    button.dataset.action = action;
    if (isOn !== undefined) button.setAttribute("aria-pressed", String(isOn));
    button.onclick = () => busy(button, () => this.#run(action));
    return button;
  }

  #more() {
    const button = element("button", { class: "button quiet only-icon", type: "button", ariaLabel: t("common.more") }, icon("more"));
    const item = (action, picture, danger) =>
      ({ label: t(`desk.batch.${action}`), icon: picture, danger, act: () => this.#run(action) });
    const cover = { label: t("desk.loupe.cover"), icon: "image", act: () => busy(button, () => this.#page.change({ coverPhotoId: this.#id })) };
    menuButton(button, () =>
      [...(this.#page.may("manage") ? [cover] : []), item("note", "edit"), item("pend", "clock"), item("move", "move"),
      item("rerender", "refresh"), null, item("destroy", "trash", true)]);
    return button;
  }

  #frame() {
    const round = (name, picture, act) =>
      element("button", { class: `button quiet only-icon ${name}`, type: "button", ariaLabel: t(`desk.loupe.${name}`), onclick: act }, icon(picture));
    const close = round("close", "close", () => this.close());
    const bar = element("div", { class: "loupe-bar" }, close, this.#place, this.#marks, this.#tools);
    const stage = element("div", { class: "loupe-area" }, this.#stage, round("previous", "back", () => this.#step(-1)),
      round("next", "next", () => this.#step(1)));
    swipe(this.#stage, (by) => this.#step(by));
    return element("div", { class: "loupe-frame" }, element("div", { class: "loupe-left on-picture" }, bar, stage), this.#panel.node);
  }

  #key(event) {
    if (event.target.closest("input, textarea, select, .menu")) return;
    const action = keyAction(event, loupeKeys);
    if (!action) return;
    if (event.target.closest("video") && /previous|next/.test(action)) return;
    event.preventDefault();
    event.stopPropagation();
    if (isHeld(event)) return;
    const mirrored = getComputedStyle(this.node).direction === "rtl" ? -1 : 1;
    if (action === "previous") return this.#step(-mirrored);
    if (action === "next") return this.#step(mirrored);
    if (action === "panel") return this.node.classList.toggle("is-bare");
    if (action === "help") return later("./help.js", import.meta.url).then(({ showHelp }) => showHelp("loupe"));
    this.#run(action);
  }
}

/** The picture, the film, or why there is neither. */
export function view(account, photo, file) {
  const stream = photo.kind === "video" && photo.renditions?.find(({ name }) => name === "stream");
  if (stream) {
    return element("video", { class: "loupe-picture", controls: true, playsInline: true, preload: "metadata",
      src: signed(account, stream.url, photo.sessionId), poster: file ? signed(account, file.url, photo.sessionId) : "" });
  }
  if (!file) return element("div", { class: "nothing" }, icon(photo.status === "failed" ? "warning" : "clock"),
    element("p", {}, photo.failure?.detail ?? t(`desk.photo.${photo.status}`)));
  return element("img", { class: "loupe-picture", alt: photo.caption || photo.title || photo.filename || t("desk.photo"), decoding: "async",
    src: signed(account, file.url, photo.sessionId) });
}

/** A finger across the picture leads on. */
function swipe(node, onStep) {
  let from = null;
  node.addEventListener("touchstart", ({ touches }) => (from = touches.length === 1 ? touches[0] : null), { passive: true });
  node.addEventListener("touchend", ({ changedTouches }) => {
    if (!from) return;
    const [x, y] = [changedTouches[0].clientX - from.clientX, changedTouches[0].clientY - from.clientY];
    const isMirrored = getComputedStyle(node).direction === "rtl";
    if (Math.abs(x) > 50 && Math.abs(x) > 2 * Math.abs(y)) onStep((x < 0) !== isMirrored ? 1 : -1);
    from = null;
  }, { passive: true });
}
