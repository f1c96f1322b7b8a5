import { t } from "./messages.js";
import { problemText } from "./problem.js";

/** Roughly: nobody believes in seconds when it is about hours. @param {number|null} seconds */
export function timeLeft(seconds) {
  if (seconds === null || seconds > 86_400) return "";
  if (seconds < 50) return t("uploads.secondsLeft", { count: Math.max(5, Math.ceil(seconds / 5) * 5) });
  if (seconds < 5400) return t("uploads.minutesLeft", { count: Math.ceil(seconds / 60) });
  return t("uploads.hoursLeft", { count: Math.round(seconds / 3600) });
}

/** What is with one file. */
export function statusOf(item) {
  const part = item.size > 0 ? Math.floor((100 * (item.sent ?? 0)) / item.size) : 0;
  switch (item.state) {
    case "failed": return problemText(item.problem);
    case "sending": return t("uploads.stateSending", { part });
    case "waiting": return item.problem ? t("uploads.stateAgain", { reason: problemText(item.problem) }) : t("uploads.stateWaiting");
    default: return t(`uploads.state.${item.state}`);
  }
}
