/** Tags that are changed one after the other: each change begins with what was wished last, not with what the server has said so far. */
export class Tagging {
  #save;
  #wished = new Map();
  #turn = Promise.resolve();

  /** @param {(id: string, tags: string[]) => Promise<any>} save takes the whole list */
  constructor(save) {
    this.#save = save;
  }

  /** The tags of a photo as they are to be. */
  of({ id, tags }) {
    return this.#wished.get(id) ?? tags ?? [];
  }

  /** @param {(tags: string[]) => string[]} act @throws {Problem} then they are as the photo says, unless more was wished since */
  change(photo, act) {
    const tags = act(this.of(photo));
    this.#wished.set(photo.id, tags);
    const turn = this.#turn.then(() => this.#save(photo.id, tags)).finally(() => this.#forget(photo.id, tags));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #forget(id, tags) {
    if (this.#wished.get(id) === tags) this.#wished.delete(id);
  }
}
