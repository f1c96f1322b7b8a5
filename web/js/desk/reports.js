import { busy } from "../ui/act.js";
import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { picture } from "./pictures.js";
import { ago } from "./words.js";

/** Photos that somebody wants taken away, with who said so and why. */
export class ReportQueue {
  #page;
  #turn = 0;
  node = element("ul", { class: "report-list" });

  constructor(page) {
    this.#page = page;
    this.load();
  }

  async load() {
    const turn = (this.#turn += 1);
    const { account, id } = this.#page;
    try {
      const { items } = await account.ask(`/api/sessions/${id}/reports`, { query: { limit: 100 } });
      const open = items.filter((report) => !report.resolvedAt);
      const photos = await Promise.all(groups(open).map(async ([photoId, reports]) =>
        [reports, await account.ask(`/api/photos/${photoId}`).catch(() => null)]));
      if (turn === this.#turn) this.#show(photos);
    } catch (problem) {
      if (turn === this.#turn) this.node.replaceChildren(element("li", { class: "nothing" }, problemText(problem)));
    }
  }

  #show(photos) {
    if (photos.length === 0) return this.node.replaceChildren(element("li", { class: "nothing" }, icon("flag"),
      element("h2", { class: "nothing-title" }, t("desk.report.none"))));
    this.node.replaceChildren(...photos.map(([reports, photo]) => this.#card(reports, photo)));
  }

  #card(reports, photo) {
    const frame = element("div", { class: "report-picture" },
      ...(photo ? [picture(this.#page.account, photo, 260, photo.filename ?? "")] : [icon("image")]));
    const said = reports.map(({ by, reason, text, createdAt }) => element("div", { class: "report-said" },
      element("p", { class: "row-title" }, t(`desk.report.${reason}`)), ...(text ? [element("p", {}, `“${text}”`)] : []),
      element("p", { class: "row-facts" }, [by?.name || t("desk.report.nameless"), ago(createdAt)].join(" · "))));
    return element("li", { class: "card report-card" }, frame, element("div", { class: "report-words" }, ...said, this.#answers(reports[0])));
  }

  #answers(report) {
    const answer = (resolution, picture, kind) => {
      const button = element("button", { class: `button small ${kind}`, type: "button" }, icon(picture), t(`desk.report.${resolution}`));
      button.onclick = () => busy(button, async () => {
        await this.#page.account.ask(`/api/reports/${report.id}/resolve`, { method: "POST", body: { resolution } });
        this.#page.todo.refresh();
        await this.load();
      });
      return button;
    };
    return element("div", { class: "row-actions" }, answer("hide", "hide", ""), answer("dismiss", "check", "quiet"));
  }
}

/** By photo, in the order of the first report. */
function groups(reports) {
  const byPhoto = new Map();
  for (const report of reports) byPhoto.set(report.photoId, [...(byPhoto.get(report.photoId) ?? []), report]);
  return [...byPhoto].slice(0, 60);
}
