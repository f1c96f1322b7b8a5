import { element, setText } from "../ui/dom.js";
import { menuButton } from "../ui/menu.js";
import { chooseLanguage, language, languages, t } from "../ui/messages.js";
import { chooseTheme, theme } from "../ui/theme.js";
import { icon } from "./icons.js";

/** What the connection is called, phase by phase. */
const words = { live: "live", probing: "live", connecting: "connecting", joining: "connecting", waiting: "waiting", idle: "offline" };

/** What the party is called, how the connection is, and the ways to invite, to settings and out. */
export class Header {
  #party;
  #visit;
  #title = element("h1", { class: "party-title", dir: "auto" });
  #live = element("span", { class: "party-live", role: "status" });
  #lock = element("span", { class: "party-lock", hidden: true });
  #invite = element("button", { class: "button small party-invite", type: "button" });
  node;

  constructor(party, visit) {
    [this.#party, this.#visit] = [party, visit];
    const brand = element("a", { class: "brand", href: "/party", ariaLabel: t("party.mine") },
      element("img", { src: "/assets/icon.svg", alt: "", width: 24, height: 24 }));
    const more = element("button", { class: "button quiet only-icon", type: "button", ariaLabel: t("common.more"), title: t("common.more") }, icon("more"));
    menuButton(more, () => this.#items());
    this.#lock.append(icon("lock"), element("span", { class: "visually-hidden" }, t("party.locked")));
    this.#lock.title = t("party.locked");
    this.#invite.append(icon("share"), element("span", {}, t("party.invite")));
    this.#invite.onclick = () => visit.invite();
    this.node = element("header", { class: "party-head" }, brand, this.#title, this.#lock, this.#live, this.#invite, more);
    this.showPhase(party.live.phase);
  }

  show() {
    const { party } = this.#party.room;
    setText(this.#title, party?.title ?? "");
    this.#lock.hidden = !party?.isLocked;
    // Who has come by a link has no code to give.
    this.#invite.hidden = !this.#visit.code;
  }

  /** Says how the connection is, not how it ought to be. */
  showPhase(phase) {
    const name = words[phase] ?? "offline";
    this.#live.dataset.state = name;
    setText(this.#live, t(`party.${name}`));
  }

  #items() {
    const { isHost, isManager, mayHost } = this.#party;
    const tongues = Object.entries(languages).map(([code, name]) => ({ label: name, checked: code === language(), act: () => chooseLanguage(code) }));
    const looks = ["system", "dark", "light"].map((name) => ({ label: t(`common.${name}`), checked: name === theme(), act: () => chooseTheme(name) }));
    const own = mayHost ? [{ label: t("party.settings"), icon: "settings", act: this.#visit.settings }] : [];
    return [
      ...own, { label: t("party.keys"), icon: "help", act: this.#visit.help }, null, ...tongues, null, ...looks, null,
      { label: t("party.leave"), icon: "leave", act: () => this.#visit.goOut(isHost) },
      ...(isManager ? [{ label: t("party.end"), icon: "close", danger: true, act: this.#visit.end }] : []),
    ];
  }
}
