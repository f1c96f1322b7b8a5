import { Uploads } from "../lumiere/uploads.js";
import { say } from "../ui/act.js";
import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";
import { dropTarget, UploadPanel } from "../ui/uploads.js";

/** Films that wait for the server to make them playable. */
const most = 100;

/** Films sent into the party: they come into the queue by themselves once they can be played. */
export class PartyUploads {
  #party;
  #uploads;
  #waiting = new Set();
  #known = new Set();
  node;

  constructor(party) {
    this.#party = party;
    this.#uploads = new Uploads(party.caller, { sessionId: party.id, parallel: 2 });
    this.#uploads.addEventListener("change", () => this.#note());
    const panel = new UploadPanel(this.#uploads, { invite: t("party.upload.invite"), choose: t("party.upload.choose") });
    const hint = element("p", { class: "field-hint" }, t("party.upload.text"));
    this.node = element("section", { class: "library-uploads", ariaLabel: t("party.upload") }, panel, hint);
    dropTarget(this.node, this.#uploads);
  }

  /** An event of the session: one of these may be playable now. */
  happened({ type, data }) {
    if (type !== "new_photo" && type !== "photo_status_updated") return;
    if (data.kind !== "video" || data.status !== "ready" || !this.#waiting.delete(data.id)) return;
    this.#party.add(data.id).then(() => toast(t("party.upload.added", { title: data.title || data.filename || t("party.untitled") })), say);
  }

  /** What has arrived is looked at once: the server may have finished it before its id was known here. */
  #note() {
    for (const { photoId, state } of this.#uploads.items) {
      if (!photoId || (state !== "done" && state !== "duplicate") || this.#known.has(photoId) || this.#known.size >= most) continue;
      this.#known.add(photoId);
      this.#waiting.add(photoId);
      this.#look(photoId);
    }
  }

  async #look(id) {
    const photo = await this.#party.caller.ask(`/api/photos/${id}`).catch(() => null);
    if (photo) this.happened({ type: "new_photo", data: photo });
  }
}
