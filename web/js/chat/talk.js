// What was said, as a value: each function takes a talk and gives the next one. Knows neither the server nor the page.

/** Messages that are held at once; those at the other end go when more are read. */
const most = 300;

/** Milliseconds that somebody's typing holds without news. */
const typingHolds = 6000;

/** People whose typing is remembered; nobody reads more names. */
const mostTyping = 8;

export const emptyTalk = Object.freeze({
  /** In the order of their sequence, without gaps. */
  messages: [],
  /** What is on its way or could not be sent: `{clientId, text, replyTo, photoId, createdAt, problem}`. */
  pending: [],
  /** Where older ones begin; `undefined` when there are none. */
  cursor: undefined,
  /** Whether later ones than the last are not held. */
  hasNewer: false,
  /** Whether older ones were held that are not any more. */
  isCut: false,
  /** Person's key to `{name, until}`. */
  typing: new Map(),
  isLoaded: false,
});

export const keyOf = (person) => `${person.kind}:${person.id}`;

/** The newest page as the server has it, in place of all that was held. */
export const opened = (talk, { items, nextCursor }) =>
  ({
    ...talk, messages: [...items].reverse(), cursor: nextCursor, isCut: false, hasNewer: false, isLoaded: true,
    pending: unsaid(talk.pending, items),
  });

/** A page of older ones. */
export function extended(talk, { items, nextCursor }) {
  const all = merged(items, talk.messages);
  return { ...talk, messages: all.slice(0, most), cursor: nextCursor, isCut: false, hasNewer: talk.hasNewer || all.length > most };
}

/** Those that follow the last one held, when it is not the last there is. */
export function continued(talk, items, hasNewer) {
  const all = merged(talk.messages, items);
  const cut = Math.max(0, all.length - most);
  // Older ones that go are read again from their beginning: the cursor of a page that was cut fits no more.
  return { ...talk, messages: all.slice(cut), hasNewer, cursor: cut > 0 ? undefined : talk.cursor, isCut: talk.isCut || cut > 0 };
}

/** Somebody begins to say something here: it is shown before the server has it. */
export const begun = (talk, draft) => ({ ...talk, pending: [...without(talk.pending, draft.clientId), draft] });

export const failed = (talk, clientId, problem) =>
  ({ ...talk, pending: talk.pending.map((one) => (one.clientId === clientId ? { ...one, problem } : one)) });

export const givenUp = (talk, clientId) => ({ ...talk, pending: without(talk.pending, clientId) });

/** The answer to what was said here; it comes as an event, too, sooner or later. */
export const said = (talk, message) => put(talk, message);

/**
 * What an event makes of it.
 * @param {{type: string, data: object}} event
 * @param {{isMe: (person) => boolean, now: number}} here
 */
export function heard(talk, { type, data }, { isMe, now }) {
  switch (type) {
    case "new_message": return put(quiet(talk, data.author), data);
    case "message_edited": return change(talk, data.id, (message) => ({ ...data, reactions: message.reactions }));
    case "message_deleted": return change(talk, data.id, (message) => ({ ...message, ...gone, byModerator: data.byModerator }));
    case "message_reaction":
      return change(talk, data.messageId, (message) =>
        ({ ...message, reactions: reacted(message.reactions ?? [], data, isMe(data.person)) }));
    case "typing": return isMe(data.person) ? talk : typing(talk, data.person, now);
    case "stop_typing": return quiet(talk, data.person);
    default: return talk;
  }
}

/** Without those whose typing has ended. */
export function calmed(talk, now) {
  const still = [...talk.typing].filter(([, { until }]) => until > now);
  return still.length === talk.typing.size ? talk : { ...talk, typing: new Map(still) };
}

/** One's own reaction, before the server says it. */
export const reactedHere = (talk, id, emoji, isAdded) => change(talk, id, (message) => {
  const found = message.reactions?.find((one) => one.emoji === emoji);
  const count = (found?.count ?? 0) + (isAdded === Boolean(found?.isMine) ? 0 : isAdded ? 1 : -1);
  return { ...message, reactions: reacted(message.reactions ?? [], { emoji, count, isAdded }, true) };
});

/** Whether there are older ones than those that are held. */
export const hasOlder = ({ cursor, isCut }) => cursor !== undefined || Boolean(isCut);

export const find = (talk, id) => talk.messages.find((message) => message.id === id);

const gone = { text: "", deletedAt: "now", reactions: [], photoId: undefined, replyTo: undefined };

/** What was held may be newer than what comes, but for reactions, which events do not bring. */
function put(talk, message) {
  const pending = message.clientId ? without(talk.pending, message.clientId) : talk.pending;
  const isKnown = talk.messages.some(({ id }) => id === message.id);
  if (isKnown) return { ...talk, pending };
  if (talk.hasNewer || !talk.isLoaded) return { ...talk, pending };
  const all = merged(talk.messages, [message]);
  const cut = Math.max(0, all.length - most);
  return { ...talk, pending, messages: all.slice(cut), ...(cut > 0 && { isCut: true, cursor: undefined }) };
}

function change(talk, id, act) {
  if (!find(talk, id)) return talk;
  return { ...talk, messages: talk.messages.map((message) => (message.id === id ? act(message) : message)) };
}

function reacted(reactions, { emoji, count, isAdded }, isMine) {
  const found = reactions.find((one) => one.emoji === emoji);
  const next = { emoji, count, isMine: isMine ? isAdded : Boolean(found?.isMine) };
  const all = found ? reactions.map((one) => (one === found ? next : one)) : [...reactions, next];
  return all.filter((one) => one.count > 0);
}

function typing(talk, person, now) {
  const all = new Map(talk.typing).set(keyOf(person), { name: person.name, until: now + typingHolds });
  return all.size > mostTyping ? talk : { ...talk, typing: all };
}

function quiet(talk, person) {
  if (!talk.typing.has(keyOf(person))) return talk;
  const all = new Map(talk.typing);
  all.delete(keyOf(person));
  return { ...talk, typing: all };
}

const without = (pending, clientId) => pending.filter((one) => one.clientId !== clientId);

const unsaid = (pending, items) => {
  const known = new Set(items.map(({ clientId }) => clientId));
  return pending.filter(({ clientId }) => !known.has(clientId));
};

/** In one order, each once; what comes later in the arguments wins. */
function merged(...lists) {
  const all = new Map();
  for (const message of lists.flat()) all.set(message.id, { ...all.get(message.id), ...message });
  return [...all.values()].sort((a, b) => a.sequence - b.sequence);
}
