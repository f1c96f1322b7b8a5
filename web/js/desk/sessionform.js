import { element } from "../ui/dom.js";
import { area, choice, field, input } from "../ui/form.js";
import { language, t } from "../ui/messages.js";
import { localZone, momentOf, wallTime, zones } from "./zones.js";

export const types = ["wedding", "event", "portrait", "commercial", "travel", "other"];

/** What a session is: the same fields for a new one and for one to be changed. */
export class SessionForm {
  #title;
  #type;
  #place;
  #description;
  #starts;
  #ends;
  #zone;
  #language;
  #isNew;
  /** What was last known to be on the server, as this form says it. */
  #kept = {};
  node;

  /** @param {object} [session] to be changed */
  constructor(session = null) {
    this.#isNew = !session;
    const zone = session ? session.timeZone ?? "" : localZone();
    this.#title = input({ value: session?.title ?? "", required: true, maxLength: 200, placeholder: t("desk.form.titleexample") });
    this.#type = choice(types.map((name) => [name, t(`desk.type.${name}`)]), session?.type ?? "wedding");
    this.#place = input({ value: session?.place ?? "", maxLength: 200 });
    this.#description = area({ value: session?.description ?? "", maxLength: 4000 });
    this.#starts = input({ type: "datetime-local", value: wallTime(session?.startsAt, zone) });
    this.#ends = input({ type: "datetime-local", value: wallTime(session?.endsAt, zone) });
    this.#zone = choice([["", "—"], ...zones(zone).map((name) => [name, name.replaceAll("_", " ")])], zone);
    this.#language = choice(tongues(session?.language), session?.language ?? (session ? "" : language()));
    this.node = this.#layout();
    if (session) this.keep();
  }

  /** The server has these. */
  keep(values = this.#all) {
    this.#kept = { ...this.#kept, ...values };
  }

  get title() {
    return this.#title;
  }

  /** Whether what is in it can be sent; the browser says why not. */
  check() {
    this.#ends.setCustomValidity(this.#starts.value && this.#ends.value && this.#ends.value < this.#starts.value ? t("desk.form.endsearly") : "");
    this.#zone.setCustomValidity(!this.#zone.value && (this.#starts.value || this.#ends.value) ? t("desk.form.zoneless") : "");
    return this.node.reportValidity();
  }

  /** What the API takes: of a change what differs, where `null` takes something back; of a new one what there is. */
  get values() {
    const isTold = ([name, value]) => (this.#isNew ? value : value !== this.#kept[name]);
    return Object.fromEntries(Object.entries(this.#all).filter(isTold));
  }

  get #all() {
    const zone = this.#zone.value;
    return {
      title: this.#title.value.trim(), type: this.#type.value, place: this.#place.value.trim() || null,
      description: this.#description.value.trim(), startsAt: momentOf(this.#starts.value, zone), endsAt: momentOf(this.#ends.value, zone),
      timeZone: zone || null, language: this.#language.value || null,
    };
  }

  #layout() {
    return element("form", { class: "form-grid" },
      wide(field(t("desk.form.title"), this.#title)),
      field(t("desk.form.type"), this.#type), field(t("desk.form.place"), this.#place),
      field(t("desk.form.starts"), this.#starts), field(t("desk.form.ends"), this.#ends),
      field(t("desk.form.zone"), this.#zone), field(t("desk.form.language"), this.#language),
      wide(field(t("desk.form.description"), this.#description)));
  }
}

function wide(node) {
  node.classList.add("is-wide");
  return node;
}

const guests = ["en", "zh", "ru", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "he", "ja", "ko", "sv", "nb", "da", "fi", "cs", "uk"];

function tongues(present) {
  const names = new Intl.DisplayNames(language(), { type: "language" });
  const codes = [...new Set([present, ...guests].filter(Boolean))];
  return [["", "—"], ...codes.map((code) => [code, names.of(code)])];
}
