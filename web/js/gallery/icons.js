import { icon as plain } from "../ui/icon.js";

// The gallery's own drawings beside those of all pages, on the same field of 24.

const paths = {
  heart: "M12 20.300S3.600 15.400 3.600 9.400a4.600 4.600 0 0 1 8.400-2.600 4.600 4.600 0 0 1 8.400 2.600c0 6-8.400 10.900-8.400 10.900z",
  star: "m12 3.800 2.500 5.200 5.700.800-4.100 4 1 5.700L12 16.800l-5.100 2.700 1-5.700-4.100-4 5.700-.800z",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 8v5.500M12 7.600v.1",
  comment: "M4 5h16v11H10l-4.500 4v-4H4z",
  sound: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11",
  mute: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM16 9.500l5 5M21 9.500l-5 5",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  select: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm-4 9.300 2.800 2.800 5.200-5.600",
  show: "M3 5h18v11.500H3zM8 20.500h8M10.500 8.300v5l4-2.500z",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2",
  sort: "M7 5v14m-3-3 3 3 3-3M13 7h7M13 12h5M13 17h3",
};

/** The icon of that name. @returns {SVGElement} hidden from those who listen: what it stands on has a name */
export function icon(name) {
  const drawing = plain(name);
  drawing.classList.add(`icon-${name}`);
  if (paths[name]) drawing.firstChild.setAttribute("d", paths[name]);
  return drawing;
}
