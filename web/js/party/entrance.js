import { Pass } from "../lumiere/pass.js";
import { busy } from "../ui/act.js";
import { byId, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { galleryOf, wantsPassword } from "../gallery/way.js";
import { enterAs, keepName, keptName } from "./naming.js";

/** Pages of parties that are looked through for the one of a code. */
const mostPages = 5;

/**
 * The way into a party: whoever it belongs to comes as themselves, a pass that was kept is used at once, and everybody else
 * says their name at the door.
 */
export class Entrance {
  #code;
  #link;
  #account;
  #begin;
  #pass;
  /** Of the party, where it belongs to the account. */
  #ownId = null;
  #wasInside = false;
  #form = byId("entry");

  /** @param {{code?: string, link?: string}} way @param {(caller, place: {id, code}, turnAway) => Promise<any>} begin called once somebody is in */
  constructor(way, account, begin) {
    [this.#code, this.#link, this.#account, this.#begin] = [way.code ?? "", way.link, account, begin];
    this.#pass = new Pass(way, { entersAgain: false });
  }

  async open() {
    this.#ownId = (await this.#own().catch(() => null))?.id ?? null;
    if (!this.#ownId && (!this.#pass.isInside || !this.#pass.name)) return this.#ask();
    try {
      await this.#comeIn();
    } catch (problem) {
      this.#ask(problem);
    }
  }

  /** The party of that code among those of the account. */
  async #own() {
    if (!this.#account.user || this.#link) return null;
    let pages = 0;
    for await (const parties of this.#account.pages("/api/parties")) {
      const found = parties.find(({ accessCode }) => accessCode?.toUpperCase() === this.#code.toUpperCase());
      if (found || (pages += 1) === mostPages) return found ?? null;
    }
    return null;
  }

  // MARK: Door

  #ask(problem) {
    byId("greeting").hidden = true;
    byId("door").hidden = false;
    byId("door-mine").hidden = false;
    byId("code").value = this.#code;
    byId("code").closest("label").hidden = Boolean(this.#link);
    byId("code").required = !this.#link;
    byId("name").value = this.#pass.name ?? keptName() ?? this.#account.user?.username ?? "";
    setText(byId("entry-message"), problem ? textOf(problem) : "");
    this.#form.onsubmit = (event) => (event.preventDefault(), this.#submit());
    const isWrong = problem?.code === "wrong_code";
    byId("code").setAttribute("aria-invalid", String(isWrong));
    byId(isWrong ? "code" : "name").focus();
  }

  async #submit() {
    const [code, name] = [byId("code").value.trim(), byId("name").value.trim()];
    if (!name || (!code && !this.#link)) return byId(name ? "code" : "name").focus();
    keepName(name);
    if (code.toUpperCase() !== this.#code.toUpperCase()) return location.assign(`/party/${encodeURIComponent(code)}`);
    // Done in the same press of a button: that is what browsers ask for before a film may sound.
    await busy(byId("enter"), () => this.#comeIn(name), (problem) => this.#refuse(problem));
  }

  /** A password is asked for where links lead to. */
  #refuse(problem) {
    if (this.#link && wantsPassword(problem)) return location.assign(galleryOf({ link: this.#link }));
    setText(byId("entry-message"), textOf(problem, this.#wasInside));
  }

  #comeIn(name) {
    return this.#ownId ? this.#enter(this.#account, this.#ownId) : this.#goIn(name);
  }

  async #goIn(name) {
    const pass = this.#pass;
    await enterAs(pass, name);
    if (pass.session.type && pass.session.type !== "party") return location.replace(galleryOf({ code: this.#code, link: this.#link }));
    await this.#enter(pass, pass.sessionId);
  }

  async #enter(caller, id) {
    await this.#begin(caller, { id, code: this.#code }, (problem) => this.#turnAway(problem));
    byId("door").hidden = true;
    this.#wasInside = true;
  }

  /** The party does not let them in, or no longer. */
  #turnAway(problem) {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    byId("party").hidden = true;
    if (problem.code === "left") this.#pass.leave();
    this.#ask(problem);
  }
}

/** What parties refuse with is said as it is meant here: a code that has opened one was not mistyped. */
function textOf(problem, wasInside = false) {
  const key = `party.door.${wasInside && problem.code === "wrong_code" ? "over" : problem.code}`;
  const said = t(key);
  return said === key ? problemText(problem) : said;
}
