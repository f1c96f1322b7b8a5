import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { loadStyle } from "../ui/style.js";
import { keys } from "./keys.js";

const names = { " ": "party.key.space", ArrowLeft: "←", ArrowRight: "→" };

/** Shows which keys there are. */
export async function openKeys() {
  await loadStyle("party-more");
  const rows = new Map();
  for (const [key, action] of Object.entries(keys)) rows.set(action, [...(rows.get(action) ?? []), key]);
  const line = ([action, all]) => element("div", { class: "key-row" }, element("dt", {}, t(`party.key.${action}`)),
    element("dd", {}, ...all.map((key) => element("kbd", {}, nameOf(key)))));
  const body = element("dl", { class: "key-list" }, ...[...rows].map(line));
  return openDialog({ title: t("party.keys"), body, actions: [{ name: "done", label: t("common.done") }] });
}

const nameOf = (key) => (names[key]?.startsWith("party.") ? t(names[key]) : names[key] ?? key.toUpperCase());
