import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { choice, field, input, numberOf, toggle } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { loadStyle } from "../ui/style.js";
import { allGrants } from "../lumiere/partyroom.js";

/** Seconds for which the room may wait for somebody. */
const waits = [0, 5, 10, 15, 30, 60];

const roles = ["controller", "viewer"];

/** What the host or the owner decides: the name, how many, whether anybody else may come, for how long to wait, who may do what. */
export async function openSettings(party) {
  await loadStyle("party-more");
  const { title, capacity, isLocked, waitSeconds, grants } = party.room.party;
  const name = input({ value: title, maxLength: 200, required: true });
  const room = input({ type: "number", min: 2, max: 1000, value: capacity, inputMode: "numeric" });
  const wait = choice([...new Set([...waits, waitSeconds])].sort((a, b) => a - b).map((seconds) => [String(seconds), waitName(seconds)]), String(waitSeconds));
  const lock = toggle(t("party.lock"), isLocked, { hint: t("party.lock.text") });
  const table = grantTable(grants);
  const body = element("form", { class: "settings" }, field(t("party.name"), name),
    element("div", { class: "settings-pair" }, field(t("party.capacity"), room), field(t("party.wait"), wait, t("party.wait.text"))), lock, table.node);
  const act = () => {
    if (!name.value.trim()) return name.focus(), false;
    const wanted = {
      title: name.value.trim(), capacity: numberOf(room, capacity), waitSeconds: Number(wait.value), isLocked: lock.box.checked, grants: table.grants(),
    };
    return party.change(changed(party.room.party, wanted));
  };
  const actions = [{ name: "cancel", label: t("common.cancel") }, { name: "save", label: t("common.save"), kind: "primary", act }];
  await openDialog({ title: t("party.settings"), body, actions, wide: true });
}

/** Only what is wanted otherwise: the rest is left to whoever changes it meanwhile. */
function changed(before, after) {
  return Object.fromEntries(Object.entries(after).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key])));
}

function waitName(seconds) {
  return seconds === 0 ? t("party.wait.none") : t("party.seconds", { count: seconds });
}

function grantTable(grants) {
  const boxes = new Map();
  const cell = (role, grant) => {
    const ariaLabel = `${t(`party.role.${role}`)}: ${t(`party.grant.${grant}`)}`;
    const box = element("input", { type: "checkbox", checked: grants[role]?.includes(grant), ariaLabel });
    boxes.set(`${role} ${grant}`, box);
    return element("td", {}, element("label", { class: "grant-cell" }, box));
  };
  const row = (grant) => element("tr", {}, element("th", { scope: "row" }, t(`party.grant.${grant}`)), ...roles.map((role) => cell(role, grant)));
  const column = (words) => element("th", { scope: "col" }, words);
  const head = element("tr", {}, column(t("party.grants")), ...roles.map((role) => column(t(`party.role.${role}`))));
  const node = element("table", { class: "grants" }, element("thead", {}, head), element("tbody", {}, ...allGrants.map(row)));
  const held = (role) => allGrants.filter((grant) => boxes.get(`${role} ${grant}`).checked);
  return { node, grants: () => Object.fromEntries(roles.map((role) => [role, held(role)])) };
}
