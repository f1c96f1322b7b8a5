import { later } from "../lumiere/later.js";
import { say } from "../ui/act.js";

/** What the reader may ask for beside looking. Each piece comes when it is asked for. */
export class Errands {
  #visit;
  #show = null;
  /** By name, what was asked for and is not there yet. */
  #coming = new Map();

  constructor(visit) {
    this.#visit = visit;
  }

  get isShowing() {
    return this.#show?.isOn ?? false;
  }

  /** Something has happened in the session. */
  happened(message) {
    this.#show?.happened(message);
  }

  startShow(photo) {
    if (this.isShowing) return undefined;
    return this.#once("show", async () => {
      const [{ Slideshow }] = await Promise.all([later("./slideshow.js", import.meta.url), styled("show")]);
      this.#visit.closeLightbox();
      this.#show = new Slideshow(this.#visit);
      this.#show.start(photo);
      this.#visit.release();
    });
  }

  collect(photos) {
    return this.#once("collect", async () => (await lists()).collect(this.#visit, photos));
  }

  showLists() {
    return this.#once("lists", async () => (await lists()).showLists(this.#visit));
  }

  report(photo) {
    return this.#once("report", async () => (await later("./report.js", import.meta.url)).report(this.#visit.pass, photo));
  }

  /** What is pressed twice before it has come is meant once. */
  #once(name, act) {
    if (!this.#coming.has(name)) this.#coming.set(name, attempt(act).finally(() => this.#coming.delete(name)));
    return this.#coming.get(name);
  }

  save(photo) {
    return attempt(async () => {
      const { fileToSave, saveFile } = await later("./saving.js", import.meta.url);
      const url = fileToSave(photo);
      if (url) saveFile(this.#visit.sign(url));
    });
  }

  /** @param {string[]} [ids] all unless said @throws {Problem} */
  async saveAll(ids) {
    const { saveArchive } = await later("./saving.js", import.meta.url);
    await saveArchive(this.#visit.pass, ids);
  }

  async sharePhoto(photo) {
    const { share } = await later("./saving.js", import.meta.url);
    await share({ title: this.#visit.session.title, url: `${location.origin}${location.pathname}#${photo.id}` });
  }

  async shareGallery() {
    const { share } = await later("./saving.js", import.meta.url);
    await share({ title: this.#visit.session.title, url: location.origin + location.pathname });
  }
}

/** What fails is said; a piece that could not be loaded is asked for again by the next press. */
export async function attempt(act) {
  try {
    await act();
  } catch (problem) {
    say(problem instanceof TypeError ? { code: "unreachable" } : problem);
  }
}

async function lists() {
  const [module] = await Promise.all([later("./lists.js", import.meta.url), styled("lists")]);
  return module;
}

const styled = async (name) => (await later("../ui/style.js", import.meta.url)).loadStyle(name);
