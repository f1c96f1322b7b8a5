import { element } from "./dom.js";

let latest = 0;

/** Words above a control, and a hint below that screen readers read with it. */
export function field(label, control, hint = "") {
  const words = element("span", { class: "field-label" }, label);
  const node = element("label", { class: "field" }, words, control);
  if (hint) node.append(described(control, hint));
  return node;
}

function described(control, hint) {
  const id = `hint-${(latest += 1)}`;
  control.setAttribute("aria-describedby", id);
  return element("span", { class: "field-hint", id }, hint);
}

export const input = (properties = {}) => element("input", { class: "input", type: "text", ...properties });

export const area = (properties = {}) => element("textarea", { class: "input", rows: 3, ...properties });

/** A list to choose one of. @param {[string, string][]} options values and what they are called */
export function choice(options, value, properties = {}) {
  const node = element("select", { class: "input", ...properties });
  for (const [name, label] of options) node.append(element("option", { value: name }, label));
  node.value = value ?? "";
  return node;
}

/** A switch with its words; `node.box` is its control. */
export function toggle(label, isOn, { hint = "", onChange, name = "" } = {}) {
  const control = element("input", { type: "checkbox", role: "switch", checked: isOn, name });
  const words = element("span", { class: "switch-words" }, element("span", {}, label));
  if (hint) words.append(described(control, hint));
  const node = element("label", { class: "switch" }, words, control);
  node.box = control;
  control.onchange = () => onChange?.(control.checked);
  return node;
}

export function check(label, isOn, properties = {}) {
  const control = element("input", { type: "checkbox", checked: isOn, ...properties });
  const node = element("label", { class: "check" }, control, element("span", {}, label));
  node.box = control;
  return node;
}

/**
 * Choices beside each other.
 * @param {string} legend for screen readers
 * @param {[string, string|Node, string?][]} options value, words, and a label where the words are a picture
 */
export function segments(legend, options, value, onChange) {
  const name = `choice-${(latest += 1)}`;
  const node = element("fieldset", { class: "segments" }, element("legend", { class: "visually-hidden" }, legend));
  for (const [option, words, label] of options) {
    const control = element("input", { type: "radio", name, value: option, checked: option === value });
    if (label) control.ariaLabel = label;
    control.onchange = () => onChange(option);
    node.append(element("label", { title: label ?? "" }, control, words));
  }
  return node;
}

/** What the reader changed stays, whatever else is typed: calls once nothing came for a while (milliseconds). */
export function unhurried(act, wait = 300) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), wait);
  };
}

/** Takes hold of nothing but the number: "" and nonsense are `fallback`. */
export function numberOf(control, fallback = 0) {
  const value = Number.parseFloat(control.value);
  return Number.isFinite(value) ? value : fallback;
}
