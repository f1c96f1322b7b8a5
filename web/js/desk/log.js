import { busy } from "../ui/act.js";
import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { dateTime } from "./words.js";

const paths = { access: "access-log", audit: "audit" };
const pageSize = 25;

/** Who came and saved, or who changed what: read when it is opened, page by page. */
export class Log {
  #page;
  #kind;
  #list = element("ol", { class: "rows" });
  #more = element("button", { class: "button small", type: "button", hidden: true }, t("desk.log.more"));
  #cursor;
  node;

  /** @param {"access"|"audit"} kind */
  constructor(page, kind) {
    this.#page = page;
    this.#kind = kind;
    this.#more.onclick = () => busy(this.#more, () => this.#load());
    this.node = element("details", { class: "card log" }, element("summary", {}, t(`desk.log.${kind}`)), this.#list, this.#more);
    this.node.ontoggle = () => this.node.open && this.#begin();
  }

  async #begin() {
    this.#cursor = undefined;
    this.#list.replaceChildren();
    try {
      await this.#load();
    } catch (problem) {
      this.#list.replaceChildren(element("li", { class: "row" }, problemText(problem)));
    }
  }

  async #load() {
    const { account, id } = this.#page;
    const { items, nextCursor } = await account.ask(`/api/sessions/${id}/${paths[this.#kind]}`, { query: { limit: pageSize, cursor: this.#cursor } });
    this.#cursor = nextCursor;
    this.#more.hidden = !nextCursor;
    this.#list.append(...items.map((item) => (this.#kind === "access" ? access(item) : audit(item))));
    if (this.#list.children.length === 0) this.#list.append(element("li", { class: "row row-facts" }, t("desk.log.none")));
  }
}

const access = ({ kind, name, network, at }) => row(t(`desk.log.${kind}`), [name, network], at);

/** Acts that there are words for say them; others are shown by their own name. */
function audit({ action, actor, change, at }) {
  const key = `desk.audit.${action}`;
  const said = t(key, { count: change?.photos?.length ?? 1 });
  const who = actor.name ?? t(`desk.actor.${actor.kind}`);
  return row(said === key ? action.replaceAll("_", " ") : said,
    [actor.kind === "key" ? `${who} (${t("desk.actor.key")})` : who, ...changed(change)], at);
}

/** What was changed, where it is short enough to be read. */
function changed(change = {}) {
  return Object.entries(change ?? {}).filter(([name, value]) => name !== "photos"
    && ["string", "number", "boolean"].includes(typeof value)).slice(0, 3)
    .map(([name, value]) => `${name}: ${String(value).slice(0, 60)}`);
}

const row = (title, facts, at) =>
  element("li", { class: "row" }, element("div", { class: "row-words" }, element("span", { class: "row-title" }, title),
  element("span", { class: "row-facts" }, facts.filter(Boolean).join(" · "))), element("time", { class: "row-facts", dateTime: at }, dateTime(at)));
