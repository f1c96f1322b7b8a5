import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { preferenceItems } from "./preferences.js";
import { sessionAddress, views } from "./router.js";

const icons = {
  overview: "home", photos: "photos", review: "review", selections: "heart", share: "share", statistics: "chart", settings: "settings",
};

/** What the thumb reaches on a phone; the rest is behind "More". */
const atHand = ["overview", "photos", "review", "share"];

/** The frame around every page: navigation at the side, on phones at the foot. */
export class Shell {
  #account;
  #links = new Map();
  #counts = new Map();
  #sessionNav = element("nav", { class: "side-session", "aria-label": t("desk.nav.session"), hidden: true });
  #sessionTitle = element("p", { class: "side-title" });
  #foot = element("nav", { class: "foot-bar", "aria-label": t("desk.nav.session"), hidden: true });
  #home;
  #sessionId = null;
  main = element("main", { class: "desk-main", id: "main" });
  node;

  constructor(account) {
    this.#account = account;
    this.#home = navLink("#/", "folder", t("desk.nav.sessions"));
    this.node = element("div", { class: "desk" }, this.#skip(), this.#side(), this.main, this.#foot);
  }

  /** @param {{id: string, title: string}|null} session whose views are to be reached */
  showSession(session) {
    this.#sessionNav.hidden = this.#foot.hidden = !session;
    this.node.classList.toggle("has-session", Boolean(session));
    current(this.#home, !session && location.hash.length < 3);
    if (session?.id !== this.#sessionId) this.#build(session);
    setText(this.#sessionTitle, session?.title ?? "");
  }

  showView(view) {
    for (const [name, links] of this.#links) {
      for (const link of links) current(link, name === view);
    }
    const more = this.#foot.querySelector(".foot-more");
    more?.classList.toggle("is-on", !atHand.includes(view));
  }

  /** A number beside a view's name: what waits there. */
  showCount(view, count) {
    for (const badge of this.#counts.get(view) ?? []) {
      badge.hidden = !count;
      setText(badge, count > 99 ? "99+" : String(count));
    }
  }

  #build(session) {
    this.#sessionId = session?.id ?? null;
    this.#links.clear();
    this.#counts.clear();
    if (!session) return;
    this.#sessionNav.replaceChildren(this.#sessionTitle, ...views.map((view) => this.#viewLink(session.id, view)));
    this.#foot.replaceChildren(...atHand.map((view) => this.#viewLink(session.id, view)), this.#more(session.id));
  }

  #viewLink(id, view) {
    const link = navLink(sessionAddress(id, view), icons[view], t(`desk.nav.${view}`));
    const badge = element("span", { class: "count-badge", hidden: true });
    link.append(badge);
    this.#links.set(view, [...(this.#links.get(view) ?? []), link]);
    this.#counts.set(view, [...(this.#counts.get(view) ?? []), badge]);
    return link;
  }

  #more(id) {
    const button = element("button", { class: "nav-link foot-more", type: "button" }, icon("more"), element("span", {}, t("common.more")));
    const rest = views.filter((view) => !atHand.includes(view));
    menuButton(button, () => [
      ...rest.map((view) => ({ label: t(`desk.nav.${view}`), icon: icons[view], act: () => (location.hash = sessionAddress(id, view)) })),
      null, { label: t("desk.nav.sessions"), icon: "folder", act: () => (location.hash = "#/") },
    ]);
    return button;
  }

  #side() {
    const brand = element("a", { class: "brand", href: "#/" }, element("img", { src: "/assets/icon.svg", alt: "", width: 22, height: 22 }),
      "Lumiere");
    const general = element("nav", { class: "side-general", "aria-label": t("desk.nav.general") }, this.#home);
    return element("header", { class: "side" }, brand, general, this.#sessionNav, this.#person());
  }

  #person() {
    const { username } = this.#account.user;
    const initial = element("span", { class: "avatar", "aria-hidden": "true" }, [...username][0].toUpperCase());
    const button = element("button", { class: "person", type: "button", ariaLabel: t("desk.nav.account", { name: username }) },
      initial, element("span", { class: "person-name" }, username));
    menuButton(button, () => [
      { label: t("desk.nav.parties"), icon: "film", act: () => location.assign("/party") },
      { label: t("desk.nav.devices"), icon: "desktop", act: () => (location.hash = "#/devices") }, null,
      ...preferenceItems(), null,
      { label: t("desk.nav.signout"), icon: "leave", act: () => this.#account.signOut() },
    ]);
    return button;
  }

  #skip() {
    const go = () => this.main.querySelector("h1")?.focus();
    return element("button", { class: "skip", type: "button", onclick: go }, t("desk.nav.skip"));
  }
}

const navLink = (href, picture, words) => element("a", { class: "nav-link", href }, icon(picture), element("span", {}, words));

function current(link, isCurrent) {
  if (isCurrent) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}
