import { steadily } from "./steadily.js";

/** What can change what waits for the staff. */
const telling = ["new_photo", "photo_status_updated", "photo_deleted", "photo_reported", "report_resolved", "batch_progress", "selection_updated"];

/** What waits for somebody in a session: photos to review, reports, files that failed. */
export class Todo extends EventTarget {
  #page;
  #onCount;
  #later = steadily(() => this.refresh(), 1200);
  /** As the statistics say them; `null` until they do. */
  statistics = null;
  reports = [];

  constructor(page, onCount) {
    super();
    this.#page = page;
    this.#onCount = onCount;
  }

  start() {
    this.refresh();
  }

  happened({ type }) {
    if (telling.includes(type)) this.#later();
  }

  get pending() {
    return this.statistics?.reviews?.pending ?? 0;
  }

  get failed() {
    return this.statistics?.photos?.failed ?? 0;
  }

  /** What cannot be had is not known then: nobody is kept from work by it. */
  async refresh() {
    const { account, id } = this.#page;
    const [statistics, reports] = await Promise.all([
      account.ask(`/api/sessions/${id}/statistics`).catch(() => null),
      this.#page.may("edit") ? account.ask(`/api/sessions/${id}/reports`, { query: { limit: 100 } }).catch(() => null) : null,
    ]);
    if (statistics) this.statistics = statistics;
    if (reports) this.reports = reports.items.filter((report) => !report.resolvedAt);
    this.#onCount("review", this.pending + this.reports.length);
    this.dispatchEvent(new Event("change"));
  }
}
