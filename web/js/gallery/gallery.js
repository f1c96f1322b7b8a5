import { byId } from "../ui/dom.js";
import { loadMessages } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { recallTheme } from "../ui/theme.js";
import { Pass } from "../lumiere/pass.js";
import { Door, doorInPath } from "./door.js";
import { write } from "./entryform.js";
import { guestName, rememberName } from "./naming.js";
import { insistently } from "./reader.js";
import { Visit } from "./visit.js";

recallTheme();

/** Goes in by the code or link of the address; stops at the door where that does not open. */
async function main() {
  const way = doorInPath(location.pathname);
  const pass = new Pass(way);
  pass.name ??= guestName();
  rememberName(pass);
  await loadMessages("common", "gallery");
  let isRunning = false;
  const door = new Door(way, {
    open: (password) => {
      if (password !== undefined) pass.password = password;
      enter();
    },
  });
  const turnAway = (problem) => {
    // The password has changed meanwhile: the page begins anew at the door.
    if (isRunning && door.wantsPassword(problem)) return location.reload();
    byId("gallery").hidden = true;
    byId("greeting").hidden = true;
    door.refuse(problem);
  };
  const enter = async () => {
    byId("door").hidden = true;
    byId("greeting").hidden = false;
    try {
      await insistently(() => pass.enter(), (problem) => write(byId("greeting-text"), problemText(problem)));
      byId("greeting").hidden = true;
      isRunning = true;
      await begin(pass, turnAway);
    } catch (problem) {
      turnAway(problem);
    }
  };
  await enter();
}

/** Who may only send sees nothing of the session, and needs nothing of its gallery. */
async function begin(pass, turnAway) {
  const rights = new Set(pass.session.rights);
  if (rights.has("view")) return new Visit(pass, turnAway).start();
  const { showSendingPage } = await import("./sending.js");
  showSendingPage(pass);
}

main();
