import { element, setText } from "../ui/dom.js";
import { language, t } from "../ui/messages.js";
import { menuButton } from "../ui/menu.js";
import { icon } from "./icons.js";

/** What can be done with the photo on the stage: a row of buttons, and a key for most of them. */
export class Acts {
  #visit;
  #panel;
  #photo = null;
  #buttons = {};
  #keys = {};
  #likes = element("span", { class: "act-count" });

  /** @param {HTMLElement} row @param {{advance()}} hooks */
  constructor(row, visit, panel, { advance }) {
    [this.#visit, this.#panel] = [visit, panel];
    const on = (name, drawing, key, act) => this.#add(row, name, drawing, key, act);
    on("like", "heart", "h", () => visit.marks.toggle(this.#photo, "like")).append(this.#likes);
    on("favourite", "star", "f", () => visit.marks.toggle(this.#photo, "favourite"));
    on("collect", "list", "l", () => visit.errands.collect([this.#photo]));
    on("comments", "comment", "c", () => panel.toggle("comments"));
    on("share", "share", "s", () => visit.errands.sharePhoto(this.#photo));
    on("download", "download", "d", () => visit.errands.save(this.#photo));
    on("details", "info", "i", () => panel.toggle("facts"));
    menuButton(on("more", "more", null, () => {}), () => this.#more(advance));
  }

  show(photo) {
    if (!photo) return;
    this.#photo = photo;
    const { like, favourite, collect, comments, download, details } = this.#buttons;
    const rights = this.#visit.rights;
    like.setAttribute("aria-pressed", String(Boolean(photo.isLiked)));
    favourite.setAttribute("aria-pressed", String(Boolean(photo.isFavourite)));
    setText(this.#likes, photo.likes > 0 ? new Intl.NumberFormat(language(), { notation: "compact" }).format(photo.likes) : "");
    collect.hidden = !rights.has("select");
    download.hidden = !this.#visit.canSave(photo);
    details.setAttribute("aria-expanded", String(this.#panel.kind === "facts"));
    comments.setAttribute("aria-expanded", String(this.#panel.kind === "comments"));
  }

  /** @returns {boolean} whether the key meant one of them */
  pressed(key) {
    const button = this.#keys[key];
    if (!button || button.hidden) return false;
    button.click();
    return true;
  }

  #more(advance) {
    return [
      { label: t("gallery.slideshow"), icon: "play", act: () => this.#visit.errands.startShow(this.#photo) },
      { label: t("gallery.choose_this"), icon: "check", act: () => { this.#visit.choosing.toggle(this.#photo.id); advance(); } },
      null,
      { label: t("gallery.report"), icon: "flag", danger: true, act: () => this.#visit.errands.report(this.#photo) },
    ];
  }

  #add(row, name, drawing, key, act) {
    const label = t(`gallery.act.${name}`);
    const button = element("button", { class: `round act-${name}`, type: "button", "aria-label": label, onclick: act });
    button.title = key ? `${label} (${key.toUpperCase()})` : label;
    if (key) {
      button.setAttribute("aria-keyshortcuts", key);
      this.#keys[key] = button;
    }
    button.append(icon(drawing));
    row.append(button);
    return (this.#buttons[name] = button);
  }
}
