import { t } from "./messages.js";

/** What went wrong in the reader's words; where there are none, in the server's own. */
export function problemText(problem) {
  const key = `problem.${problem?.code ?? "other"}`;
  const said = t(key);
  if (said !== key) return said;
  return problem?.status ? problem.message : t("problem.other");
}
