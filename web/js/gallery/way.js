// Which gallery an address means, and what a refusal asks for. Pure functions.

/**
 * What the path names: the code in `/gallery/{code}`, or the token of a link in `/s/{token}`. What is not properly encoded is
 * neither, and the server will say so.
 */
export function doorInPath(path) {
  const [, kind, rest = ""] = path.split("/");
  let text = rest;
  try {
    text = decodeURIComponent(rest);
  } catch {}
  return kind === "s" ? { link: text } : { code: text };
}

/** The address of a gallery: what `doorInPath` reads. */
export const galleryOf = ({ code, link }) => (link === undefined ? `/gallery/${encodeURIComponent(code)}` : `/s/${encodeURIComponent(link)}`);

/** Where the same code or link leads into a watch party. */
export const partyOf = ({ code, link }) => (link === undefined ? `/party/${encodeURIComponent(code)}` : `/party?link=${encodeURIComponent(link)}`);

export const wantsPassword = ({ code }) => code === "password_required" || code === "wrong_password";
