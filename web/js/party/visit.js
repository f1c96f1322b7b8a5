import { later } from "../lumiere/later.js";
import { Party } from "../lumiere/party.js";
import { say } from "../ui/act.js";
import { byId, element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";
import { Header } from "./header.js";
import { listenToKeys } from "./keys.js";
import { Reactions } from "./reactions.js";
import { Screen } from "./screen.js";
import { Side } from "./side.js";
import { Talk } from "./talk.js";

/** What the server says to who may not come in at all. */
const closing = new Set(["party_full", "party_locked", "party_closed", "session_expired", "not_found"]);

/** One party on this page: its film, who is there, what is said, what comes next. */
export class Visit {
  party;
  #place;
  #turnAway;
  #screen;
  #header;
  #talk;
  #notices = null;
  #reactions;
  #parts = [];
  #renewals = 0;
  #isDue = false;
  #uploads = null;
  #awake = null;
  /** Of what is listened to for as long as this lasts. */
  #ear = new AbortController();

  /** @param {{id: string, code: string}} place @param {(problem) => void} turnAway when it lets nobody in any more */
  constructor(caller, place, turnAway) {
    [this.#place, this.#turnAway] = [place, turnAway];
    this.party = new Party(caller, place.id, {
      event: (message) => this.#happened(message), joined: (facts) => this.#joined(facts), phase: (name) => this.#header.showPhase(name),
      refused: (code) => this.#refused(code), dismissed: (ending) => this.#dismissed(ending),
    });
    this.#build();
  }

  start() {
    this.party.start();
    this.#screen.start();
  }

  // MARK: What the parts can cause

  addFilms = () => this.#open("./library.js", ({ openLibrary }) => openLibrary(this.party, this));
  addSubtitles = (entry) => this.#open("./subtitleform.js", ({ openSubtitles }) => openSubtitles(this.party, entry));
  invite = () => this.#open("./invite.js", ({ openInvite }) => openInvite(this.party, this.code));
  settings = () => this.#open("./settings.js", ({ openSettings }) => openSettings(this.party));
  help = () => this.#open("./keyhelp.js", ({ openKeys }) => openKeys());

  end = () => this.#open("./leaving.js", ({ end }) => end(this));
  goOut = (isHost) => (isHost ? this.#open("./leaving.js", ({ leave }) => leave(this)) : this.leave().catch(say));

  get code() {
    return this.party.room.party?.accessCode ?? this.#place.code;
  }

  /** The list of files that are sent into the party; made when the first is. */
  async uploads() {
    const { PartyUploads } = await later("./uploading.js", import.meta.url);
    this.#uploads ??= new PartyUploads(this.party);
    return this.#uploads;
  }

  async leave() {
    await this.party.leave();
    this.#end({ code: "left", status: 1 });
  }

  async close() {
    await this.party.close();
    location.assign("/party");
  }

  async #open(path, act) {
    try {
      await act(await later(path, import.meta.url));
    } catch (problem) {
      say(problem.code ? problem : { code: "unreachable" });
    }
  }

  // MARK: Parts

  #build() {
    const { party } = this;
    this.#screen = new Screen(party, this);
    this.#header = new Header(party, this);
    this.#talk = new Talk(party, (moment) => this.#goTo(moment));
    this.#reactions = new Reactions(party, this.#screen.stage);
    const side = new Side([
      { name: "chat", icon: "chat", node: this.#talk.node, open: () => this.#talk.open(), badge: this.#talk },
      this.#tab("people", "people", "./people.js", ({ People }) => new People(party)),
      this.#tab("queue", "list", "./queue.js", ({ Queue }) => new Queue(party, this)),
    ]);
    this.#parts = [this.#header];
    const watching = element("div", { class: "party-watching" }, this.#screen.node, this.#reactions.bar);
    byId("party").replaceChildren(this.#header.node, element("main", { class: "party-main" }, watching, side.node));
    byId("party").hidden = false;
    party.addEventListener("change", () => this.#changed());
    listenToKeys(this.#screen, this, this.#ear.signal);
  }

  /** What is beside the film is fetched when it is looked at first. */
  #tab(name, icon, path, make) {
    const node = element("div", { class: `side-panel side-${name}` });
    const fill = (piece) => {
      if (node.firstChild) return;
      const part = make(piece);
      this.#parts.push(part);
      node.append(...part.nodes);
      part.show();
    };
    return { name, icon, node, open: () => node.firstChild ?? this.#open(path, fill) };
  }

  /** Once for each picture on the screen, however much has happened. */
  #changed() {
    if (this.#isDue) return;
    this.#isDue = true;
    const show = () => {
      this.#isDue = false;
      if (this.#ear.signal.aborted) return;
      for (const part of this.#parts) part.show();
      this.#keepAwake(Boolean(this.party.truth?.playing));
      const { title } = this.party.room.party ?? {};
      if (title) document.title = `${title} · Lumiere`;
    };
    if (document.hidden) setTimeout(show);
    else requestAnimationFrame(show);
  }

  /** The screen stays on while a film plays. */
  async #keepAwake(isWanted) {
    if (!isWanted || this.#awake) return this.#awake?.set(isWanted);
    const { Awake } = await later("../ui/awake.js", import.meta.url).catch(() => ({}));
    if (!Awake || this.#awake || this.#ear.signal.aborted) return;
    this.#awake = new Awake();
    this.#awake.set(Boolean(this.party.truth?.playing));
  }

  async #goTo({ mediaId, position }) {
    if (!this.party.may("seek")) return toast(t("party.notAllowed"));
    // The chat goes on from film to film.
    if (mediaId !== this.party.truth?.mediaId) return toast(t("party.otherFilm"));
    await this.party.seek(position).catch(say);
  }

  // MARK: Live

  #joined(facts) {
    this.#renewals = 0;
    this.#talk.joined(facts.recovered);
    this.#giveNotice();
  }

  /** Fetched once everything else is there; without it the page is only quieter. */
  async #giveNotice() {
    const { Notices } = await later("./notices.js", import.meta.url).catch(() => ({}));
    if (Notices) this.#notices ??= new Notices(this.party, this.#screen.stage);
  }

  #happened(message) {
    this.#talk.happened(message);
    this.#reactions.happened(message);
    this.#notices?.happened(message);
    this.#uploads?.happened(message);
    const { change, member } = message.data ?? {};
    if (message.type === "party_member" && change === "removed" && this.#isMe(member)) this.#sendOut("removed");
    if (message.type === "session_deleted") this.#end({ code: "party_closed", status: 1 });
  }

  #isMe = ({ person }) => person.id === (this.party.caller.user?.id ?? this.party.caller.guestId);

  /** The token is not accepted any more, or the party lets nobody in. */
  async #refused(code) {
    const problem = { code: code ?? "party_closed", status: 1, message: t("party.door.party_closed") };
    if (closing.has(code)) return this.#end(problem);
    if (!this.party.caller.user) return this.#sendOut("out");
    if ((this.#renewals += 1) > 2) return this.#end(problem);
    try {
      await this.party.caller.renew(this.party.caller.token);
      this.party.start();
    } catch (refusal) {
      this.#end(refusal);
    }
  }

  /** The pass of a guest is over. Who was shown out comes back as somebody else, and only when they ask for it. */
  #sendOut(code) {
    this.party.caller.forget?.();
    this.#end({ code, status: 1 });
  }

  #dismissed({ code }) {
    this.#end({ code: code === 3503 ? "removed" : "party_closed", status: 1 });
  }

  #end(problem) {
    if (this.#ear.signal.aborted) return;
    this.#ear.abort();
    this.party.stop();
    this.#screen.close();
    this.#awake?.set(false);
    this.#turnAway(problem);
  }
}
