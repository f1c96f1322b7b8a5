import { openDialog } from "../ui/dialog.js";
import { input } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";

/** Copies; where that is not allowed (a page without https), the text is shown to be copied by hand. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("common.copied"));
  } catch {
    const shown = input({ value: text, readOnly: true, ariaLabel: t("common.copy") });
    shown.onfocus = () => shown.select();
    openDialog({ title: t("common.copy"), body: shown, focus: shown, actions: [{ name: "done", label: t("common.done") }] });
  }
}
