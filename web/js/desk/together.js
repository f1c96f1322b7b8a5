import { busy } from "../ui/act.js";
import { element } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/messages.js";

/** Whether a film can be shown to others: it has come, and can be played. */
export const isShowable = ({ kind, status, deletedAt }) => kind === "video" && status === "ready" && !deletedAt;

/** Begins a watch party with a film and goes there. */
export function togetherButton(account, photo) {
  const label = t("desk.together");
  const button = element("button", { class: "button quiet loupe-together", type: "button", title: label }, icon("people"), element("span", {}, label));
  button.onclick = () => busy(button, async () => {
    const body = { title: photo.title ?? photo.filename ?? label, mediaIds: [photo.id] };
    const { partyPath, accessCode } = await account.ask("/api/parties", { method: "POST", body });
    location.assign(partyPath ?? `/party/${encodeURIComponent(accessCode)}`);
  });
  return button;
}
