import * as truths from "./partytruth.js";

// A party as far as it has been told of, as a value: who is there, what is shown, what comes next. Pure.

/** All that a role may hold. */
export const allGrants = Object.freeze(["play", "seek", "rate", "queue", "skip", "chat", "kick"]);

/** Members whose number the server bounds, too. */
const most = 1000;

/** Nothing is known yet. */
export const emptyRoom = Object.freeze({ party: null, queue: null, members: new Map(), unlisted: 0, truth: truths.noTruth });

export const keyOf = ({ kind, id }) => `${kind}:${id}`;

/** All of it, as `party_joined` tells it. */
export function entered(room, { party, queue, members }) {
  const all = new Map(members.slice(0, most).map((member) => [keyOf(member.person), member]));
  // A house that went back to an older state counts from there.
  const isOlder = party.state.sequence < (truths.latest(room.truth)?.sequence ?? 0);
  const truth = truths.taken(isOlder ? truths.noTruth : room.truth, party.state);
  const unlisted = Math.max(0, (party.presentCount ?? 0) - countOf(all));
  return { party: { ...room.party, ...party }, queue, members: all, unlisted, truth };
}

/** What an event makes of it. @param {{type: string, data: object}} event */
export function heard(room, { type, data }) {
  switch (type) {
    case "party_state": return { ...room, truth: truths.taken(room.truth, data) };
    case "party_queue": return queued(room, data);
    case "party_updated": return { ...room, party: { ...room.party, ...data } };
    case "party_member": return changed(room, data);
    case "party_status": return data.members.reduce(reported, room);
    default: return room;
  }
}

/** An older queue changes nothing; only answers know what the reader has voted for. */
export function queued(room, queue) {
  const { queue: before } = room;
  if (before && queue.revision < before.revision) return room;
  const ids = new Set(queue.entries.map(({ id }) => id));
  const myVotes = queue.myVotes ?? (before?.myVotes ?? []).filter((id) => ids.has(id));
  const mySkip = queue.mySkip ?? (before?.currentId === queue.currentId && queue.skipVotes > 0 && Boolean(before?.mySkip));
  const posters = new Map(before?.entries.map(({ id, posterPath }) => [id, posterPath]));
  const entries = queue.entries.map((entry) => (isSigned(entry.posterPath) ? entry : { ...entry, posterPath: posters.get(entry.id) ?? entry.posterPath }));
  return { ...room, queue: { ...queue, entries, myVotes, mySkip } };
}

/** Whether all pictures of the queue can be fetched: events tell of new ones without what opens them. */
export const lacksPictures = ({ queue }) => Boolean(queue?.entries.some(({ posterPath }) => posterPath && !isSigned(posterPath)));

/** Whether a path has with it what opens it. */
export const isSigned = (path) => /[?&]grant=/.test(path ?? "");

function changed(room, { change, member }) {
  const members = new Map(room.members);
  const key = keyOf(member.person);
  // Who was there without being listed is listed now, or has gone.
  const wasThere = change === "left" || (change !== "joined" && member.isPresent);
  const unlisted = members.has(key) || !wasThere ? room.unlisted : Math.max(0, room.unlisted - 1);
  if (change === "removed") members.delete(key);
  else if (members.has(key) || members.size < most) members.set(key, { ...members.get(key), ...member });
  return { ...room, members, unlisted };
}

/** What is new of one member, who is named by their key; whoever is gone has no drift. */
function reported(room, { person, state, drift, latency }) {
  const member = room.members.get(person);
  if (!member) return room;
  const isPresent = state !== "gone";
  const next = { ...member, isPresent, state, drift: isPresent ? drift : undefined, latency: latency ?? member.latency };
  return { ...room, members: new Map(room.members).set(person, next) };
}

/** What a member may do now: the grants of roles change while they are there. */
export function grantsOf(room, member) {
  if (!member) return [];
  return member.role === "host" ? allGrants : room.party?.grants?.[member.role] ?? member.grants ?? [];
}

/**
 * Whether the party is somebody's own, or they look after the house: they may everything whatever their role, and end it.
 * @param {{id: string, role: string}|null} [user] an account; guests own nothing
 */
export function isManager({ party }, user) {
  return Boolean(user) && (user.role === "admin" || user.id === party?.ownerId);
}

/**
 * What a reader may do with a member: make them `controller`, `viewer` or `host`, or `remove` them. A host is made something else only
 * by another one, who has to be there; neither hosts nor owners are removed. Of themselves they can only become host.
 * @param {{me: object|null, mayHost: boolean, mayKick: boolean}} reader
 */
export function actsOn({ party }, { person, role, isPresent }, { me, mayHost, mayKick }) {
  if (role === "host") return [];
  const isMe = me !== null && keyOf(person) === keyOf(me.person);
  const isOwner = person.kind === "user" && person.id === party?.ownerId;
  return [
    ...(mayHost && !isMe ? ["controller", "viewer"].filter((one) => one !== role) : []),
    ...(mayHost && isPresent ? ["host"] : []),
    ...(mayKick && !isMe && !isOwner ? ["remove"] : []),
  ];
}

const countOf = (members) => [...members.values()].filter(({ isPresent }) => isPresent).length;

/** How many are there; of a large party not all are listed. */
export const presentCount = ({ members, unlisted }) => countOf(members) + unlisted;

/** How many have to want the next film: half of those who are there. The queue tells it only as it was then. */
export const skipsNeeded = (room) => Math.max(1, Math.ceil(presentCount(room) / 2));

/** Those who are there, the host first, then those who control, then the others, by name. */
export function present(room, { compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0) } = {}) {
  const ranks = { host: 0, controller: 1, viewer: 2 };
  return [...room.members.values()].sort((a, b) =>
    Number(b.isPresent) - Number(a.isPresent) || ranks[a.role] - ranks[b.role] || compare(a.person.name ?? "", b.person.name ?? ""));
}

/** The entry that is shown; `null` for none. */
export function currentEntry({ queue, truth }) {
  const id = truths.latest(truth)?.entryId;
  return queue?.entries.find((entry) => entry.id === id) ?? null;
}
