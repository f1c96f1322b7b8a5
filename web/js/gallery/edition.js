/**
 * Whether some picture of a photo was made anew: it has another path then. What has only been added does not count, nor do the
 * grants that URLs bear.
 */
export function isMadeAnew(photo, former) {
  const before = new Map(former.renditions.map((rendition) => [kind(rendition), path(rendition)]));
  return photo.renditions.some((rendition) => (before.get(kind(rendition)) ?? path(rendition)) !== path(rendition));
}

const kind = ({ name, format }) => `${name} ${format}`;
const path = ({ url }) => url.split("?")[0];
