// How a talk is laid out: days, groups and the line above what is new. Pure.

/** Milliseconds: what somebody says within that time belongs together. */
const together = 5 * 60_000;

/** Milliseconds for which an author may change a message, and take it back. */
const windows = { edit: 15 * 60_000, remove: 86_400_000 };

/**
 * @param {object} talk
 * @param {{isMine: (message) => boolean, unreadAfter: number|null}} here `unreadAfter`: the sequence behind which all is new
 * @returns {object[]} `{key, kind: "day"|"new"|"message"|"pending", ...}` in order
 */
export function linesOf(talk, { isMine, unreadAfter = null }) {
  const lines = [];
  let before = null;
  let isMarked = unreadAfter === null;
  for (const message of talk.messages) {
    const isNewDay = dayOf(message.createdAt) !== dayOf(before?.createdAt);
    if (isNewDay) lines.push({ key: `day ${dayOf(message.createdAt)}`, kind: "day", at: message.createdAt });
    const isFirstNew = !isMarked && message.sequence > unreadAfter && !isMine(message);
    if (isFirstNew) lines.push({ key: "new", kind: "new" });
    isMarked ||= isFirstNew;
    const isFirst = isNewDay || isFirstNew || begins(before, message);
    lines.push({ key: message.id, kind: "message", message, isMine: isMine(message), isFirst });
    before = message;
  }
  return [...lines, ...talk.pending.map((draft, index) => ({
    key: `pending ${draft.clientId}`, kind: "pending", message: draft, isMine: true, isFirst: index === 0 && !(before && isMine(before)),
  }))];
}

/** What the reader may do with a message. */
export function permissions(message, { isMine, isModerator, canSpeak, now }) {
  const age = now - Date.parse(message.createdAt);
  const isThere = !message.deletedAt;
  return {
    react: isThere && canSpeak,
    reply: isThere && canSpeak,
    edit: isThere && isMine && canSpeak && age < windows.edit,
    remove: isThere && ((isMine && age < windows.remove) || isModerator),
    mute: isModerator && !isMine,
  };
}

function begins(before, { author, createdAt }) {
  if (!before) return true;
  const isSame = before.author.id === author.id && before.author.kind === author.kind;
  return !isSame || Date.parse(createdAt) - Date.parse(before.createdAt) > together;
}

/** The reader's day. */
function dayOf(text) {
  return text ? new Date(text).toDateString() : "";
}
