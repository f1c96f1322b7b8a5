/**
 * Whom the room waits for, and for how many seconds yet; `null` for nobody. The words stay the same while the seconds go down: only the
 * words are read out.
 * @returns {{key: string, name?: string, others?: number, seconds: number}|null} `key` of a message; without a name, a guest without one
 */
export function waitedFor({ truth, me }, now) {
  if (!truth?.held || truth.waitingFor.length === 0 || now === null) return null;
  const seconds = Math.max(0, Math.ceil((Math.max(...truth.waitingFor.map(({ until }) => until)) - now) / 1000));
  const [first] = truth.waitingFor.filter(({ person }) => person.id !== me?.person.id);
  if (!first) return { key: "party.waiting.me", seconds };
  const { name } = first.person;
  const others = truth.waitingFor.length - 1;
  return others === 0 ? { key: "party.waiting.one", name, seconds } : { key: "party.waiting.more", name, others, seconds };
}
