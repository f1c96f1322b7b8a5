import { accepted, filesDropped, filesOfFolder } from "../lumiere/files.js";
import { element } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./messages.js";
import { toast } from "./toast.js";

/** Phones have no folders to choose, though some claim so. */
export const picksFolders = "webkitdirectory" in HTMLInputElement.prototype && matchMedia("(pointer: fine)").matches;

/** A field, out of sight, for choosing files: what is chosen is sent. Others open it by `click`. */
export const fileField = (uploads) => field({ accept: accepted }, (files) => uploads.add(files));

/** The same for a folder, of which the photos and films are sent. */
export const folderField = (uploads) => field({ webkitdirectory: true }, (files) => uploads.add(filesOfFolder(files)));

function field(properties, onChosen) {
  const input = element("input", { type: "file", multiple: true, hidden: true, ...properties });
  input.onchange = () => {
    onChosen(input.files);
    // The same file may be chosen once more.
    input.value = "";
  };
  return input;
}

/**
 * Makes it possible to drop files and folders on a part of the page. Needs `loadMessages("uploads")` and `uploads.css`, which an
 * `UploadPanel` brings along.
 * @returns {() => void} ends that
 */
export function dropTarget(node, uploads) {
  const ear = new AbortController();
  const on = (name, act) => node.addEventListener(name, (event) => hasFiles(event) && act(event), { signal: ear.signal });
  const veil = new Veil(node);
  on("dragenter", (event) => (event.preventDefault(), veil.enter()));
  on("dragover", (event) => {
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  on("dragleave", () => veil.leave());
  on("drop", async (event) => {
    event.preventDefault();
    veil.end();
    uploads.add(await filesDropped(event.dataTransfer));
    if (uploads.unreadable > 0) toast(t("uploads.unreadable", { count: uploads.unreadable }), { isBad: true });
  });
  return () => (veil.end(), ear.abort());
}

/** Says over the target that this is the place. */
class Veil {
  #node;
  #sign = null;
  /** Entering a child comes before leaving its parent. */
  #depth = 0;

  constructor(node) {
    this.#node = node;
  }

  enter() {
    this.#depth += 1;
    if (this.#sign) return;
    this.#sign = element("div", { class: "drop-veil" }, icon("upload"), element("p", {}, t("uploads.drop")));
    this.#node.classList.add("is-dropping");
    this.#node.append(this.#sign);
  }

  leave() {
    this.#depth -= 1;
    if (this.#depth <= 0) this.end();
  }

  end() {
    this.#depth = 0;
    this.#sign?.remove();
    this.#sign = null;
    this.#node.classList.remove("is-dropping");
  }
}

const hasFiles = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].includes("Files");
