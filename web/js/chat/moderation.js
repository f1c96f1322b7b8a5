import { busy } from "../ui/act.js";
import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { field } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";
import { changes } from "./rules.js";
import { nameOf } from "./said.js";
import { momentOf } from "./when.js";

/** Seconds between two messages of one person. */
const paces = [0, 5, 10, 30, 60, 300];

/** For those who run the chat: opens its rules. */
export function moderationButton(conversation) {
  const label = t("chat.rules");
  const properties = { class: "button quiet only-icon speech-rules", type: "button", ariaLabel: label, title: label };
  const button = element("button", properties, icon("sliders"));
  button.onclick = () => busy(button, () => openRules(conversation));
  return button;
}

async function openRules(conversation) {
  const [rules, mutes] = await Promise.all([conversation.readRules(), conversation.mutes.all()]);
  const isOn = element("input", { type: "checkbox", role: "switch", checked: rules.isOn });
  const choices = pacesWith(rules.slowModeSeconds).map((seconds) => choice(seconds, rules.slowModeSeconds));
  const pace = element("select", { class: "input" }, ...choices);
  const words = element("textarea", { class: "input", rows: 4, value: (rules.words ?? []).join("\n"), spellcheck: false });
  const body = element("div", { class: "rules" },
    element("label", { class: "switch" }, element("span", {}, t("chat.ruleOn")), isOn),
    field(t("chat.ruleSlow"), pace), field(t("chat.ruleWords"), words, t("chat.ruleWordsHint")), mutedPeople(mutes, conversation));
  const act = async () => {
    const change = changes(rules, { isOn: isOn.checked, slowModeSeconds: Number(pace.value), words: linesIn(words.value) });
    if (change) await conversation.rule(change);
  };
  const actions = [{ name: "cancel", label: t("common.cancel") }, { name: "save", label: t("common.save"), kind: "primary", act }];
  openDialog({ title: t("chat.rules"), body, actions });
}

const pacesWith = (present) => [...new Set([...paces, present])].sort((a, b) => a - b);

function choice(seconds, present) {
  return element("option", { value: String(seconds), selected: seconds === present }, paceName(seconds));
}

function paceName(seconds) {
  if (seconds === 0) return t("chat.slowNone");
  return seconds < 60 ? t("chat.slowSeconds", { count: seconds }) : t("chat.slowMinutes", { count: seconds / 60 });
}

function mutedPeople(mutes, conversation) {
  if (mutes.length === 0) return "";
  const lines = mutes.map(({ person, until }) => {
    const end = element("span", { class: "field-hint" }, until ? momentOf(until) : "");
    const line = element("li", { class: "rules-muted" }, element("bdi", {}, nameOf(person)), end);
    const button = element("button", { class: "button small", type: "button" }, t("chat.unmute"));
    button.onclick = async () => (await busy(button, () => conversation.mutes.remove(person))) && line.remove();
    line.append(button);
    return line;
  });
  return element("div", { class: "field" }, element("span", { class: "field-label" }, t("chat.mutedPeople")), element("ul", {}, ...lines));
}

const linesIn = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
