// Keys as people mean them, and wherever the focus is.

/** Where a "?" lies when the layout writes something else there. */
const marks = { Slash: "?" };

/**
 * The name of a key: letters are small, and go by where they lie when the layout writes other ones, or an input method takes them.
 * @param {{key: string, code?: string, shiftKey?: boolean}} event
 */
export function keyName({ key, code = "", shiftKey = false }) {
  if (/^[ -~]$/.test(key)) return key.toLowerCase();
  if (key.length > 1 && key !== "Process" && key !== "Unidentified") return key;
  const [, letter, digit] = /^(?:Key([A-Z])|Digit(\d))$/.exec(code) ?? [];
  return letter?.toLowerCase() ?? (shiftKey ? marks[code] : digit) ?? key;
}

/**
 * Hears the keys while that dialog is the uppermost one. Not only on the dialog: what had the focus may have gone, been disabled or
 * moved out of reach, and then nothing in the dialog has it.
 * @param {HTMLDialogElement} dialog @param {(event: KeyboardEvent) => void} act @param {AbortSignal} [signal] ends that
 */
export function hearKeys(dialog, act, signal) {
  document.addEventListener("keydown", (event) => [...document.querySelectorAll("dialog[open]")].at(-1) === dialog && act(event), { signal });
}
