import { say } from "../ui/act.js";
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { element, pause } from "../ui/dom.js";
import { area, choice, field, input } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { toast } from "../ui/toast.js";
import { signed } from "./pictures.js";
import { undoing } from "./undoing.js";

/** The server does a hundred at a time, and takes this many with one request. */
const most = 5000;

/** What takes back what was done, where something does. */
const inverse = { delete: "restore", restore: "delete" };
const decisions = ["approve", "reject"];

/** A list to choose from must end somewhere. */
const mostSessions = 2000;

/** Browsers swallow downloads that begin at the same moment (milliseconds). */
const betweenDownloads = 1000;

/** What can be done to photos, one or thousands. */
export class PhotoActions extends EventTarget {
  #page;
  #list;
  #known = new Map();
  /** Of the batch under way: `{id, action, done, failed, total}`. */
  progress = null;

  constructor(page, list) {
    super();
    this.#page = page;
    this.#list = list;
  }

  /**
   * @param {string} action of `shortcuts.js` or of the menu @param {string[]} ids
   * @param {object[]} [known] photos among them that the list may not hold
   */
  async run(action, ids, known = []) {
    if (!this.#mayAct(action)) return say({ code: this.#page.isArchived ? "session_archived" : "forbidden", status: 403 });
    this.#known = new Map(known.map((photo) => [photo.id, photo]));
    try {
      await this.#dispatch(action, ids);
    } catch (problem) {
      say(problem);
    }
  }

  #photo(id) {
    return this.#list?.get(id) ?? this.#known.get(id);
  }

  progressed(data) {
    if (data.id !== this.progress?.id) return;
    this.progress = { ...this.progress, ...data };
    this.#tell();
  }

  #mayAct(action) {
    if (action === "download") return true;
    return !this.#page.isArchived && (this.#page.may("edit") || this.#page.may("upload"));
  }

  #dispatch(action, ids) {
    if (action.startsWith("rate")) return this.edit(ids, { rating: Number(action.at(-1)) });
    const own = {
      hide: () => this.#toggleHidden(ids), feature: () => this.#toggleFeatured(ids), tag: () => this.#tag(ids), untag: () => this.#tag(ids, "untag"),
      delete: () => this.#delete(ids), destroy: () => this.#destroy(ids), move: () => this.#move(ids), note: () => this.#rejectWithNote(ids),
      category: () => this.#category(ids), shift: () => this.#shift(ids), download: () => this.#download(ids),
    };
    return own[action]?.() ?? this.batch(action, ids);
  }

  edit(ids, change) {
    return this.batch("edit", ids, { change });
  }

  /** Does it, shows how far it is, and says what became of it. */
  async batch(action, ids, extra = {}, { isQuiet = false } = {}) {
    const outcome = { done: 0, failed: 0, results: [], archives: [] };
    const before = ids.map((id) => this.#photo(id) ?? { id });
    for (let at = 0; at < ids.length; at += most) {
      const part = ids.slice(at, at + most);
      const answer = await this.#send(action, part, extra);
      outcome.done += answer.done;
      outcome.failed += answer.failed;
      if (answer.archive) outcome.archives.push(answer.archive);
      outcome.results.push(...answer.results.filter(({ code }) => code));
    }
    if (!isQuiet) this.#report(action, before, outcome);
    return outcome;
  }

  async #send(action, photoIds, extra) {
    const id = crypto.randomUUID?.() ?? undefined;
    this.progress = { id, action, done: 0, failed: 0, total: photoIds.length };
    this.#tell();
    try {
      return await this.#page.account.ask("/api/photos/batch", {
        method: "POST", patience: 120_000, body: { ...(id && { id }), sessionId: this.#page.id, action, photoIds, ...extra },
      });
    } finally {
      this.progress = null;
      this.#tell();
    }
  }

  #report(action, before, { done, failed, results }) {
    const text = t(`desk.done.${action}`, { count: done });
    if (failed > 0) return this.#showFailures(action, text, results);
    const steps = decisions.includes(action) ? undoing(before)
      : inverse[action] ? [{ action: inverse[action], ids: before.map(({ id }) => id), extra: {} }] : [];
    toast(text, steps.length > 0 && { action: t("desk.undo"), onAction: () => this.#undo(steps).catch(say) });
  }

  async #undo(steps) {
    for (const { action, ids, extra } of steps) {
      const { done, failed, results } = await this.batch(action, ids, extra, { isQuiet: true });
      if (failed > 0) this.#showFailures(action, t(`desk.done.${action}`, { count: done }), results);
    }
  }

  /** Names what was not done, and why. */
  #showFailures(action, text, results) {
    const row = ({ photoId, code, detail }) => element("li", { class: "row" }, element("span", { class: "row-words" },
      element("span", { class: "row-title" }, this.#photo(photoId)?.filename ?? photoId),
        element("span", { class: "row-facts" }, problemText({ code, message: detail, status: 1 }))));
    const rows = results.slice(0, 200).map(row);
    const more = results.length > rows.length
      ? [element("p", { class: "field-hint" }, t("desk.done.more", { count: results.length - rows.length }))] : [];
    const again = { name: "again", label: t("common.retry"), kind: "primary", act: () => this.batch(action, results.map(({ photoId }) => photoId)) };
    const isSimple = ["approve", "reject", "pend", "publish", "hide", "delete", "restore", "rerender"].includes(action);
    openDialog({
      title: t("desk.done.failed", { count: results.length }),
        body: element("div", {}, element("p", { class: "dialog-text" }, text), element("ul", { class: "rows" }, ...rows), ...more),
      actions: [{ name: "done", label: t("common.done") }, ...(isSimple ? [again] : [])],
    });
  }

  // MARK: With a question first, or depending on what is there

  #toggleHidden(ids) {
    const isShown = ids.some((id) => !this.#photo(id)?.isHidden);
    if (isShown) return this.batch("hide", ids);
    // To show what was hidden approves it, too.
    const count = ids.filter((id) => this.#photo(id)?.review !== "approved").length;
    if (count === 0) return this.batch("publish", ids);
    return confirmDialog(t("desk.publish.text"),
      { title: t("desk.publish.title", { count }), action: t("desk.batch.publish"), act: () => this.batch("publish", ids) });
  }

  #toggleFeatured(ids) {
    return this.edit(ids, { isFeatured: ids.some((id) => !this.#photo(id)?.isFeatured) });
  }

  async #delete(ids) {
    if (this.#list.filter?.deleted === "true") return this.#destroy(ids);
    await this.batch("delete", ids);
  }

  #destroy(ids) {
    return confirmDialog(t("desk.destroy.text"),
      { title: t("desk.destroy.title", { count: ids.length }), danger: true, action: t("desk.destroy.button"),
      act: () => this.batch("destroy", ids) });
  }

  #tag(ids, action = "tag") {
    const text = input({ placeholder: t("desk.tag.example"), autocapitalize: "none" });
    const act = async () => {
      const tags = text.value.split(/[,;，；]/).map((tag) => tag.trim().toLowerCase()).filter(Boolean);
      return tags.length > 0 ? void (await this.batch(action, ids, { tags })) : false;
    };
    return this.#ask(t(`desk.${action}.title`, { count: ids.length }), field(t("desk.tag.label"), text, t("desk.tag.hint")), text, act);
  }

  #category(ids) {
    const text = input({ maxLength: 64 });
    const act = () => this.edit(ids, { category: text.value.trim() || null });
    return this.#ask(t("desk.category.title", { count: ids.length }), field(t("desk.detail.category"), text), text, act);
  }

  #rejectWithNote(ids) {
    const text = area({ maxLength: 1000, rows: 2 });
    const act = () => this.batch("reject", ids, text.value.trim() ? { note: text.value.trim() } : {});
    return this.#ask(t("desk.reject.title", { count: ids.length }), field(t("desk.reject.note"), text, t("desk.reject.hint")), text, act);
  }

  /** For a camera whose clock was wrong. */
  #shift(ids) {
    const minutes = input({ type: "number", step: "any", value: "60", inputMode: "decimal" });
    const act = () => this.batch("shiftTime", ids, { milliseconds: Math.round(Number.parseFloat(minutes.value || "0") * 60_000) });
    return this.#ask(t("desk.shift.title", { count: ids.length }), field(t("desk.shift.minutes"), minutes, t("desk.shift.hint")), minutes, act);
  }

  async #move(ids) {
    const sessions = [];
    for await (const items of this.#page.account.pages("/api/sessions", { limit: 200 })) {
      sessions.push(...items);
      if (sessions.length >= mostSessions) break;
    }
    const targets = sessions.filter(({ id, status }) => id !== this.#page.id && status !== "archived");
    if (targets.length === 0) return toast(t("desk.move.none"));
    const list = choice(targets.map(({ id, title }) => [id, title]), targets[0].id);
    return this.#ask(t("desk.move.title", { count: ids.length }), field(t("desk.move.to"), list), list,
      () => this.batch("move", ids, { targetSessionId: list.value }));
  }

  #ask(title, body, focus, act) {
    const form = element("form", {}, body);
    return openDialog({ title, body: form, focus,
      actions: [{ name: "cancel", label: t("common.cancel") }, { name: "do", label: t("common.done"), kind: "primary", act }] });
  }

  async #download(ids) {
    const photo = ids.length === 1 ? this.#photo(ids[0]) : null;
    const urls = photo?.original?.url && !photo.deletedAt ? [`${photo.original.url}${photo.original.url.includes("?") ? "&" : "?"}download=1`]
      : (await this.batch("download", ids, {}, { isQuiet: true })).archives;
    if (urls.length === 0) return toast(t("desk.download.none"), { isBad: true });
    for (const [index, url] of urls.entries()) {
      if (index > 0) await pause(betweenDownloads);
      this.#save(url);
    }
  }

  #save(url) {
    const link = element("a", { href: signed(this.#page.account, url, this.#page.id), download: "" });
    document.body.append(link);
    link.click();
    link.remove();
  }

  #tell() {
    this.dispatchEvent(new Event("progress"));
  }
}
