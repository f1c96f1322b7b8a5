const sheets = new Map();

/** Loads a style sheet of `/assets/css/` that only opens later; resolved once it holds. */
export function loadStyle(name) {
  if (!sheets.has(name)) sheets.set(name, load(name, new URL(`../../css/${name}.css`, import.meta.url).pathname));
  return sheets.get(name);
}

function load(name, href) {
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve) => {
    link.onload = resolve;
    // Without it everything is still there, only plain; whoever asks next has it tried again.
    link.onerror = () => resolve(link.remove(), sheets.delete(name));
  });
}
