import { Chart } from "../ui/chart.js";
import { element } from "../ui/dom.js";
import { segments } from "../ui/form.js";
import { language, t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { filled } from "./bars.js";
import { Log } from "./log.js";
import { coverOf, picture } from "./pictures.js";
import { sessionAddress } from "./router.js";
import { number, size } from "./words.js";

const topCount = 8;

/** What has become of a session: who came, what was looked at and saved, how fast it went, who changed what. */
class Statistics {
  #page;
  #figures = element("dl", { class: "figures" });
  #chart = element("div", { class: "card chart-card" });
  #top = element("div", { class: "top-photos" });
  #links = element("div");
  #speed = element("div");
  #logs = element("div", { class: "logs" });
  #per = "hour";
  #what = "liked";
  #turn = 0;
  #onChange = () => this.#show();
  node;

  constructor(page) {
    this.#page = page;
    const per = segments(t("desk.stat.per"), [["hour", t("desk.stat.hour")], ["day", t("desk.stat.day")]], this.#per,
      (name) => this.#loadEntries((this.#per = name)));
    const what = segments(t("desk.stat.top"), ["liked", "viewed", "favoured"].map((name) => [name, t(`desk.stat.${name}`)]), this.#what,
      (name) => ((this.#what = name), this.#showTop()));
    this.node = element("div", { class: "statistics" }, element("h1", { class: "page-title", tabIndex: -1 }, t("desk.nav.statistics")), this.#figures,
      section("desk.stat.entries", this.#chart, per), section("desk.stat.top", this.#top, what),
      element("div", { class: "stat-columns" }, section("desk.stat.links", this.#links), section("desk.stat.speed", this.#speed)),
        ...(page.may("manage") ? [section("desk.stat.logs", this.#logs)] : []));
    page.todo.addEventListener("change", this.#onChange);
    this.#show();
    page.todo.refresh();
    this.#loadEntries();
    if (page.may("manage")) this.#logs.append(new Log(page, "access").node, new Log(page, "audit").node);
  }

  close() {
    this.#turn += 1;
    this.#page.todo.removeEventListener("change", this.#onChange);
  }

  #show() {
    const s = this.#page.todo.statistics;
    if (!s) return;
    const figures = [["guests", number(s.guests)], ["entries", number(s.entries)], ["views", number(s.views)],
      ["downloads", number(s.downloads)], ["likes", number(s.likes)],
      ["favourites", number(s.favourites)], ["photos", number(s.photos.ready ?? 0)], ["bytes", size(s.bytes)]];
    this.#figures.replaceChildren(...figures.map(([name, value]) =>
      element("div", { class: "figure" }, element("dt", {}, t(`desk.figure.${name}`)), element("dd", {}, value))));
    this.#showTop();
    this.#showLinks(s.links);
    this.#showSpeed(s.latency);
  }

  async #loadEntries() {
    const turn = (this.#turn += 1);
    const { account, session, id } = this.#page;
    try {
      const answer = await account.ask(`/api/sessions/${id}/statistics/entries`, { query: { per: this.#per, zone: session.timeZone } });
      if (turn === this.#turn) this.#showEntries(answer);
    } catch (problem) {
      if (turn === this.#turn) this.#chart.replaceChildren(element("p", { class: "row-facts" }, problemText(problem)));
    }
  }

  #showEntries({ bars, zone, per }) {
    if (bars.length === 0) return this.#chart.replaceChildren(element("p", { class: "row-facts" }, t("desk.stat.noentries")));
    const long = formatter(zone, { dateStyle: "medium", ...(per === "hour" && { timeStyle: "short" }) });
    const short = formatter(zone, per === "hour" ? { hour: "numeric", minute: "2-digit" } : { day: "numeric", month: "short" });
    const rows = filled(bars, per,
      zone).map(({ from, byCode, byLink }) =>
      ({ title: long.format(new Date(from)), short: short.format(new Date(from)), values: [byCode, byLink] }));
    const series = [{ name: t("desk.stat.bycode"), kind: "one" }, { name: t("desk.stat.bylink"), kind: "two" }];
    this.#chart.replaceChildren(new Chart({ label: t("desk.stat.entries"), head: t("desk.stat.time"), series, rows, number }));
  }

  #showTop() {
    const s = this.#page.todo.statistics;
    const lists = { viewed: s?.mostViewed.map(({ photoId, views }) => [photoId, views]),
      liked: s?.mostLiked.map(({ photoId, count }) => [photoId, count]), favoured: s?.mostFavoured.map(({ photoId, count }) => [photoId, count]) };
    const list = (lists[this.#what] ?? []).slice(0, topCount);
    const key = JSON.stringify([this.#what, list]);
    if (this.#top.dataset.key === key) return;
    this.#top.dataset.key = key;
    this.#top.replaceChildren(...(list.length > 0 ? list.map(([id, count]) => this.#topPhoto(id, count))
      : [element("p", { class: "row-facts" }, t("desk.stat.none"))]));
  }

  #topPhoto(id, count) {
    const link = element("a", { class: "top-photo", href: sessionAddress(this.#page.id, "photos", { photo: id }) },
      element("span", { class: "top-count" }, number(count)));
    link.ariaLabel = t(`desk.stat.${this.#what}by`, { count });
    coverOf(this.#page.account, id).then((photo) => photo && link.prepend(picture(this.#page.account, photo, 180)));
    return link;
  }

  #showLinks(links) {
    const most = Math.max(1, ...links.map(({ views }) => views));
    const row = ({ name, views, downloads }) => {
      const fill = element("div", { class: "bar-fill" });
      fill.style.width = `${(views / most) * 100}%`;
      return element("li", { class: "row" },
        element("div", { class: "row-words" }, element("span", { class: "row-title" }, name), element("div", { class: "bar-track" }, fill)),
        element("span", { class: "row-facts" }, `${t("desk.stat.views", { count: views })} · ${t("desk.link.saved", { count: downloads })}`));
    };
    this.#links.replaceChildren(links.length > 0 ? element("ul", { class: "rows card" }, ...links.slice(0, 20).map(row))
      : element("p", { class: "row-facts" }, t("desk.stat.none")));
  }

  /** From the last byte received to the first picture that guests can see. */
  #showSpeed({ p50, p95, p99, photos }) {
    if (!photos) return this.#speed.replaceChildren(element("p", { class: "row-facts" }, t("desk.stat.none")));
    const seconds = new Intl.NumberFormat(language(), { style: "unit", unit: "second", maximumFractionDigits: 1 });
    const figure = (key, value) =>
      element("div", { class: "figure" }, element("dt", {}, t(`desk.stat.${key}`)), element("dd", {}, seconds.format(value / 1000)));
    this.#speed.replaceChildren(element("dl", { class: "figures" }, figure("p50", p50), figure("p95", p95), figure("p99", p99)),
      element("p", { class: "field-hint" }, t("desk.stat.speedhint", { count: photos })));
  }
}

function formatter(zone, options) {
  try {
    return new Intl.DateTimeFormat(language(), { timeZone: zone, ...options });
  } catch {
    return new Intl.DateTimeFormat(language(), options);
  }
}

function section(key, body, ...extra) {
  return element("section", { class: "block" },
    element("div", { class: "block-head" }, element("h2", { class: "block-title" }, t(key)), ...extra), body);
}

export const open = (page) => new Statistics(page);
