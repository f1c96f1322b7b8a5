import { t } from "../ui/messages.js";

/** Whom the room waits for, and for how long yet; `null` for nobody. */
export function waitingText(party, now) {
  const { truth, me } = party;
  if (!truth?.held || truth.waitingFor.length === 0 || now === null) return null;
  const seconds = Math.max(0, Math.ceil((Math.max(...truth.waitingFor.map(({ until }) => until)) - now) / 1000));
  const others = truth.waitingFor.filter(({ person }) => person.id !== me?.person.id);
  if (others.length === 0) return t("party.waiting.me", { count: seconds });
  const name = others[0].person.name || t("party.guest");
  if (truth.waitingFor.length === 1) return t("party.waiting.one", { name, count: seconds });
  return t("party.waiting.more", { name, others: truth.waitingFor.length - 1, count: seconds });
}
