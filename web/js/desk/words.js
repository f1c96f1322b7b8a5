// Numbers, times and states in the reader's language.

import { bytes } from "../ui/format.js";
import { language, t } from "../ui/messages.js";

const format = (options) => new Intl.DateTimeFormat(language(), options);
const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
const plain = new Intl.NumberFormat(language());

export const number = (value) => plain.format(value ?? 0);

export const size = bytes;

/** A day in the zone that it is meant in. */
export const day = (moment, zone) => (moment ? inZone({ dateStyle: "medium" }, zone).format(new Date(moment)) : "");

export const dateTime = (moment, zone) => (moment ? inZone({ dateStyle: "medium", timeStyle: "short" }, zone).format(new Date(moment)) : "");

export const clock = (moment) => (moment ? format({ timeStyle: "short" }).format(new Date(moment)) : "");

/** "3 minutes ago", "yesterday". */
export function ago(moment, now = Date.now()) {
  const seconds = (Date.parse(moment) - now) / 1000;
  const [unit, length] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, span]) => Math.abs(seconds) >= span) ?? ["second", 1];
  return unit === "second" ? t("desk.now") : relative.format(Math.round(seconds / length), unit);
}

function inZone(options, zone) {
  try {
    return format({ ...options, timeZone: zone || undefined });
  } catch {
    return format(options);
  }
}

const statusKinds = { active: "good", paused: "warm", ended: "", archived: "" };

export const statusKind = (status) => statusKinds[status] ?? "";

/** The words of a list, joined as the language does. */
export const joined = (words) => new Intl.ListFormat(language(), { type: "conjunction", style: "short" }).format(words);

export const may = (session, right) => session.rights?.includes(right) ?? false;
