import { busy } from "../ui/act.js";
import { confirmDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { ago, size } from "./words.js";

/** Where one is signed in, and how much room one's files take. */
class Devices {
  #account;
  #list = element("ul", { class: "rows card" });
  #usage = element("p", { class: "page-text" });
  node;

  constructor({ account }) {
    this.#account = account;
    const all = element("button", { class: "button danger", type: "button", onclick: () => this.#everywhere() }, t("desk.devices.others"));
    this.node = element("div", { class: "page page-narrow" },
      element("div", { class: "page-head" }, element("h1", { class: "page-title", tabIndex: -1 }, t("desk.nav.devices")), all), this.#usage,
        this.#list);
    this.#load();
  }

  show() {
    document.title = `${t("desk.nav.devices")} · Lumiere`;
  }

  async #load() {
    try {
      const { items } = await this.#account.ask("/api/auth/devices");
      this.#list.replaceChildren(...items.map((device) => this.#row(device)));
      const usage = await this.#account.ask("/api/auth/usage");
      this.#usage.textContent = t(usage.maxBytes ? "desk.devices.usageof" : "desk.devices.usage",
        { count: usage.files, size: size(usage.bytes), most: size(usage.maxBytes ?? 0) });
    } catch (problem) {
      this.#list.replaceChildren(element("li", { class: "row" }, problemText(problem)));
    }
  }

  #row(device) {
    const words = element("div", { class: "row-words" }, element("span", { class: "row-title" }, device.name || t("desk.devices.unnamed")),
      element("span", { class: "row-facts" }, t("desk.devices.used", { time: ago(device.lastUsedAt) })));
    if (device.current) return element("li", { class: "row" }, icon("desktop"), words,
      element("span", { class: "badge good" }, t("desk.devices.this")));
    const button = element("button", { class: "button small", type: "button" }, t("desk.nav.signout"));
    button.onclick = () => busy(button, async () => {
      await this.#account.ask(`/api/auth/devices/${device.id}`, { method: "DELETE" });
      await this.#load();
    });
    return element("li", { class: "row" }, icon("desktop"), words, button);
  }

  async #everywhere() {
    const act = async () => {
      for (const device of (await this.#account.ask("/api/auth/devices")).items) {
        if (!device.current) await this.#account.ask(`/api/auth/devices/${device.id}`, { method: "DELETE" });
      }
      await this.#load();
    };
    await confirmDialog(t("desk.devices.otherstext"), { title: t("desk.devices.others"), action: t("desk.nav.signout"), danger: true, act });
  }
}

export const open = (place) => new Devices(place);
