import { byId } from "../ui/dom.js";
import { busy } from "../ui/act.js";

const storageKey = "lumiere.name";

/** How this reader wanted to be called in a gallery before; `null` when they have not said. */
export function guestName() {
  try {
    return localStorage.getItem(storageKey) || null;
  } catch {
    return null;
  }
}

/** Whoever says their name anywhere on the page, in the chat for instance, is not asked again, here or in galleries to come. */
export function rememberName(pass) {
  pass.addEventListener("token", () => {
    if (!pass.name) return;
    keep(pass.name);
    byId("naming").hidden = true;
  });
}

/** Asks once how the reader wants to be called, beside the photos: nobody has to answer before looking. */
export function askName(pass) {
  const form = byId("naming");
  if (pass.name || recall() !== null) return;
  form.hidden = false;
  byId("nameless").addEventListener("click", () => {
    keep("");
    form.hidden = true;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = byId("name").value.trim();
    if (!name) return byId("name").focus();
    const worked = await busy(form.querySelector("[type=submit]"), () => pass.rename(name));
    form.hidden = worked;
  });
}

function recall() {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function keep(name) {
  try {
    localStorage.setItem(storageKey, name);
  } catch {}
}
