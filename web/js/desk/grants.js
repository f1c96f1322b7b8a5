/** Milliseconds between two readings; a grant holds for a day at least. */
const pace = 6 * 3_600_000;

/** The grant in a photo's URLs, `null` where there is none. */
export function grantOf({ renditions = [] }) {
  const url = renditions.find(({ url }) => /[?&]grant=/.test(url))?.url;
  return url ? new URLSearchParams(url.split("?")[1]).get("grant") : null;
}

/**
 * A connection that stands for days gets no other grant for pictures by itself: it is read anew every few hours.
 * @returns {() => void} ends that, and forgets the grant, which would only become old
 */
export function keepGrantFresh(account, sessionId) {
  const read = async () => {
    const { items } = await account.ask("/api/photos", { query: { session: sessionId, limit: 1 } });
    const grant = items[0] && grantOf(items[0]);
    if (grant && timer) account.keepMediaToken(sessionId, grant);
  };
  let timer = setInterval(() => read().catch(() => {}), pace);
  return () => {
    clearInterval(timer);
    timer = null;
    account.keepMediaToken(sessionId, undefined);
  };
}
