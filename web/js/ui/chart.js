import { element } from "./dom.js";

const namespace = "http://www.w3.org/2000/svg";
const height = 210;
const edge = { left: 40, bottom: 26, top: 12 };
/** Words below the bars take about so much room each. */
const wordWidth = 74;

/**
 * Bars over time as a drawing, with the same numbers as a table for who cannot see it.
 * @param {{label: string, series: {name: string, kind: string}[], rows: {title: string, short: string, values: number[]}[], number?: (value: number) => string, head?: string}} chart
 *   the values of a row are stacked in the order of the series; `kind` is a class of bits of colour: `one`, `two`
 */
export class Chart extends HTMLElement {
  #chart;
  #watch = new ResizeObserver(() => this.#draw());
  #drawn = 0;

  constructor(chart) {
    super();
    this.#chart = chart;
  }

  connectedCallback() {
    const { label, rows, series } = this.#chart;
    const figure = element("figure", { class: "chart" }, element("div", { class: "chart-place" }),
      ...(series.length > 1 ? [legend(series)] : []), table(this.#chart));
    figure.ariaLabel = label;
    this.replaceChildren(...(rows.length > 0 ? [figure] : []));
    this.#watch.observe(this);
  }

  disconnectedCallback() {
    this.#watch.disconnect();
  }

  /** Drawn for the width there is: scaled, its words would be too small on phones. */
  #draw() {
    const width = Math.round(this.clientWidth);
    const place = this.querySelector(".chart-place");
    if (!place || width === 0 || width === this.#drawn) return;
    this.#drawn = width;
    place.replaceChildren(draw(this.#chart, width));
  }
}

customElements.define("lumiere-chart", Chart);

/** A round number not below the greatest value, so that the lines across lie at round numbers, too. */
export function ceiling(most) {
  if (most <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 5, 8, 10].map((factor) => factor * power).find((value) => value >= most && value % 4 === 0) ?? 10 * power;
}

function draw({ rows, series, number = String }, width) {
  const top = ceiling(Math.max(...rows.map(({ values }) => values.reduce((sum, value) => sum + value, 0)), 0));
  const drawing = shape("svg", { width, height, class: "chart-drawing", "aria-hidden": "true" });
  const inner = { width: width - edge.left, height: height - edge.bottom - edge.top };
  for (const part of [0, 0.25, 0.5, 0.75, 1]) drawing.append(...line(part, top, inner, number));
  const step = inner.width / Math.max(rows.length, 1);
  const every = Math.ceil(rows.length / Math.max(1, Math.floor(inner.width / wordWidth)));
  rows.forEach((row, index) => drawing.append(...bar(row, series, edge.left + index * step, step, top, inner, index % every === 0)));
  return drawing;
}

function line(part, top, inner, number) {
  const y = edge.top + inner.height * (1 - part);
  const words = shape("text", { x: edge.left - 8, y: y + 4, class: "chart-words", "text-anchor": "end" });
  words.textContent = number(top * part);
  return [shape("line", { x1: edge.left, x2: edge.left + inner.width, y1: y, y2: y, class: part === 0 ? "chart-line is-base" : "chart-line" }),
    ...(part % 0.5 === 0 ? [words] : [])];
}

function bar({ title, short, values }, series, x, step, top, inner, hasWords) {
  const group = shape("g", { class: "chart-bar" });
  const tip = shape("title", {});
  tip.textContent = `${title}: ${values.map((value, index) => (series.length > 1 ? `${series[index].name} ${value}` : value)).join(", ")}`;
  // The whole column can be pointed at, for small bars are hard to hit.
  group.append(tip, shape("rect", { x, y: edge.top, width: step, height: inner.height, class: "chart-ground" }));
  const width = Math.max(1, Math.min(step * 0.72, 34));
  let base = edge.top + inner.height;
  values.forEach((value, index) => {
    const height = (value / top) * inner.height;
    base -= height;
    if (value > 0) group.append(shape("rect",
      { x: x + (step - width) / 2, y: base, width, height, rx: Math.min(3, width / 3), class: `chart-value ${series[index].kind}` }));
  });
  if (!hasWords) return [group];
  const words = shape("text", { x: x + step / 2, y: height - 8, class: "chart-words", "text-anchor": "middle" });
  words.textContent = short;
  return [group, words];
}

const legend = (series) => element("div", { class: "chart-legend", "aria-hidden": "true" },
  ...series.map(({ name, kind }) => element("span", { class: `chart-key ${kind}` }, name)));

function table({ label, rows, series, number = String, head = "" }) {
  const header = element("tr", {}, element("th", { scope: "col" }, head), ...series.map(({ name }) => element("th", { scope: "col" }, name)));
  const lines = rows.filter(({ values }) => values.some(Boolean)).map(({ title, values }) =>
    element("tr", {}, element("th", { scope: "row" }, title), ...values.map((value) => element("td", {}, number(value)))));
  // A table keeps the room of its words; what is around it does not.
  return element("div", { class: "visually-hidden" },
    element("table", {}, element("caption", {}, label), element("thead", {}, header), element("tbody", {}, ...lines)));
}

function shape(name, attributes) {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
