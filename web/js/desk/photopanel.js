import { later } from "../lumiere/later.js";
import { busy, say } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { area, field, input } from "../ui/form.js";
import { aperture, camera, focalLength, shutter } from "../ui/format.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { toast } from "../ui/toast.js";
import { Tagging } from "./tagging.js";
import { dateTime, size } from "./words.js";
import { momentOf, wallTime } from "./zones.js";

/** What is written about one photo: to be changed, and to be read. Changes are kept when a field is left. */
export class PhotoPanel {
  #page;
  #photo = null;
  #failure = element("div", { class: "panel-failure", hidden: true });
  #stars = element("div", { class: "stars", role: "radiogroup", ariaLabel: t("desk.detail.rating") });
  #title = input({ maxLength: 200 });
  #caption = area({ maxLength: 4000, rows: 3 });
  #category = input({ maxLength: 64 });
  #taken = input({ type: "datetime-local", step: 1 });
  #tagging = new Tagging((id, tags) => this.#keep(id, { tags }));
  #tags = element("div", { class: "tag-list" });
  #newTag = input({ class: "input small", placeholder: t("desk.tag.add"), ariaLabel: t("desk.tag.add"), autocapitalize: "none" });
  #note = area({ maxLength: 1000, rows: 2 });
  #facts = element("dl", { class: "facts" });
  #more = element("details", { class: "metadata", hidden: true });
  #talk = element("details", { class: "metadata" });
  #comments = null;
  #saved = element("p", { class: "panel-saved", role: "status" });
  node;

  constructor(page) {
    this.#page = page;
    this.#title.onchange = () => this.#save({ title: this.#title.value.trim() || null });
    this.#caption.onchange = () => this.#save({ caption: this.#caption.value.trim() || null });
    this.#category.onchange = () => this.#save({ category: this.#category.value.trim() || null });
    this.#taken.onchange = () => this.#save({ capturedAt: momentOf(this.#taken.value, zoneOf(page)) });
    this.#note.onchange = () => this.#saveNote();
    this.#newTag.onchange = () => this.#addTags();
    this.#talk.ontoggle = () => this.#talk.open && this.#openComments();
    this.#more.ontoggle = () => this.#more.open && this.#readMetadata();
    this.node = element("aside", { class: "loupe-panel", ariaLabel: t("desk.detail.title") }, this.#failure, this.#stars,
      field(t("desk.detail.name"), this.#title), field(t("desk.detail.caption"), this.#caption),
      element("div", { class: "field" }, element("span", { class: "field-label" }, t("desk.detail.tags")), this.#tags, this.#newTag),
      field(t("desk.detail.category"), this.#category), field(t("desk.detail.taken"), this.#taken, zoneOf(page)),
      field(t("desk.detail.note"), this.#note, t("desk.reject.hint")), this.#saved, this.#facts, this.#talk, this.#more);
  }

  show(photo) {
    const isOther = photo.id !== this.#photo?.id;
    this.#photo = photo;
    if (isOther) setText(this.#saved, "");
    this.#fill(this.#title, photo.title, isOther);
    this.#fill(this.#caption, photo.caption, isOther);
    this.#fill(this.#category, photo.category, isOther);
    this.#fill(this.#taken, takenWall(photo, zoneOf(this.#page)), isOther);
    this.#fill(this.#note, photo.reviewNote, isOther);
    this.#showStars(photo);
    this.#showTags(photo);
    this.#showFacts(photo);
    this.#showFailure(photo);
    if (isOther) this.#resetMetadata();
    if (isOther) this.#resetComments();
    for (const control of this.node.querySelectorAll("input, textarea")) control.disabled = !this.#mayEdit;
  }

  /** An event of the session: somebody may be talking about this photo. */
  happened(message) {
    this.#comments?.handle(message);
  }

  close() {
    // A field that is still being written in is left by that, too.
    if (this.node.contains(document.activeElement)) document.activeElement.blur();
  }

  get #mayEdit() {
    return !this.#page.isArchived && (this.#page.may("edit") || this.#photo?.uploaderId === this.#page.account.user.id);
  }

  /** What somebody is typing is not overwritten by what arrives. */
  #fill(control, value, isOther) {
    if (isOther || document.activeElement !== control) control.value = value ?? "";
  }

  #save(change) {
    return this.#keep(this.#photo.id, change).catch(say);
  }

  async #keep(id, change) {
    const photo = await this.#page.account.ask(`/api/photos/${id}`, { method: "PUT", body: change });
    if (this.#photo.id !== id) return;
    setText(this.#saved, t("desk.detail.saved"));
    this.show(photo);
  }

  async #saveNote() {
    const { id, review } = this.#photo;
    const act = () => this.#page.account.ask(`/api/photos/${id}/review`,
      { method: "POST", body: { review: review ?? "pending", note: this.#note.value.trim() } });
    if (await busy(null, act)) setText(this.#saved, t("desk.detail.saved"));
  }

  #showStars(photo) {
    const star = (count) => {
      const button = element("button",
        { class: count <= (photo.rating ?? 0) ? "star is-on" : "star", type: "button", role: "radio",
        ariaLabel: t("desk.photo.stars", { count }) }, count <= (photo.rating ?? 0) ? "★" : "☆");
      button.ariaChecked = String(count === photo.rating);
      button.disabled = !this.#mayEdit;
      button.onclick = () => this.#save({ rating: count === photo.rating ? 0 : count });
      return button;
    };
    if (this.#stars.contains(document.activeElement)) queueMicrotask(() => this.#stars.children[Math.max(0, (photo.rating ?? 1) - 1)]?.focus());
    this.#stars.replaceChildren(...[1, 2, 3, 4, 5].map(star));
  }

  #showTags(photo) {
    const chip = (tag) => {
      const remove = element("button",
        { class: "chip", type: "button", ariaLabel: t("desk.tag.remove", { name: tag }), disabled: !this.#mayEdit }, tag, icon("close"));
      remove.onclick = () => this.#tag((tags) => tags.filter((held) => held !== tag));
      return remove;
    };
    const at = [...this.#tags.children].indexOf(document.activeElement);
    this.#tags.replaceChildren(...this.#tagging.of(photo).map(chip));
    if (at >= 0) (this.#tags.children[at] ?? this.#newTag).focus();
  }

  async #tag(act) {
    const { id } = this.#photo;
    const saving = this.#tagging.change(this.#photo, act);
    this.#showTags(this.#photo);
    await saving.catch(say);
    if (this.#photo.id === id) this.#showTags(this.#photo);
  }

  #addTags() {
    const added = this.#newTag.value.split(/[,;，；]/).map((tag) => tag.trim().toLowerCase()).filter(Boolean);
    this.#newTag.value = "";
    if (added.length > 0) this.#tag((tags) => [...new Set([...tags, ...added])]);
  }

  #showFailure(photo) {
    const isFailed = photo.status === "failed" && photo.failure;
    this.#failure.hidden = !isFailed && !photo.isDamaged;
    if (photo.isDamaged && !isFailed) return this.#failure.replaceChildren(element("p", {}, t("desk.detail.damaged")));
    if (!isFailed) return;
    const again = element("button", { class: "button small", type: "button" }, icon("refresh"), t("desk.detail.again"));
    again.onclick = () => busy(again, async () => {
      await this.#page.account.ask(`/api/photos/${photo.id}/requeue`, { method: "POST" });
      toast(t("desk.detail.queued"));
    });
    this.#failure.replaceChildren(element("strong", {}, t("desk.photo.failed")), element("p", {}, photo.failure.detail),
      element("p", {}, photo.failure.help ?? ""), again);
  }

  #showFacts(photo) {
    const exif = photo.exif ?? {};
    const rows = [
      ["file", photo.filename], ["size", [photo.width && `${photo.width} × ${photo.height}`, size(photo.size ?? 0)].filter(Boolean).join(" · ")],
      ["by", photo.uploaderName], ["came", dateTime(photo.createdAt)], ["camera", camera(exif.make, exif.model)], ["lens", exif.lens],
      ["exposure", [exif.exposureTime && shutter(exif.exposureTime), exif.aperture && aperture(exif.aperture), exif.iso && `ISO ${exif.iso}`,
        exif.focalLength && focalLength(exif.focalLength)].filter(Boolean).join(" · ")],
      ["likes", photo.likes > 0 ? String(photo.likes) : ""], ["favourites", photo.favourites > 0 ? String(photo.favourites) : ""],
    ].filter(([, value]) => value);
    this.#facts.replaceChildren(...rows.map(([name, value]) =>
      element("div", { class: "fact" }, element("dt", {}, t(`desk.fact.${name}`)), element("dd", {}, value))));
  }

  #resetComments() {
    this.#comments = null;
    this.#talk.open = false;
    this.#talk.replaceChildren(element("summary", {}, t("desk.detail.comments")));
  }

  async #openComments() {
    if (this.#comments) return;
    const { id } = this.#photo;
    try {
      const { PhotoComments } = await later("../chat/panel.js", import.meta.url);
      if (this.#photo.id !== id || this.#comments) return;
      const { account, live, session } = this.#page;
      this.#comments = new PhotoComments({ caller: account, live, session, photoId: id, me: account.user });
      this.#talk.append(this.#comments);
    } catch (problem) {
      say(problem);
    }
  }

  #resetMetadata() {
    this.#more.open = false;
    this.#more.hidden = this.#photo.status !== "ready";
    this.#more.replaceChildren(element("summary", {}, t("desk.detail.metadata")));
  }

  async #readMetadata() {
    const { id } = this.#photo;
    if (this.#more.children.length > 1) return;
    try {
      const { metadata = [] } = await this.#page.account.ask(`/api/photos/${id}`);
      if (this.#photo.id !== id) return;
      const rows = metadata.slice(0,
        400).map(({ name, value }) => element("div", { class: "fact" }, element("dt", {}, name), element("dd", {}, value)));
      this.#more.append(rows.length > 0 ? element("dl", { class: "facts" }, ...rows)
        : element("p", { class: "field-hint" }, t("desk.detail.nometadata")));
    } catch (problem) {
      this.#more.append(element("p", { class: "field-error" }, problemText(problem)));
    }
  }
}

/** A capture time without offset is what the camera's clock showed, which is that of the place. */
function takenWall({ capturedAt }, zone) {
  if (!capturedAt) return "";
  return /(Z|[+-]\d{2}:\d{2})$/.test(capturedAt) ? wallTime(capturedAt, zone, { seconds: true }) : capturedAt.slice(0, 19);
}

/** Whose clock the field shows: its label names it. */
const zoneOf = ({ session }) => session.timeZone ?? "UTC";
