import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { explained, loupeKeys, photoKeys, reviewKeys } from "./shortcuts.js";

const tables = { photos: photoKeys, loupe: loupeKeys, review: reviewKeys };
const isApple = /Mac|iP(hone|ad)/.test(navigator.platform);

const signs = { ArrowLeft: "←", ArrowRight: "→", " ": () => t("desk.keys.space"), Escape: "Esc", Enter: "↵", Delete: "Del", Backspace: "⌫" };

/** All keys of where one is. */
export function showHelp(where) {
  const rows = explained(tables[where]).map(([action, keys]) =>
    element("div", { class: "keys-row" }, element("dt", {}, t(`desk.key.${action}`)), element("dd", {}, ...keys.flatMap(sign))));
  const extra = where === "photos" ? [arrows()] : [];
  return openDialog({ title: t("desk.keys.title"), wide: true, body: element("dl", { class: "keys" }, ...extra, ...rows) });
}

const arrows = () => element("div", { class: "keys-row" }, element("dt", {}, t("desk.key.move")),
  element("dd", {}, ...["←", "→", "↑", "↓", "⇧"].map((text) => element("kbd", {}, text))));

function sign(key) {
  if (key === "–") return [element("span", {}, key)];
  return key.split("+").map((part) => element("kbd", {}, part === "mod" ? (isApple ? "⌘" : "Ctrl") : shown(part)));
}

function shown(key) {
  const found = signs[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  return typeof found === "function" ? found() : found;
}
