import { confirmDialog } from "../ui/dialog.js";
import { t } from "../ui/messages.js";

/** A host is told what becomes of the party; others just go. */
export const leave = (visit) =>
  confirmDialog(t("party.leave.host"), { title: t("party.leave"), action: t("party.leave"), act: () => visit.leave() });

/** Ends the party for everybody. */
export const end = (visit) =>
  confirmDialog(t("party.end.text"), { title: t("party.end"), action: t("party.end"), danger: true, act: () => visit.close() });
