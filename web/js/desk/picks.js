// Which photos are picked, as in a file manager. Pure functions: state in, state out.

/** @typedef {{ids: Set<string>, anchor: string|null, focus: string|null}} Picks */

export const nothing = Object.freeze({ ids: new Set(), anchor: null, focus: null });

/** Only moves the eye. */
export const focusOn = (picks, id) => ({ ...picks, focus: id });

/** This one in or out, all others as they were. */
export function toggle(picks, id) {
  const ids = new Set(picks.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: id, focus: id };
}

/** From where the last one was picked to here. @param {string[]} order of all ids */
export function extend(picks, id, order) {
  const from = order.indexOf(picks.anchor ?? picks.focus ?? id);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return toggle(picks, id);
  const stretch = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...picks.ids, ...stretch]), anchor: picks.anchor ?? order[from], focus: id };
}

export const all = (picks, order) => ({ ...picks, ids: new Set(order) });

export const none = (picks) => ({ ...picks, ids: new Set(), anchor: null });

/** Without those that are not there any more; the eye goes to the one that took its place. */
export function keep(picks, order, before) {
  const there = new Set(order);
  const ids = new Set([...picks.ids].filter((id) => there.has(id)));
  const anchor = there.has(picks.anchor) ? picks.anchor : null;
  if (picks.focus === null || there.has(picks.focus)) return { ids, anchor, focus: picks.focus };
  const place = before.indexOf(picks.focus);
  return { ids, anchor, focus: order[Math.min(Math.max(place, 0), order.length - 1)] ?? null };
}

/** What an action is about: those picked, else the one under the eye. In the order of the list. */
export function subjects(picks, order) {
  if (picks.ids.size > 0) return order.filter((id) => picks.ids.has(id));
  return picks.focus && order.includes(picks.focus) ? [picks.focus] : [];
}
