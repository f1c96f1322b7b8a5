/**
 * Which of a film's subtitles the reader wants to see: the same, or else those of the same language, of the page's, any.
 * @param {{id: string, language?: string}[]} tracks
 * @param {{id: string, language?: string}|null} wish what they have chosen last; `null` for none
 * @param {string} tongue the page's language
 * @returns {object|null} one of the tracks
 */
export function wishedOf(tracks, wish, tongue) {
  if (!wish) return null;
  const of = (tag) => tag && tracks.find(({ language }) => baseOf(language) === baseOf(tag));
  return tracks.find(({ id }) => id === wish.id) ?? (of(wish.language) || of(tongue) || tracks[0] || null);
}

const baseOf = (tag) => tag?.split("-")[0];
