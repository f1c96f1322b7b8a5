import { Account } from "../lumiere/account.js";
import { later } from "../lumiere/later.js";
import { byId, element } from "../ui/dom.js";
import { loadMessages, t } from "../ui/messages.js";
import { recallTheme } from "../ui/theme.js";
import { Docks } from "./docks.js";
import { parse } from "./router.js";
import { Shell } from "./shell.js";

/** The page as a whole: who is signed in sees what the address names, everybody else the way in. */
class Desk {
  #root = byId("desk");
  #account = new Account();
  #shell = null;
  #docks = new Docks();
  #page = null;
  #key = "";
  #turn = 0;

  start() {
    this.#account.onChange = () => this.#begin();
    addEventListener("hashchange", () => this.#navigate());
    // A file that misses its place must not take the place of the page.
    for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
    this.#begin();
  }

  /** Somebody has come or gone: nothing of the one before stays. */
  #begin() {
    this.#leave();
    this.#docks.close();
    this.#shell = this.#account.user ? new Shell(this.#account) : null;
    this.#root.replaceChildren(...(this.#shell ? [this.#shell.node, this.#docks.node] : []));
    this.#navigate();
  }

  async #navigate() {
    const turn = (this.#turn += 1);
    const route = this.#account.user ? parse(location.hash) : { page: "signin" };
    const key = `${route.page} ${route.sessionId ?? ""}`;
    if (key === this.#key) return this.#page?.show?.(route);
    this.#leave();
    const made = await this.#open(route);
    if (turn !== this.#turn) return made.close?.();
    this.#page = made;
    this.#key = key;
    (this.#shell?.main ?? this.#root).replaceChildren(made.node);
    if (route.page !== "session") this.#shell?.showSession(null);
    scrollTo(0, 0);
    made.show?.(route);
  }

  async #open(route) {
    const place = { account: this.#account, shell: this.#shell, docks: this.#docks };
    try {
      const { open } = await pages[route.page]();
      return open(place, route);
    } catch {
      return { node: failed() };
    }
  }

  #leave() {
    this.#page?.close?.();
    this.#page = null;
    this.#key = "";
    this.#shell?.showSession(null);
  }
}

const pages = {
  signin: () => later("./signin.js", import.meta.url),
  sessions: () => later("./sessions.js", import.meta.url),
  session: () => later("./session.js", import.meta.url),
  devices: () => later("./devices.js", import.meta.url),
};

function failed() {
  const again = element("button", { class: "button", type: "button", onclick: () => location.reload() }, t("common.retry"));
  return element("div", { class: "nothing" }, element("p", {}, t("problem.unreachable")), again);
}

recallTheme();
await loadMessages("common", "desk");
document.title = `${t("desk.title")} · Lumiere`;
new Desk().start();
