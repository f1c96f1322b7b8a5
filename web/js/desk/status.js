import { say } from "../ui/act.js";
import { confirmDialog } from "../ui/dialog.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";

/** What can be done with a session as it stands, as entries of a menu. */
export function statusItems(page) {
  const item = (name, picture, act) => ({ label: t(`desk.act.${name}`), icon: picture, act });
  const to = (status) => () => change(page, status);
  const items = {
    active: [item("pause", "pause", to("paused")), item("end", "stop", to("ended")), null, item("archive", "archive", () => archive(page))],
    paused: [item("resume", "play", to("active")), item("end", "stop", to("ended")), null, item("archive", "archive", () => archive(page))],
    ended: [item("reopen", "play", to("active")), null, item("archive", "archive", () => archive(page))],
    archived: [item("unarchive", "restore", () => restore(page))],
  };
  return items[page.session.status] ?? [];
}

async function change(page, status) {
  try {
    await page.change({ status });
    toast(t(`desk.status.now.${status}`));
  } catch (problem) {
    say(problem);
  }
}

/** Guests are shown out by it, so it is asked about first. */
export async function archive(page) {
  const act = async () => page.take(await page.account.ask(`/api/sessions/${page.id}/archive`, { method: "POST" }));
  await confirmDialog(t("desk.archive.text"), { title: t("desk.archive.title"), action: t("desk.act.archive"), act });
}

export async function restore(page) {
  try {
    page.take(await page.account.ask(`/api/sessions/${page.id}/restore`, { method: "POST" }));
  } catch (problem) {
    say(problem);
  }
}
