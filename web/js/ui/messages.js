// What the pages say, in the reader's language: message files of `messages/{language}/`, a flat object each.

/** Languages that there are message files for, with what they call themselves. */
export const languages = { en: "English", zh: "中文", ru: "Русский" };

const storageKey = "lumiere.language";
const messages = new Map();
let current = chosenLanguage();
let plurals = new Intl.PluralRules(current);
let numbers = new Intl.NumberFormat(current);

/** The language of the page, as a BCP 47 tag. */
export const language = () => current;

/**
 * Loads sections of messages, and says in the page what its elements with `data-t` ask for.
 * @param {...string} sections names of message files
 */
export async function loadMessages(...sections) {
  await Promise.all(sections.map(load));
  document.documentElement.lang = current;
  translate(document);
}

/** Remembers another language and shows the page anew in it. */
export function chooseLanguage(code) {
  try {
    localStorage.setItem(storageKey, code);
  } catch {}
  location.reload();
}

/**
 * The message of that key. `{name}` in it stands for a value; a message that depends on a number is an object of plural forms
 * (`one`, `few`, `many`, `other`), chosen by `count`.
 * @param {string} key of a section that has been loaded
 * @param {Object<string, string|number>} [values] numbers are written as the language writes them
 */
export function t(key, values = {}) {
  const message = messages.get(key);
  if (message === undefined) return key;
  const text = typeof message === "string" ? message : message[plurals.select(values.count ?? 0)] ?? message.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/**
 * Fills in elements: `data-t` names the message of the text, `data-t-label`, `data-t-title` and `data-t-placeholder` that of the
 * attribute.
 * @param {ParentNode} root
 */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const [name, attribute] of attributes) {
    for (const node of root.querySelectorAll(`[data-t-${name}]`)) {
      node.setAttribute(attribute, t(node.getAttribute(`data-t-${name}`)));
    }
  }
}

const attributes = [["label", "aria-label"], ["title", "title"], ["placeholder", "placeholder"]];

const shown = (value) => (typeof value === "number" ? numbers.format(value) : String(value ?? ""));

async function load(section) {
  const answer = await fetch(new URL(`../../messages/${current}/${section}.json`, import.meta.url));
  if (!answer.ok) return;
  for (const [key, message] of Object.entries(await answer.json())) messages.set(key, message);
}

function chosenLanguage() {
  let chosen;
  try {
    chosen = localStorage.getItem(storageKey);
  } catch {}
  const wanted = [chosen, ...navigator.languages].filter(Boolean).map((tag) => tag.split("-")[0]);
  return wanted.find((tag) => tag in languages) ?? "en";
}
