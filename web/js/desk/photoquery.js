// Which photos are shown, and in which order: from the address, to the API, and for what arrives live. Pure functions.

import { instant } from "../ui/instant.js";

export const sorts = ["newest", "oldest", "taken", "latest", "name", "rating", "position"];

const fields = ["status", "review", "photographer", "tag", "rating", "type", "hidden", "featured", "deleted"];

export const everything = Object.freeze({ sort: "newest" });

/** @param {URLSearchParams} search what the address says */
export function fromSearch(search) {
  const filter = { sort: sorts.includes(search.get("sort")) ? search.get("sort") : "newest" };
  for (const name of fields) if (search.get(name)) filter[name] = search.get(name);
  return filter;
}

/** For the address: what goes without saying is left out. */
export function toSearch(filter) {
  const { sort, ...rest } = filter;
  return sort === "newest" ? rest : { ...rest, sort };
}

/** For the API. */
export const toQuery = (filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value));

/** How many filters hold, the order left aside. */
export const filterCount = (filter) => fields.filter((name) => filter[name]).length;

/** Whether a photo belongs into the list. */
export function matches(photo, filter) {
  const tests = {
    status: (value) => photo.status === value,
    review: (value) => photo.review === value,
    photographer: (value) => photo.uploaderId === value,
    tag: (value) => photo.tags?.includes(value),
    rating: (value) => (photo.rating ?? 0) >= Number(value),
    type: (value) => photo.kind === value,
    hidden: (value) => Boolean(photo.isHidden) === (value === "true"),
    featured: (value) => Boolean(photo.isFeatured) === (value === "true"),
  };
  if (Boolean(photo.deletedAt) !== (filter.deleted === "true")) return false;
  return Object.entries(tests).every(([name, holds]) => !filter[name] || holds(filter[name]));
}

const keys = {
  newest: (photo) => photo.createdAt, oldest: (photo) => photo.createdAt,
  taken: instant, latest: instant,
  name: (photo) => photo.filename ?? "", rating: (photo) => photo.rating ?? 0, position: (photo) => photo.position ?? 0,
};

/** Compares as the server orders: among equals by id, the same way round. @param {string} [zone] of the session */
export function order(sort, zone) {
  const key = keys[sort] ?? keys.newest;
  const sign = ["newest", "latest", "rating"].includes(sort) ? -1 : 1;
  return (a, b) => sign * (compared(key(a, zone), key(b, zone)) || compared(a.id, b.id));
}

const compared = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
