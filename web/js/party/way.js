// Which party an address means. Pure.

/**
 * The code that the path names, or the token of a link that has led to a party: `{code}` or `{link}`, `null` for none. What is not
 * properly encoded is none, and the server will say so.
 */
export function wayIn({ pathname, search }) {
  const [, , rest = ""] = pathname.split("/");
  const link = new URLSearchParams(search).get("link");
  if (rest === "") return link ? { link } : null;
  try {
    return { code: decodeURIComponent(rest) };
  } catch {
    return { code: rest };
  }
}
