// The few DOM words everybody needs. Data only ever enters the page as text or as a property, never as HTML.

/** The element with that id; pages are static, so a missing one is a mistake in the page. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

/**
 * Makes an element.
 * @param {Object} [properties] set as properties; `class` and `aria-*` as attributes.
 * @param {...(Node|string)} children
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class" || name.startsWith("aria-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** Writes only what differs: an unchanged live region stays silent. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Whether a key is for letters that are being put together; of the one that ends them Safari tells by its code alone. */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

/** Whether the reader asked the system for less motion. */
export const prefersStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @returns {Promise<void>} resolved after so many milliseconds. */
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
