import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";

/**
 * Everything in one ZIP file, as the browser's own download.
 * @param {"originals"|"renditions"} files
 */
export async function takeAway(page, files) {
  const { url } = await page.account.ask(`/api/sessions/${page.id}/archives`, { method: "POST", body: { files } });
  const address = /[?&]grant=/.test(url) ? url : page.account.sign(url, page.id);
  // A refusal would take the place of the page: it is asked about first.
  const answer = await fetch(address, { method: "HEAD", credentials: "omit" });
  if (answer.status === 503) return toast(t("desk.takeaway.later"));
  if (!answer.ok) throw { status: answer.status, code: "other", message: answer.statusText };
  const link = element("a", { href: address, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}
