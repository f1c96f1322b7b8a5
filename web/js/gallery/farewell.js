import { t } from "../ui/messages.js";

/** The server closes with this code when an administrator sends somebody away. */
const kicked = 3503;

/**
 * What the reader is told when the server has ended the connection for good. Only an administrator's reason is written for
 * people; those of other codes, and "kicked" where none was given, are names for programs.
 * @param {{code: number, reason?: string}} ending
 */
export function farewell({ code, reason = "" }) {
  if (code !== kicked) return t("gallery.farewell.ended");
  const said = reason.trim();
  return said && said !== "kicked" ? t("gallery.farewell.reason", { reason: said }) : t("gallery.farewell.kicked");
}
