import { language, t } from "../ui/messages.js";

const formats = new Map();

function written(text, options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language(), options));
  return formats.get(key).format(new Date(text));
}

export const timeOf = (text) => written(text, { hour: "numeric", minute: "2-digit" });

export const momentOf = (text) => written(text, { dateStyle: "medium", timeStyle: "short" });

/** Today, yesterday, or the date. */
export function dayName(text) {
  const days = Math.round((startOf(new Date()) - startOf(new Date(text))) / 86_400_000);
  if (days === 0) return t("chat.today");
  if (days === 1) return t("chat.yesterday");
  const isThisYear = new Date(text).getFullYear() === new Date().getFullYear();
  return written(text, { weekday: "long", day: "numeric", month: "long", ...(!isThisYear && { year: "numeric" }) });
}

const startOf = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
