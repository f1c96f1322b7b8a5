import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { field, input } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";
import { loadStyle } from "../ui/style.js";
import { icon } from "./icons.js";

/** The ways to bring friends: a link, a picture to point a camera at, and the code to be said. */
export async function openInvite(party, code) {
  await loadStyle("party-more");
  const url = new URL(`/party/${encodeURIComponent(code)}`, location.href).href;
  const link = input({ value: url, readOnly: true, onfocus: () => link.select() });
  const picture = element("img", { class: "qr invite-qr", src: `/party/${encodeURIComponent(code)}/qr`, alt: t("party.invite.qr"), width: 200, height: 200 });
  picture.onerror = () => (picture.hidden = true);
  const copy = element("button", { class: "button", type: "button", onclick: () => copied(url, link) }, icon("copy"), t("common.copy"));
  const row = element("div", { class: "invite-row" }, copy);
  const send = element("button", { class: "button primary", type: "button", onclick: () => share(party, url) }, icon("share"), t("common.share"));
  if (navigator.share) row.append(send);
  const body = element("div", { class: "invite" }, picture, element("div", { class: "invite-words" }, field(t("party.invite.link"), link), row,
    element("p", { class: "field" }, element("span", { class: "field-label" }, t("party.door.code")), element("strong", { class: "invite-code" }, code)),
    element("p", { class: "field-hint" }, t(party.room.party?.isLocked ? "party.invite.locked" : "party.invite.text"))));
  await openDialog({ title: t("party.invite"), body, wide: true, focus: copy });
}

async function copied(url, link) {
  try {
    await navigator.clipboard.writeText(url);
    toast(t("common.copied"));
  } catch {
    // Where that is not allowed it is marked, to be copied by hand.
    link.focus();
  }
}

const share = (party, url) => navigator.share({ title: party.room.party?.title ?? t("party.title"), url }).catch(() => {});
