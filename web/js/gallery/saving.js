import { say } from "../ui/act.js";
import { pause } from "../ui/dom.js";
import { t } from "../ui/messages.js";
import { toast } from "../ui/toast.js";

/** How often an archive is asked for whose files have to be read first. */
const patience = 60;

/** The file that a photo is saved as: the original where the reader may have it, else the largest picture, or the film. */
export function fileToSave(photo) {
  if (photo.original) return photo.original.url.split("?")[0];
  const find = (name, format) => photo.renditions.find((one) => one.name === name && (!format || one.format === format));
  return (find("stream") ?? find("large", "jpeg") ?? find("large") ?? photo.renditions.at(-1))?.url;
}

/** Hands a file over to the browser's own downloads. */
export function saveFile(url) {
  const link = document.createElement("a");
  link.href = url.includes("?") ? `${url}&download=1` : `${url}?download=1`;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

/**
 * Saves photos as one ZIP file.
 * @param {string[]} [photos] ids; all of the session unless said
 */
export async function saveArchive(pass, photos) {
  const body = photos ? { photos } : {};
  const { url } = await pass.ask(`/api/sessions/${pass.sessionId}/archives`, { method: "POST", body });
  await ready(url);
  toast(t("gallery.archive.begins"));
  saveFile(url);
}

/** The server may have to look through the files first; a browser that was sent there at once would show an error. */
async function ready(url) {
  for (let attempt = 0; attempt < patience; attempt += 1) {
    const answer = await fetch(url, { method: "HEAD" });
    if (answer.status !== 503) return;
    if (attempt === 0) toast(t("gallery.archive.preparing"));
    await pause((Number(answer.headers.get("Retry-After")) || 2) * 1000);
  }
}

/** Gives a link to whatever the device shares by; where it cannot, into the clipboard. */
export async function share({ title, url }) {
  try {
    if (navigator.share && matchMedia("(pointer: coarse)").matches) return await navigator.share({ title, url });
    await navigator.clipboard.writeText(url);
    toast(t("gallery.link_copied"));
  } catch (problem) {
    // Whoever closes the system's sheet has not met a problem.
    if (problem.name !== "AbortError") say({ code: "no_clipboard" });
  }
}
