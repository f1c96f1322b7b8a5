// What of a photo to show where. Pure functions over the API's photo object.

/** Long edge in pixels up to which a rendition is worth loading into the grid. */
const gridLimit = 1600;

/** Its still pictures, smallest first; WebP when there are any, for they are smaller. */
export function pictures(photo) {
  const stills = photo.renditions.filter(
    ({ name, contentType }) => name !== "sprite" && name !== "animation" && contentType.startsWith("image/"));
  const webp = stills.filter((rendition) => rendition.format === "webp");
  return (webp.length > 0 ? webp : stills).sort((a, b) => a.width - b.width);
}

/** Those for the grid: at least the smallest. */
export function gridPictures(photo) {
  const all = pictures(photo);
  const fitting = all.filter((rendition) => longEdge(rendition) <= gridLimit);
  // Of a small original several sizes come out alike.
  const distinct = fitting.filter((rendition, index) => rendition.width !== fitting[index - 1]?.width);
  return distinct.length > 0 ? distinct : all.slice(0, 1);
}

/**
 * The pictures to show one after the other on a large stage, each sharper than the one before: a middle one that comes
 * quickly, then the one that fills the stage, or the one that moves.
 * @param {number} edge pixels of the stage's longer side, in device pixels
 */
export function ladder(photo, edge) {
  const all = pictures(photo);
  const enough = all.find((rendition) => longEdge(rendition) >= edge) ?? all.at(-1);
  if (!enough) return [];
  const moving = photo.renditions.find((rendition) => rendition.name === "animation");
  if (moving) return [enough, moving];
  const middle = all.findLast((rendition) => longEdge(rendition) <= 1280 && longEdge(rendition) < longEdge(enough));
  return middle ? [middle, enough] : [enough];
}

/** What a video plays from, once it is ready. */
export const stream = (photo) => photo.renditions.find((rendition) => rendition.name === "stream");

/** Width over height; before anything is known, the usual shape of a photo. */
export function aspect(photo) {
  const shape = photo.width && photo.height ? photo : pictures(photo).at(-1);
  return shape ? shape.width / shape.height : 3 / 2;
}

export const takenAt = (photo) => photo.capturedAt ?? photo.createdAt;

const longEdge = (rendition) => Math.max(rendition.width, rendition.height);
