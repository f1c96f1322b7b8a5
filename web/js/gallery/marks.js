import { say } from "../ui/act.js";

/** What the reader thinks of photos: shown at once, and taken back when the server does not agree. */
export class Marks {
  #feed;
  #pass;
  #changed;
  /** Under way, as `{photo} {kind}`: who presses twice is asked once more afterwards. */
  #busy = new Set();

  /** @param {(id: string, marks: object) => void} changed called for a photo that is to be shown anew */
  constructor(feed, pass, changed) {
    [this.#feed, this.#pass, this.#changed] = [feed, pass, changed];
  }

  toggle(photo, kind) {
    return this.set(photo, kind, !photo[names[kind]]);
  }

  /** @param {"like"|"favourite"} kind */
  async set(photo, kind, isOn) {
    const key = `${photo.id} ${kind}`;
    if (this.#busy.has(key) || Boolean(photo[names[kind]]) === isOn) return;
    this.#busy.add(key);
    this.#put(photo.id, { [names[kind]]: isOn, ...(kind === "like" && { likes: Math.max(0, photo.likes + (isOn ? 1 : -1)) }) });
    try {
      const { likes, isLiked, isFavourite } = await this.#pass.ask(`/api/photos/${photo.id}/${kind}`, { method: isOn ? "PUT" : "DELETE" });
      this.#put(photo.id, { likes, isLiked, isFavourite });
    } catch (problem) {
      this.#put(photo.id, { [names[kind]]: photo[names[kind]], likes: photo.likes });
      say(problem);
    } finally {
      this.#busy.delete(key);
    }
  }

  #put(id, marks) {
    this.#feed.mark(id, marks);
    this.#changed(id, marks);
  }
}

const names = { like: "isLiked", favourite: "isFavourite" };
