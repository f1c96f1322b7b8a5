import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { accessCard } from "./access.js";
import { coverOf, picture, still } from "./pictures.js";
import { sessionAddress } from "./router.js";
import { dateTime, day, number, size } from "./words.js";

const latestCount = 12;

/** The home of a session: how it goes at a glance, how guests get in, and what waits. */
class Overview {
  #page;
  #cover = element("div", { class: "overview-cover on-picture" });
  #facts = element("p", { class: "overview-facts" });
  #title = element("h1", { class: "overview-title", tabIndex: -1 });
  #numbers = element("dl", { class: "figures" });
  #todo = element("ul", { class: "todo" });
  #strip = element("ul", { class: "strip" });
  #people = element("ul", { class: "people" });
  #access = element("div");
  #photos = [];
  #coverId = null;
  #showTodo = () => this.#showNumbers();
  node;

  constructor(page) {
    this.#page = page;
    this.#cover.append(element("div", { class: "overview-words" }, this.#facts, this.#title));
    const latest = this.#section("desk.overview.latest", this.#strip,
      element("a", { class: "more-link", href: sessionAddress(page.id, "photos") }, t("desk.overview.all")));
    this.node = element("div", { class: "overview" },
      element("div", { class: "overview-main" }, this.#cover, this.#todo, this.#numbers, latest),
      element("div", { class: "overview-side" }, this.#access, this.#section("desk.overview.people", this.#people)));
    page.todo.addEventListener("change", this.#showTodo);
    this.changed(page.session);
    this.#showNumbers();
    this.#showPeople();
    this.#load();
  }

  changed(session) {
    const when = session.startsAt ? dateTime(session.startsAt, session.timeZone) : day(session.createdAt, session.timeZone);
    setText(this.#title, session.title);
    setText(this.#facts, [t(`desk.type.${session.type}`), when, session.place].filter(Boolean).join(" · "));
    this.#access.replaceChildren(accessCard(this.#page));
    this.#showCover(session.coverPhotoId);
  }

  happened({ type, data }) {
    if (type === "user_joined" || type === "user_left") this.#showPeople();
    if (type === "photo_deleted") this.#take(data.photoId);
    if (type === "new_photo" || type === "photo_status_updated") this.#put(data);
  }

  joined({ recovered }) {
    this.#showPeople();
    if (!recovered) this.#load();
  }

  close() {
    this.#page.todo.removeEventListener("change", this.#showTodo);
  }

  async #load() {
    const { account, id } = this.#page;
    const page = await account.ask("/api/photos", { query: { session: id, limit: latestCount } }).catch(() => null);
    if (!page) return;
    this.#photos = page.items;
    this.#showStrip();
  }

  #put(photo) {
    const isKnown = this.#photos.some(({ id }) => id === photo.id);
    if (!isKnown && this.#photos.length > 0 && photo.createdAt < this.#photos.at(-1).createdAt) return;
    this.#photos = isKnown ? this.#photos.map((held) => (held.id === photo.id ? { ...held, ...photo } : held))
      : [photo, ...this.#photos].slice(0, latestCount);
    this.#showStrip();
  }

  #take(id) {
    this.#photos = this.#photos.filter((photo) => photo.id !== id);
    this.#showStrip();
  }

  #showStrip() {
    const shown = new Map([...this.#strip.children].map((node) => [node.dataset.key, node]));
    this.#strip.replaceChildren(...this.#photos.map((photo) => {
      const key = `${photo.id} ${still(photo, 200)?.url.split("?")[0] ?? photo.status}`;
      return shown.get(key) ?? this.#tile(photo, key);
    }));
    if (this.#photos.length === 0) this.#strip.replaceChildren(element("li", { class: "strip-empty" }, t("desk.overview.nophotos")));
  }

  #tile(photo, key) {
    const link = element("a",
      { href: sessionAddress(this.#page.id, "photos", { photo: photo.id }), class: "strip-link", ariaLabel: photo.filename ?? t("desk.photo") },
      picture(this.#page.account, photo, 200));
    if (photo.status !== "ready") link.append(element("span", { class: `strip-state ${photo.status}` }, t(`desk.photo.${photo.status}`)));
    const node = element("li", { class: "strip-item" }, link);
    node.dataset.key = key;
    return node;
  }

  #showNumbers() {
    const s = this.#page.todo.statistics;
    const photos = Object.values(s?.photos ?? {}).reduce((sum, count) => sum + count, 0);
    const figures = [["photos", number(photos)], ["guests", number(s?.guests)], ["views", number(s?.views)], ["likes", number(s?.likes)],
      ["downloads", number(s?.downloads)], ["bytes", size(s?.bytes ?? 0)]];
    this.#numbers.replaceChildren(...figures.map(([name, value]) => element("div", { class: "figure" },
      element("dt", {}, t(`desk.figure.${name}`)), element("dd", {}, s ? value : "–"))));
    this.#showTodoList();
  }

  #showTodoList() {
    const { pending, failed, reports } = this.#page.todo;
    const { id } = this.#page;
    const items = [
      [pending, "review", "desk.todo.pending", sessionAddress(id, "review")],
      [reports.length, "flag", "desk.todo.reports", sessionAddress(id, "review", { what: "reports" })],
      [failed, "warning", "desk.todo.failed", sessionAddress(id, "photos", { status: "failed" })],
    ].filter(([count]) => count > 0);
    this.#todo.replaceChildren(...items.map(([count, picture, key, href]) =>
      element("li", {}, element("a", { class: "todo-link", href }, icon(picture), element("span", {}, t(key, { count })), icon("next")))));
    this.#todo.hidden = items.length === 0;
  }

  #showPeople() {
    const { people, count } = this.#page.presence;
    const nameless = Math.max(0, count - people.length);
    const rows = people.slice(0, 12).map(({ name, kind }) => element("li", { class: "person-row" },
      element("span", { class: "avatar small", "aria-hidden": "true" }, [...name][0]?.toUpperCase() ?? ""), element("span", {}, name),
        element("span", { class: "person-kind" }, t(`desk.person.${kind}`))));
    const others = nameless + Math.max(0, people.length - 12);
    if (others > 0) rows.push(element("li", { class: "person-row is-soft" }, t("desk.overview.others", { count: others })));
    this.#people.replaceChildren(...(rows.length > 0 ? rows : [element("li", { class: "person-row is-soft" }, t("desk.overview.nobody"))]));
  }

  #showCover(id) {
    if (this.#coverId === (id ?? null)) return;
    this.#coverId = id ?? null;
    this.#cover.querySelector(".picture")?.remove();
    if (id) coverOf(this.#page.account,
      id).then((photo) => photo && this.#coverId === id && this.#cover.prepend(picture(this.#page.account, photo, 900)));
  }

  #section(key, ...nodes) {
    const [body, ...extra] = nodes;
    return element("section", { class: "block" },
      element("div", { class: "block-head" }, element("h2", { class: "block-title" }, t(key)), ...extra), body);
  }
}

export const open = (page) => new Overview(page);
