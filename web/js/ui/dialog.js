import { busy, say } from "./act.js";
import { element, isComposing, setText } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./messages.js";
import { problemText } from "./problem.js";

/**
 * Asks something in the middle of the page.
 * @param {{title: string, body?: Node|string, wide?: boolean, focus?: HTMLElement,
 *   actions?: {name: string, label: string, kind?: "primary"|"danger", act?: () => Promise<any>}[]}} options
 *   an action with `act` waits for it: the dialog stays when it fails, and says why; when it answers `false`, it stays silently.
 *   Enter in a field of the body does the action that has a `kind`.
 * @returns {Promise<string|null>} the name of the action; `null` when it was closed
 */
export function openDialog(options) {
  const { node, result } = build(options, "dialog");
  if (options.wide) node.classList.add("wide");
  show(node, options.focus);
  return result;
}

/** @returns {Promise<boolean>} whether it was agreed to */
export async function confirmDialog(text, { title = "", danger = false, action = t("common.done"), act } = {}) {
  const kind = danger ? "danger" : "primary";
  const actions = [{ name: "cancel", label: t("common.cancel") }, { name: "yes", label: action, kind, act }];
  return (await openDialog({ title: title || action, body: text, actions })) === "yes";
}

/**
 * A panel at the side, on phones from below.
 * @returns {{node: HTMLDialogElement, close: () => void, closed: Promise<string|null>}}
 */
export function openSheet(options) {
  const { node, result } = build(options, "sheet");
  show(node, options.focus);
  return { node, close: () => node.close(""), closed: result };
}

function show(node, focus) {
  document.body.append(node);
  node.showModal();
  focus?.focus();
}

function build({ title, body, actions = [] }, kind) {
  const node = element("dialog", { class: kind });
  const error = element("p", { class: "dialog-error", role: "alert" });
  const content = element("div", { class: "dialog-body" }, typeof body === "string" ? paragraph(body) : body ?? "");
  const frame = element("div", { class: "dialog-frame" }, head(title, node), content, error);
  const work = { running: null, outcome: null };
  if (actions.length > 0) frame.append(foot(actions, node, { error, work }, content));
  node.append(frame);
  node.ariaLabel = title;
  // A press that begins inside and ends on the shade (marking text, say) must not close it.
  let pressed = null;
  node.onpointerdown = (event) => (pressed = event.target);
  node.addEventListener("click", (event) => event.target === node && pressed === node && node.close(""));
  return { node, result: ended(node, work) };
}

/** Who closes it while an action runs does not stop that: what comes of it is the answer all the same. */
function ended(node, work) {
  const asker = document.activeElement;
  return new Promise((resolve) => {
    node.onclose = async () => {
      node.remove();
      if (asker?.isConnected) asker.focus({ preventScroll: true });
      await work.running;
      resolve(work.outcome ?? (node.returnValue || null));
    };
  });
}

function head(title, node) {
  const close = element("button", {
    class: "button quiet only-icon", type: "button", "aria-label": t("common.close"), onclick: () => node.close(""),
  }, icon("close"));
  return element("header", { class: "dialog-head" }, element("h2", { class: "dialog-title" }, title), close);
}

function foot(actions, node, parts, content) {
  const buttons = actions.map((action) => actionButton(action, node, parts));
  const main = buttons[actions.findIndex((action) => action.kind)];
  content.addEventListener("submit", (event) => event.preventDefault());
  content.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || isComposing(event) || !event.target.matches("input:not([type=checkbox], [type=radio])")) return;
    event.preventDefault();
    main?.click();
  });
  return element("footer", { class: "dialog-actions" }, ...buttons);
}

function actionButton({ name, label, kind = "", act }, node, { error, work }) {
  const button = element("button", { class: `button ${kind}`, type: "button" }, label);
  const tell = (problem) => (node.open ? setText(error, problemText(problem)) : say(problem));
  const run = async () => {
    let stays = false;
    const worked = await busy(button, async () => (stays = (await act?.()) === false), tell);
    if (worked && !stays) work.outcome = name;
  };
  button.onclick = async () => {
    setText(error, "");
    // Another press while it runs is none.
    if (work.running) return;
    await (work.running = run());
    work.running = null;
    if (work.outcome) node.close(name);
  };
  return button;
}

const paragraph = (text) => element("p", { class: "dialog-text" }, text);
