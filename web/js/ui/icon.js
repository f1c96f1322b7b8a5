// Line icons on a grid of 24, drawn in the colour of the words beside them.

const namespace = "http://www.w3.org/2000/svg";

const paths = {
  close: "m6 6 12 12M18 6 6 18",
  check: "m5 12.5 4.5 4.5L19 7.5",
  plus: "M12 5v14M5 12h14",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  back: "m14.5 5-7 7 7 7",
  next: "m9.5 5 7 7-7 7",
  down: "m6 9.5 6 6 6-6",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm5-1.5L20 20",
  photos: "M4 6.5A1.5 1.5 0 0 1 5.5 5h13A1.5 1.5 0 0 1 20 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5ZM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9h.01",
  home: "m4 11 8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1Z",
  review: "M12 3.5 5 6v5.5c0 4.2 2.8 7.3 7 9 4.2-1.7 7-4.8 7-9V6ZM9 12l2.2 2.200L15.2 10",
  share: "M12 15V4m-4 3.5L12 4l4 3.5M6 12v6.5A1.5 1.5 0 0 0 7.5 20h9a1.5 1.5 0 0 0 1.5-1.5V12",
  heart: "M12 19.5S4.5 15 4.5 9.600A4 4 0 0 1 12 7.700a4 4 0 0 1 7.5 1.900C19.5 15 12 19.5 12 19.5Z",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  chart: "M5 20V11M12 20V4M19 20v-6",
  settings: "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-7 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  upload: "M12 16V5m-4.5 4L12 4.5 16.5 9M5 15.5V18a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-2.5",
  download: "M12 4v11m-4.5-4 4.5 4.5 4.5-4.5M5 20h14",
  chat: "M5 5.5h14a1 1 0 0 1 1 1V16a1 1 0 0 1-1 1h-7l-4.5 3.5V17H5a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1Z",
  send: "M4.5 11.500 20 4.500l-5.5 15.500-3.2-6.300ZM11.3 13.700 20 4.500",
  smile: "M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM8.5 14c.8 1.300 2 2 3.500 2s2.7-.7 3.500-2M9 9.700h.01M15 9.700h.01",
  trash: "M5 7h14M10 7V4.5h4V7m-7.5 0 .8 12a1 1 0 0 0 1 1h7.400a1 1 0 0 0 1-1l.8-12M10 11v5M14 11v5",
  restore: "M4.5 5v5h5M5 10a7.5 7.5 0 1 1-.3 4.5",
  hide: "M4 4l16 16M9.9 5.800A9 9 0 0 1 12 5.5c5 0 8 4 9 6.5a12 12 0 0 1-2.7 3.800M6.2 7.400A12 12 0 0 0 3 12c1 2.5 4 6.5 9 6.5a9 9 0 0 0 4-.9M10 10.200a2.7 2.7 0 0 0 3.8 3.8",
  show: "M3 12c1-2.5 4-6.5 9-6.5s8 4 9 6.5c-1 2.5-4 6.5-9 6.5S4 14.5 3 12Zm9 2.700a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.400Z",
  star: "m12 4 2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8Z",
  tag: "M4 5v6.5l8.5 8.5 7-7L11 4.5H4.5A.5.5 0 0 0 4 5Zm4.5 3.5h.01",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  play: "M8 5.5v13l10.5-6.5Z",
  stop: "M7 7h10v10H7Z",
  archive: "M4 5h16v4H4Zm1.5 4v10h13V9M10 13h4",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.700l1-1",
  copy: "M9 9h10v11H9ZM15 9V4H5v11h4",
  print: "M7 9V4h10v5M7 17H4.5v-7a1 1 0 0 1 1-1h13a1 1 0 0 1 1 1v7H17M7 14h10v6H7Z",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9c.4-3.5 2.6-5.5 6-5.5s5.6 2 6 5.5M16 4.5a3.5 3.5 0 0 1 0 6.5m2 4c1.8.7 2.8 2.4 3 5",
  person: "M12 11.5A3.8 3.8 0 1 0 12 4a3.8 3.8 0 0 0 0 7.5ZM4.5 20c.5-3.7 3.2-5.8 7.5-5.800s7 2.1 7.5 5.8",
  globe: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM3.5 12h17M12 3.5c4.600 5 4.600 12 0 17-4.600-5-4.600-12 0-17",
  clock: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2",
  warning: "M12 4 2.8 19.5h18.400ZM12 10v4.5m0 2.5v.01",
  lock: "M6 11h12v9H6Zm2.5 0V8a3.5 3.5 0 0 1 7 0v3",
  film: "M4 6h11v12H4Zm11 4.5L20 8v8l-5-2.5",
  folder: "M4 6.5A1.5 1.5 0 0 1 5.5 5H10l2 2.5h6.5A1.5 1.5 0 0 1 20 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5Z",
  edit: "m5 19 .8-3.800L15.5 5.5l3 3-9.7 9.700Zm8.5-11.5 3 3",
  undo: "M8.5 5 4.5 9l4 4M5 9h9a5.5 5.5 0 0 1 0 11h-4",
  help: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM9.7 9.5A2.4 2.4 0 0 1 12 7.700c1.4 0 2.4.9 2.4 2.2 0 1.8-2.4 2-2.4 3.700m0 2.700v.01",
  leave: "M14 4.5H6v15h8M10.5 12H20m-3.5-3.5L20 12l-3.5 3.5",
  move: "M4 7h10m-3-3 3 3-3 3M20 17H10m3-3-3 3 3 3",
  flag: "M6 20V4.5M6 5.5c4-2.5 7 2 12 0v8c-5 2-8-2.5-12 0",
  sliders: "M4 8h16M4 16h16M9 5.5v5M15 13.5v5",
  desktop: "M4 5h16v11H4Zm5 15h6m-3-4v4",
  refresh: "M19.5 5v5h-5M19 10a7.5 7.5 0 1 0 .3 4.5",
  image: "M5 5h14v14H5Zm0 11 4-4 3.5 3.5L15 13l4 4",
};

/** The icon of that name, hidden from screen readers: whoever carries it says in words what it means. */
export function icon(name) {
  const drawing = document.createElementNS(namespace, "svg");
  const path = document.createElementNS(namespace, "path");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", `icon icon-${name}`);
  drawing.setAttribute("aria-hidden", "true");
  path.setAttribute("d", paths[name] ?? "");
  drawing.append(path);
  return drawing;
}
