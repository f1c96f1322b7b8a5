import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { choice, field, input } from "../ui/form.js";
import { language, languages, t } from "../ui/messages.js";
import { busy, say } from "../ui/act.js";
import { icon } from "./icons.js";

/** Bytes of a file that the server takes. */
const largest = 1024 * 1024;

/** What a film has for subtitles, to be taken away, and a form for another file. */
export async function openSubtitles(party, entry) {
  const { subtitles = [] } = await party.film(entry.id);
  const file = input({ type: "file", accept: ".vtt,.srt,text/vtt,application/x-subrip", required: true });
  const tongue = choice([...Object.entries(languages), ["", t("party.subtitles.other")]], language());
  const label = input({ maxLength: 80, value: languages[language()] });
  tongue.onchange = () => (label.value = languages[tongue.value] ?? "");
  const list = element("ul", { class: "queue", role: "list" }, ...subtitles.map((one) => row(party, one)));
  const body = element("form", { class: "settings" }, list, field(t("party.subtitles.file"), file, t("party.subtitles.hint")),
    field(t("party.subtitles.language"), tongue), field(t("party.subtitles.label"), label));
  const act = async () => {
    const [chosen] = file.files;
    if (!chosen || !label.value.trim()) return (chosen ? label : file).focus(), false;
    if (chosen.size > largest) throw { code: "subtitles_too_large" };
    await party.addSubtitles(entry.id, chosen, { label: label.value.trim(), language: tongue.value || undefined });
  };
  const actions = [{ name: "cancel", label: t("common.cancel") }, { name: "add", label: t("party.subtitles.add"), kind: "primary", act }];
  await openDialog({ title: t("party.subtitles"), body, actions });
}

function row(party, { id, label }) {
  const ariaLabel = t("party.subtitles.remove", { label });
  const button = element("button", { class: "button quiet small only-icon", type: "button", ariaLabel }, icon("trash"));
  const node = element("li", { class: "reel" }, element("span", { class: "reel-words", dir: "auto" }, label), button);
  button.onclick = async () => (await busy(button, () => party.removeSubtitles(id), say)) && node.remove();
  return node;
}
