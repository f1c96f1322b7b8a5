import { byId, pause } from "../ui/dom.js";
import { dateAndTime, timeOfDay } from "../ui/format.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";
import { backoff } from "../lumiere/backoff.js";
import { later } from "../lumiere/later.js";
import { Live } from "../lumiere/live.js";
import { Chips } from "./chips.js";
import { Choosing } from "./choosing.js";
import { Closer } from "./closer.js";
import { Errands } from "./errands.js";
import { Feed } from "./feed.js";
import { Grid } from "./grid.js";
import { Header } from "./header.js";
import { icon } from "./icons.js";
import { Marks } from "./marks.js";
import { offerMenu } from "./menu.js";
import { askName } from "./naming.js";
import { sayEmpty, showPill } from "./notices.js";
import { takenAt } from "./photo.js";
import { insistently, Reader } from "./reader.js";
import { remember } from "./recent.js";
import { headings, readSections } from "./sections.js";
import { Talk } from "./talk.js";
import { everything, isDivided, isFiltered } from "./view.js";

/** Milliseconds between two looks at the sections while photos come. */
const sectionsEvery = 30_000;

/** Milliseconds after which a guest is asked for a name: the photos come first. */
const nameAfter = 6000;

/** The gallery of one session: brings the list, the live events and the page together. */
export class Visit {
  #feed = new Feed();
  #header = new Header();
  #arrivals = null;
  #arrivalsCome;
  #pass;
  #session;
  #reader;
  #grid;
  #chips;
  #closer;
  #live;
  #talk;
  #isLoaded = false;
  #coverComes;
  #isDue = false;
  #sectionsDue;
  #isReadingOn = false;
  /** In a row, without getting in. */
  #renewals = 0;
  #onLost;
  marks;
  choosing;
  errands;

  /** @param {(problem: Problem) => void} onLost called when the way in is closed for good */
  constructor(pass, onLost) {
    this.#pass = pass;
    this.#session = pass.session;
    this.#onLost = (problem) => {
      this.#live.stop();
      onLost(problem);
    };
    this.#reader = new Reader(this.#feed, pass);
    this.marks = new Marks(this.#feed, pass, (id, marks) => this.#marked(id, marks));
    this.errands = new Errands(this);
    this.choosing = new Choosing(this, () => this.#grid?.refresh());
    this.#grid = new Grid(byId("grid"), this);
    this.#closer = new Closer(this, this.#feed, this.#grid);
    this.#chips = new Chips((view) => this.look(view));
    pass.addEventListener("token", () => this.#grid.signAnew());
    this.#live = new Live(pass, pass.sessionId, {
      event: (message) => this.#happened(message),
      joined: (facts) => this.#joined(facts),
      phase: (phase) => this.#phaseChanged(phase),
      refused: () => this.#renew(),
      dismissed: (ending) => this.#dismissed(ending),
    });
    this.#talk = new Talk(this);
  }

  start() {
    this.#feed.look(everything, this.#session.timeZone);
    this.#header.showSession(this.#session);
    byId("gallery").hidden = false;
    remember(location.pathname, this.#session.title);
    byId("tools").hidden = this.#session.photoCount === 0;
    this.#chips.show(everything);
    // Room for what will come is there at once, so nothing is pushed when it does.
    this.#grid.show([], { total: this.#session.photoCount });
    this.#listen();
    offerMenu(this);
    this.#live.start();
    // The list does not wait for the connection; once that stands it is read again, so that nothing is missed between them.
    this.#reread();
    this.#cover();
    setTimeout(() => askName(this.#pass), nameAfter);
    if (new URLSearchParams(location.search).has("show")) this.errands.startShow();
  }

  #listen() {
    byId("pill").addEventListener("click", () => this.#grid.scrollToStart());
    byId("reconnect").addEventListener("click", () => this.#live.start());
    byId("show").append(icon("show"));
    byId("show").addEventListener("click", () => this.errands.startShow());
    byId("choose").append(icon("select"));
    byId("choose").addEventListener("click", () => (this.choosing.isOn ? this.choosing.end() : this.choosing.begin()));
    byId("grid").addEventListener("click", (event) => this.#clicked(event));
    this.choosing.followFingers(byId("grid"));
    addEventListener("scroll", () => this.#scrolled(), { passive: true });
    addEventListener("hashchange", () => this.#closer.openByAddress());
  }

  // MARK: What the parts ask for

  get pass() {
    return this.#pass;
  }

  /** Who speaks and chooses here. */
  get me() {
    return { kind: "guest", id: this.#pass.guestId, name: this.#pass.name };
  }

  get live() {
    return this.#live;
  }

  get session() {
    return this.#session;
  }

  get rights() {
    return new Set(this.#session.rights);
  }

  get photos() {
    return this.#feed.photos;
  }

  get isChoosing() {
    return this.choosing.isOn;
  }

  closeLightbox() {
    this.#closer.close();
  }

  photo(id) {
    return this.#feed.get(id);
  }

  isChosen(id) {
    return this.choosing.has(id);
  }

  sign(url) {
    return this.#pass.sign(url, this.#session.id);
  }

  /** The ids from one photo to another. */
  between(from, to) {
    const [a, b] = [this.#feed.indexOf(from), this.#feed.indexOf(to)].sort((x, y) => x - y);
    return a < 0 ? [] : this.photos.slice(a, b + 1).map(({ id }) => id);
  }

  /** What a tile is called by those who do not see it. */
  label(photo) {
    const values = { time: photo.capturedAt ? dateAndTime(takenAt(photo)) : timeOfDay(takenAt(photo)) };
    const said = photo.kind === "video" ? t("gallery.video_of", values) : t("gallery.photo_of", values);
    return [photo.title, said, photo.isFavourite && t("gallery.favourite")].filter(Boolean).join(", ");
  }

  canSave(photo) {
    return this.rights.has("download") || Boolean(photo.original);
  }

  /** What an event did not tell of a photo; nothing when it does not come: it is asked for when somebody looks again. */
  complete(id) {
    return this.#reader.complete(id).catch(() => undefined);
  }

  /** Whether nobody is to see it any more, whatever the list holds. */
  isGone(id) {
    return this.#pass.ask(`/api/photos/${id}`).then(() => false, ({ status }) => status === 404);
  }

  /** The grid is near the end of what is loaded. */
  near(index) {
    if (this.#isLoaded && index > this.photos.length - 120) this.readOn();
  }

  async readOn() {
    if (this.#isReadingOn || !this.#feed.hasMore) return;
    this.#isReadingOn = true;
    // A page that does not come is asked for again by the next scroll.
    const hasCome = await this.#reader.more().catch(() => false);
    this.#isReadingOn = false;
    if (hasCome) this.#render();
  }

  /** All of the view, loaded to its end, or to `most` at least. @throws {Problem} */
  async all(most) {
    const { view } = this.#feed;
    while (this.#feed.hasMore && this.photos.length < most) {
      // Somebody else's page is on its way.
      if (!(await this.#reader.more())) await pause(200);
      if (view !== this.#feed.view) return [];
    }
    this.#render();
    return this.photos;
  }

  async look(view) {
    this.#feed.look(view, this.#session.timeZone);
    this.#isLoaded = false;
    this.#chips.show(view);
    byId("grid").classList.add("is-leaving");
    await this.#reread({ isOther: true });
    byId("grid").classList.remove("is-leaving");
    if (byId("tools").getBoundingClientRect().top < 0) byId("tools").scrollIntoView({ block: "start", behavior: "instant" });
  }

  /** Lets in what has come while the reader looked elsewhere. */
  release() {
    if (this.#feed.heldCount > 0) this.#change(() => this.#feed.release());
  }

  openById(id) {
    return this.#closer.openById(id);
  }

  // MARK: Connection

  #joined({ recovered, guests, people }) {
    this.#renewals = 0;
    this.#header.showGuests(guests);
    if (!recovered || !this.#isLoaded) this.#reread();
    this.#talk.joined(recovered, people);
    this.#closer.joined(recovered);
  }

  #phaseChanged(phase) {
    this.#header.showPhase(phase);
    // Without a live connection there are still photos to look at.
    if ((phase === "waiting" || phase === "dismissed") && !this.#isLoaded) this.#reread();
  }

  async #dismissed(ending) {
    const said = await later("./farewell.js", import.meta.url).then(({ farewell }) => farewell(ending), () => t("gallery.farewell.ended"));
    this.#header.showFarewell(said);
  }

  /** The pass has run out or was withdrawn: the code may still be good for a new one. */
  async #renew() {
    // Should new passes be refused as well, do not ask for more and more of them.
    if (this.#renewals > 0) await pause(backoff(this.#renewals));
    this.#renewals += 1;
    try {
      await insistently(() => this.#pass.renew());
      this.#live.start();
    } catch (problem) {
      this.#onLost(problem);
    }
  }

  // MARK: List

  async #reread(manner) {
    try {
      const session = await this.#reader.reread();
      if (!session) return;
      const isFirst = !this.#isLoaded;
      this.#isLoaded = true;
      this.#take(session);
      this.#render(manner);
      this.#readSections();
      if (isFirst) this.#closer.openByAddress();
      this.#lookAgain();
    } catch (problem) {
      this.#onLost(problem);
    }
  }

  /** What is shown outside the list may have gone while nobody told. */
  #lookAgain() {
    document.dispatchEvent(new Event("reread"));
    if (!this.#feed.hasMore && !isFiltered(this.#feed.view)) this.choosing.drop((id) => !this.#feed.get(id));
    const { coverId } = this.#header;
    if (coverId && coverId !== this.#session.coverPhotoId) this.isGone(coverId).then((isGone) => isGone && this.#dropCover());
  }

  /** What the server does not say any more is no more; only what events leave out stays. */
  #take(session) {
    const { rights, role } = this.#session;
    this.#session = { rights, role, ...session };
    this.#header.showSession(this.#session);
    this.#cover();
  }

  async #readSections() {
    clearTimeout(this.#sectionsDue);
    this.#sectionsDue = undefined;
    // Without them there are no chips for tags; everything else goes on.
    const facts = await readSections(this.#pass).catch(() => undefined);
    this.#chips.show(this.#feed.view, facts);
  }

  async #cover() {
    const { coverPhotoId, coverChosen } = this.#session;
    if (!this.#header.wantsCover(this.#session) || this.#coverComes === coverPhotoId) return;
    this.#coverComes = coverPhotoId;
    const photo = await this.#pass.ask(`/api/photos/${coverPhotoId}`).catch(() => null);
    if (this.#coverComes !== coverPhotoId) return;
    this.#coverComes = undefined;
    if (photo) this.#header.showCover(photo, coverChosen, (url) => this.sign(url));
  }

  async #dropCover() {
    this.#header.dropCover();
    this.#coverComes = undefined;
    // Which one it is instead, only the server knows.
    const session = await this.#pass.ask(`/api/sessions/${this.#session.id}`).catch(() => null);
    if (session) this.#sessionChanged(session);
  }

  // MARK: Events

  #happened(message) {
    const { type, data } = message;
    this.#talk.happened(message);
    this.errands.happened(message);
    this.#closer.happened(message);
    switch (type) {
      case "user_joined": case "user_left": return this.#header.showGuests(data.count);
      case "upload_progress": return this.#progressed(data);
      case "photo_liked": return this.#liked(data);
      case "session_updated": return this.#sessionChanged(data);
      case "announcement": return toast(data.message, { isBad: data.level === "warning" });
      case "new_photo": case "photo_status_updated": return this.#reader.inTurn(() => this.#put(data, type === "new_photo"));
      case "photo_deleted": return this.#reader.inTurn(() => this.#remove(data.photoId));
    }
    if (type.startsWith("selection_")) document.dispatchEvent(new CustomEvent("lists", { detail: message }));
  }

  #put(photo, hasCome) {
    const isNew = !this.#feed.knows(photo.id);
    this.#arrivals?.done(photo.id);
    // At the head of the list it would push what is being read; at its end it does not, nor below a show.
    const hold = this.#grid.isScrolledAway && this.#feed.view.sort === "newest" && !this.errands.isShowing;
    this.#change(() => this.#feed.put({ ...photo, isExcerpt: true }, hold, hasCome));
    // Whether the view shows it or not.
    if (isNew && hasCome) this.#header.setPhotoCount(this.#header.photoCount + 1);
    if (isNew) this.#sectionsDue ??= setTimeout(() => this.#readSections(), sectionsEvery);
  }

  #remove(id) {
    if (this.#feed.knows(id) || this.#feed.hasMore || isFiltered(this.#feed.view)) this.#header.setPhotoCount(this.#header.photoCount - 1);
    if (id === this.#header.coverId) this.#dropCover();
    this.#closer.dropped(id);
    this.choosing.drop((one) => one === id);
    this.#change(() => this.#feed.remove(id));
  }

  #progressed(data) {
    this.#arrivalsCome ??= later("./arrivals.js", import.meta.url).then(({ Arrivals }) => (this.#arrivals = new Arrivals()));
    this.#arrivalsCome.then((arrivals) => arrivals.progressed(data)).catch(() => (this.#arrivalsCome = undefined));
  }

  #liked({ photoId, likes }) {
    this.#feed.mark(photoId, { likes });
    this.#marked(photoId, { likes });
  }

  #sessionChanged(session) {
    // What everybody is told leaves out what the caller may.
    const { rights, role, photoCount, ...facts } = session;
    this.#take({ ...facts, photoCount: this.#header.photoCount });
    if (session.status === "archived") this.#renew();
  }

  #marked(id, marks) {
    const photo = this.#feed.get(id);
    if (!photo) return this.#closer.marked(id, marks);
    this.#grid.tile(id)?.show(photo);
    this.#closer.refresh();
  }

  /** Many events may come at once: the page is laid out once a frame. */
  #change(act) {
    if (!this.#isDue) this.#schedule();
    act();
  }

  #schedule() {
    this.#isDue = true;
    const work = () => {
      if (!this.#isDue) return;
      this.#isDue = false;
      this.#render({ glide: true });
      this.#closer.refresh();
    };
    // In a hidden tab there are no frames, and nobody to see them.
    setTimeout(work, document.hidden ? 0 : 120);
    requestAnimationFrame(work);
  }

  // MARK: Page

  #render(manner) {
    const { photos, view, total } = this.#feed;
    const sections = isDivided(view) ? headings(photos, this.#session.timeZone) : [];
    this.#grid.show(photos, { ...manner, total, sections });
    const isEmpty = this.#isLoaded && photos.length === 0;
    byId("tools").hidden = isEmpty && !isFiltered(view);
    byId("empty").hidden = !isEmpty;
    if (isEmpty) sayEmpty(this.#session, view);
    byId("loading").hidden = this.#isLoaded && !this.#feed.hasMore;
    showPill(this.#feed.heldCount);
  }

  #scrolled() {
    if (this.#feed.heldCount > 0 && !this.#grid.isScrolledAway) this.release();
  }

  #clicked(event) {
    const id = event.target.closest(".tile")?.dataset.id;
    const photo = id && this.#feed.get(id);
    if (!photo) return;
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "favourite") return this.marks.toggle(photo, "favourite");
    if (act === "choose" || this.choosing.isOn) return this.choosing.toggle(id, event.shiftKey);
    this.#closer.open(photo);
  }
}
