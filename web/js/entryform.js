import { byId, setText } from "./dom.js";

/** The form that asks for an access code and goes to its gallery. */
export class EntryForm {
  #form = byId("entry");
  #field = byId("code");
  #message = byId("entry-message");

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const code = this.#field.value.trim();
      if (code) location.assign(`/gallery/${encodeURIComponent(code)}`);
    });
  }

  /** Says what went wrong with a code and lets the reader correct it. */
  ask(message, code = "") {
    this.#field.value = code;
    this.#field.setAttribute("aria-invalid", "true");
    setText(this.#message, message);
    this.#field.focus();
    this.#field.select();
  }
}
