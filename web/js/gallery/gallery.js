import { later } from "../lumiere/later.js";
import { byId, setText } from "../ui/dom.js";
import { loadMessages } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { recallTheme } from "../ui/theme.js";
import { Pass } from "../lumiere/pass.js";
import { guestName, rememberName } from "./naming.js";
import { insistently } from "./reader.js";
import { Visit } from "./visit.js";
import { doorInPath, partyOf, wantsPassword } from "./way.js";

recallTheme();

/** Goes in by the code or link of the address; stops at the door where that does not open. */
async function main() {
  const way = doorInPath(location.pathname);
  const pass = new Pass(way);
  pass.name ??= guestName();
  rememberName(pass);
  await loadMessages("common", "gallery");
  let isRunning = false;
  let door;
  const open = (password) => {
    // A gallery that has begun has its listeners on the page already.
    if (isRunning) return location.reload();
    if (password !== undefined) pass.password = password;
    enter();
  };
  const turnAway = async (problem) => {
    // The password has changed meanwhile: the page begins anew at the door.
    if (isRunning && wantsPassword(problem)) return location.reload();
    byId("gallery").hidden = true;
    // The lightbox, the show and all sheets lie above it, and show what is not to be seen any more.
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    try {
      door ??= new (await later("./door.js", import.meta.url)).Door(way, { open });
      byId("greeting").hidden = true;
      door.refuse(problem);
    } catch {
      // Not even the door can be fetched.
      byId("greeting").hidden = false;
      sayMeanwhile(problem);
    }
  };
  const enter = async () => {
    byId("door").hidden = true;
    byId("greeting").hidden = false;
    try {
      await insistently(() => pass.enter(), sayMeanwhile);
      // A watch party: the same pass opens it there.
      if (pass.session.type === "party") return location.replace(partyOf(way));
      byId("greeting").hidden = true;
      isRunning = true;
      await begin(pass, turnAway);
    } catch (problem) {
      turnAway(problem);
    }
  };
  await enter();
}

function sayMeanwhile(problem) {
  delete byId("greeting-text").dataset.t;
  setText(byId("greeting-text"), problemText(problem));
}

/** Who may only send sees nothing of the session, and needs nothing of its gallery. */
async function begin(pass, turnAway) {
  const rights = new Set(pass.session.rights);
  if (rights.has("view")) return new Visit(pass, turnAway).start();
  const { showSendingPage } = await later("./sending.js", import.meta.url);
  showSendingPage(pass);
}

main();
