import { pause } from "../ui/dom.js";

/** Milliseconds between two notes. */
const every = 2000;

/** How far the reader has come, told one after the other with a pause between them, however fast the others speak. */
export class ReadMark {
  /** Of the latest message that was seen; 0 when that could not be told. */
  sequence = 0;
  #tell;
  #telling = null;

  /** @param {(sequence: number) => Promise<any>} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  move(sequence) {
    this.sequence = sequence;
    this.#telling ??= this.#tellAll();
  }

  async #tellAll() {
    for (let told = 0; told < this.sequence; await pause(every)) {
      const { sequence } = this;
      await this.#tell(sequence).then(() => (told = sequence), () => (this.sequence = 0));
    }
    this.#telling = null;
  }
}
