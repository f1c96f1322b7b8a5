import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";

const reasons = ["private", "offensive", "rights", "other"];

/** Asks the staff to take a photo away. */
export async function report(pass, photo) {
  const choices = reasons.map((name, index) => {
    const input = element("input", { type: "radio", name: "reason", value: name, checked: index === 0 });
    return element("label", { class: "check" }, input, t(`gallery.report.${name}`));
  });
  const text = element("textarea", { class: "input", maxLength: 500, rows: 3 });
  const field = element("label", { class: "field" }, element("span", { class: "field-label" }, t("gallery.report.text")), text);
  const form = element("form", { class: "choices" }, element("p", { class: "dialog-text" }, t("gallery.report.why")), ...choices, field);
  const send = async () => {
    const body = { reason: new FormData(form).get("reason"), text: text.value.trim() || undefined };
    await pass.ask(`/api/photos/${photo.id}/report`, { method: "POST", body });
  };
  const actions = [
    { name: "cancel", label: t("common.cancel") },
    { name: "send", label: t("gallery.report.send"), kind: "primary", act: send },
  ];
  const done = await openDialog({ title: t("gallery.report"), body: form, actions });
  if (done === "send") toast(t("gallery.report.sent"));
}
