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

/** Takes the name here and for galleries to come. @throws {Problem} */
export async function takeName(pass, name) {
  await pass.rename(name);
  keep(name);
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
    const worked = await busy(form.querySelector("[type=submit]"), () => takeName(pass, name));
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
