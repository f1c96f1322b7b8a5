// Dark or light: as the system has it, unless the reader has chosen.

const storageKey = "lumiere.theme";

/** `system`, `dark` or `light`. */
export const theme = () => document.documentElement.dataset.theme ?? "system";

/** Follows the choice from now on, also after a reload. */
export function chooseTheme(name) {
  show(name);
  try {
    if (name === "system") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, name);
  } catch {}
}

/** Follows what was chosen before. Call it first, before anything is painted. */
export function recallTheme() {
  try {
    show(localStorage.getItem(storageKey) ?? "system");
  } catch {}
}

function show(name) {
  const { dataset } = document.documentElement;
  if (name === "dark" || name === "light") dataset.theme = name;
  else delete dataset.theme;
}
