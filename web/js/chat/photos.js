import { element } from "../ui/dom.js";
import { t } from "../ui/messages.js";

/** Photos that are remembered. */
const limit = 200;

/** Caller to photo's id to what was asked for. */
const known = new WeakMap();

/** A small picture of a photo that a message is about; choosing it dispatches `photo` with its id. */
export function photoButton(id, { caller, acts }) {
  const image = element("img", { alt: "", width: 112, height: 84, decoding: "async" });
  const node = element("button", { class: "said-photo", type: "button", ariaLabel: t("chat.openPhoto") }, image);
  node.onclick = () => acts.openPhoto(id);
  thumbOf(caller, id).then(({ url, sessionId }) => (image.src = caller.sign(url, sessionId)), () => node.replaceWith(element("p", { class: "said-noPhoto" }, t("chat.noPhoto"))));
  return node;
}

/** @returns {Promise<{url: string, sessionId: string}>} where its smallest picture is; signed when it is shown, for it is kept for long */
function thumbOf(caller, id) {
  if (!known.has(caller)) known.set(caller, new Map());
  const all = known.get(caller);
  if (!all.has(id)) all.set(id, fetchThumb(caller, id).catch((problem) => (all.delete(id), Promise.reject(problem))));
  if (all.size > limit) all.delete(all.keys().next().value);
  return all.get(id);
}

async function fetchThumb(caller, id) {
  const { renditions, sessionId } = await caller.ask(`/api/photos/${id}`);
  const thumbs = renditions.filter(({ name, contentType }) => name === "thumb" && contentType.startsWith("image/"));
  const best = thumbs.find(({ format }) => format === "webp") ?? thumbs[0];
  if (!best) throw new Error("There is no picture of it.");
  return { url: best.url, sessionId };
}
