import { byId, setText } from "../ui/dom.js";
import { t } from "../ui/messages.js";

/** The form that asks for an access code and goes to its gallery; or for the password of a link. */
export class EntryForm {
  #form = byId("entry");
  #field = byId("code");
  #message = byId("entry-message");
  #open = (code) => location.assign(`/gallery/${encodeURIComponent(code)}`);

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const isPassword = this.#field.type === "password";
      const text = isPassword ? this.#field.value : this.#field.value.trim();
      if (text) this.#open(text);
    });
    this.#field.addEventListener("input", () => this.#clear());
  }

  /**
   * Asks for a password instead of a code.
   * @param {(password: string) => void} open is given what was typed
   */
  askPassword(message, open) {
    this.#open = open;
    this.#field.type = "password";
    this.#field.maxLength = 200;
    write(byId("door-title"), t("gallery.door.password.title"));
    setText(byId("door-text"), t("gallery.door.password.text"));
    byId("door-text").hidden = false;
    write(byId("entry-label"), t("gallery.door.password"));
    this.ask(message);
    if (!message) this.#clear();
  }

  /** Says what went wrong with a code and lets the reader correct it. */
  ask(message, code = "") {
    this.#field.value = code;
    this.#field.setAttribute("aria-invalid", "true");
    setText(this.#message, message);
    this.#field.focus();
    this.#field.select();
  }

  /** This gallery does not open; another code may. */
  offer() {
    this.#field.value = "";
    this.#clear();
    write(byId("entry-label"), t("gallery.door.other"));
  }

  #clear() {
    this.#field.removeAttribute("aria-invalid");
    setText(this.#message, "");
  }
}

/** Says something else than the page said by itself, for good: another translation must not bring that back. */
export function write(node, text) {
  delete node.dataset.t;
  setText(node, text);
}
