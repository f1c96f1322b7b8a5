// How photos are derived, as the settings have it: choices that people make, and what the API takes for them. Pure functions.

const base = { thumb: [320, 78], small: [640, 80], medium: [1280, 82] };

/** Long edges of the largest picture; `medium` has to stay below. */
export const edges = [1600, 2048, 2560, 3840];

const qualities = { light: -10, even: 0, fine: 8 };

const formatLists = { jpeg: ["jpeg"], webp: ["jpeg", "webp"], avif: ["jpeg", "webp", "avif"] };

export const choices = { edge: edges.map(String), quality: Object.keys(qualities), formats: Object.keys(formatLists),
  metadata: ["none", "rights"], animation: ["off", "medium", "large"] };

/** What was chosen; "" is what the house has. */
export function chosen(renditions) {
  const { sizes, formats, metadata = "", animation = "" } = renditions ?? {};
  const large = sizes?.find(({ name }) => name === "large");
  const difference = large ? large.quality - 84 : 0;
  return {
    edge: large ? String(large.longEdge) : "", quality: large ? (difference < -3 ? "light" : difference > 3 ? "fine" : "even") : "even",
    formats: formats ? (formats.includes("avif") ? "avif" : formats.includes("webp") ? "webp" : "jpeg") : "", metadata, animation,
  };
}

/**
 * What was set otherwise than by these choices stays, unless just that is chosen anew: every change derives all photos again.
 * @param {object|null} renditions as they are
 * @param {object} change some of the choices
 * @returns {object|null} `settings.renditions`; `null` when nothing is asked for
 */
export function recipe(renditions, change) {
  const { edge, quality, formats, metadata, animation } = { ...chosen(renditions), ...change };
  const asked = { ...renditions };
  if ("edge" in change || "quality" in change) {
    asked.sizes = edge || quality !== "even" ? sizes(Number(edge || 2560), qualities[quality] ?? 0) : undefined;
  }
  if ("formats" in change) asked.formats = formatLists[formats];
  if ("metadata" in change) asked.metadata = metadata || undefined;
  if ("animation" in change) asked.animation = animation || undefined;
  const held = Object.entries(asked).filter(([, value]) => value !== undefined);
  return held.length > 0 ? Object.fromEntries(held) : null;
}

function sizes(edge, more) {
  const all = { ...base, medium: [Math.min(1280, Math.round(edge * 0.66)), 82], large: [edge, 84] };
  return Object.entries(all).map(([name, [longEdge, quality]]) => ({ name, longEdge, quality: quality + more }));
}
