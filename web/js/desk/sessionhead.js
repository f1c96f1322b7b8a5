import { say } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { menuButton } from "../ui/menu.js";
import { t } from "../ui/messages.js";
import { ChatDrawer } from "./chatdrawer.js";
import { statusItems } from "./status.js";
import { number, statusKind } from "./words.js";

/** The line above every view of a session: its name, how it stands, who is there, and what one does most. */
export class SessionHead {
  #page;
  #title = element("p", { class: "head-title" });
  #status = element("button", { class: "badge head-status", type: "button" });
  #phase = element("span", { class: "head-phase", role: "status" });
  #again = element("button", { class: "head-again", type: "button", hidden: true }, t("desk.live.again"));
  #guests = element("span", { class: "head-guests" });
  #gallery = element("a", { class: "button quiet only-icon", target: "_blank", rel: "noopener" }, icon("show"));
  #chat;
  #send = this.#upload();
  node;

  constructor(page) {
    this.#page = page;
    this.#chat = new ChatDrawer(page);
    this.#gallery.title = this.#gallery.ariaLabel = t("desk.session.opengallery");
    this.#again.onclick = () => page.reconnect();
    menuButton(this.#status, () => statusItems(page));
    const back = element("a", { class: "button quiet only-icon head-back", href: "#/", ariaLabel: t("desk.nav.sessions") }, icon("back"));
    const words = element("div", { class: "head-words" }, this.#title,
      element("div", { class: "head-line" }, this.#status, this.#phase, this.#again, this.#guests));
    this.node = element("div", { class: "session-head" }, back, words,
      element("div", { class: "head-actions" }, this.#gallery, this.#chat.button, this.#send));
    this.showPhase("connecting");
  }

  show(session) {
    setText(this.#title, session.title);
    this.#status.className = `badge head-status ${statusKind(session.status)}`;
    this.#status.replaceChildren(t(`desk.status.${session.status}`), icon("down"));
    this.#status.disabled = !session.rights.includes("manage");
    this.#send.hidden = !session.rights.includes("upload") || ["ended", "archived"].includes(session.status);
    this.#gallery.hidden = !session.galleryPath || session.status === "archived";
    if (session.galleryPath) this.#gallery.href = session.galleryPath;
  }

  showPhase(phase) {
    const state = { live: "live", probing: "live", waiting: "lost", dismissed: "lost" }[phase] ?? "pending";
    this.#phase.dataset.state = state;
    setText(this.#phase, t(`desk.live.${phase === "dismissed" ? phase : state}`));
    this.#guests.hidden = state !== "live";
    // Whom the server has sent away is only let back in when a person asks for it.
    this.#again.hidden = phase !== "dismissed";
  }

  showPresence({ count }) {
    this.#guests.replaceChildren(icon("people"), number(count));
    this.#guests.title = t("desk.live.here", { count });
  }

  happened(message) {
    this.#chat.happened(message);
  }

  chatJoined(recovered) {
    this.#chat.joined(recovered);
  }

  close() {
    this.#chat.close();
  }

  #upload() {
    const button = element("button", { class: "button primary head-upload", type: "button", title: t("desk.upload.hint") },
      icon("upload"), element("span", {}, t("desk.upload.button")));
    button.onclick = () => this.#page.send().catch(say);
    return button;
  }
}
