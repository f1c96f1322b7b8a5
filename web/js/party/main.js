import { Account } from "../lumiere/account.js";
import { later } from "../lumiere/later.js";
import { byId, setText } from "../ui/dom.js";
import { loadMessages, t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { recallTheme } from "../ui/theme.js";
import { Entrance } from "./entrance.js";
import { wayIn } from "./way.js";

recallTheme();

/** With a code or a link the party of that; without one, the parties of whoever is signed in. */
async function main() {
  await loadMessages("common", "party");
  document.title = `${t("party.title")} · Lumiere`;
  const account = new Account();
  const way = wayIn(location);
  if (way === null) return showMine(account);
  new Entrance(way, account, begin).open();
}

async function showMine(account) {
  const { Mine } = await later("./mine.js", import.meta.url);
  byId("greeting").hidden = true;
  new Mine(account, byId("party")).start();
}

/** Somebody is in: the party itself is fetched while they still see that it opens. */
async function begin(caller, place, turnAway) {
  const { Visit } = await later("./visit.js", import.meta.url);
  byId("greeting").hidden = true;
  new Visit(caller, place, turnAway).start();
}

main().catch((problem) => setText(byId("greeting-text"), problemText(problem)));
