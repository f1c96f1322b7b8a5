import { icon as plain } from "../ui/icon.js";

// The party's own drawings beside those of all pages, on the same field of 24.

const paths = {
  sound: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11",
  mute: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM16 9.500l5 5M21 9.500l-5 5",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  small: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  words: "M4 5.500h16v13H4zM7.500 12h4M14 12h2.500M7.500 15.200h2M12 15.200h4.500",
  speed: "M4.500 17.500a8.500 8.500 0 1 1 15 0M12 14l4-5",
  window: "M4 5h16v14H4zM12.500 12h5v4.500h-5z",
  skip: "M5 6l8 6-8 6zM13 6l6.500 6-6.500 6zM19.500 6v12",
  up: "m6 14.500 6-6 6 6",
  crown: "M4 17.500 5 8l4.500 3.500L12 6l2.500 5.500L19 8l1 9.500z",
  wave: "M3 12h3l2.500-6 4 12 3-8 1.500 2h4",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2",
};

/** The icon of that name. @returns {SVGElement} hidden from those who listen: what it stands on has a name */
export function icon(name) {
  const drawing = plain(name);
  if (paths[name]) drawing.firstChild.setAttribute("d", paths[name]);
  return drawing;
}
