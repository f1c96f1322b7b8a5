import { busy } from "../ui/act.js";
import { confirmDialog, openDialog, openSheet } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { dateAndTime } from "../ui/format.js";
import { keepingFocus } from "../ui/focus.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { toast } from "../ui/toast.js";
import { written } from "./notes.js";
import { pictures } from "./photo.js";

/** What is shown of a list before somebody asks for more. */
const shown = 60;

const colours = ["red", "yellow", "green", "blue", "purple"];

// MARK: Putting photos on a list

/** Asks on which list, and for a note; several photos go on it one after the other. */
export async function collect(visit, photos) {
  if (photos.length === 0) return;
  const open = (await readLists(visit)).filter(isOpen);
  const form = collectForm(open, photos.length === 1);
  const put = async () => {
    const list = await chosenList(visit, form, open);
    if (!list) return false;
    await putAll(visit.pass, list, photos, marksOf(form));
    toast(t("gallery.list.added", { count: photos.length, name: list.name }), { action: t("gallery.list.look"), onAction: () => showLists(visit) });
    return true;
  };
  const actions = [{ name: "cancel", label: t("common.cancel") }, { name: "put", label: t("gallery.list.put"), kind: "primary", act: put }];
  if ((await openDialog({ title: t("gallery.act.collect"), body: form, actions })) === "put") visit.choosing.end();
}

/** What others have written on a photo of the list stays. */
async function putAll(pass, list, photos, marks) {
  const former = await choicesOn(pass, list);
  for (const { id } of photos) {
    const body = written(former.get(id), marks);
    if (body) await pass.ask(`/api/selections/${list.id}/photos/${id}`, { method: "PUT", body });
  }
}

async function choicesOn(pass, list) {
  const choices = new Map();
  if (list.count === 0) return choices;
  for await (const page of pass.pages(`/api/selections/${list.id}/photos`, { limit: 200 })) {
    for (const { photoId, note, colour, rating } of page) choices.set(photoId, { note, colour, rating });
  }
  return choices;
}

function collectForm(lists, isOne) {
  const choices = lists.map((list, index) => radio("list", list.id, `${list.name} · ${standing(list)}`, index === 0));
  const own = element("input", { class: "input", name: "name", maxLength: 200, placeholder: t("gallery.list.new_name") });
  own.setAttribute("aria-label", t("gallery.list.new"));
  own.addEventListener("input", () => (form.querySelector("[value=new]").checked = true));
  const fresh = element("div", { class: "list-new" }, radio("list", "new", t("gallery.list.new"), lists.length === 0), own);
  const note = element("textarea", { class: "input", name: "note", maxLength: 1000, rows: 2, placeholder: t("gallery.list.note_example") });
  const words = element("label", { class: "field" }, element("span", { class: "field-label" }, t("gallery.list.note")), note);
  const form = element("form", { class: "choices" }, ...choices, fresh, words, ...(isOne ? [colourField()] : []));
  return form;
}

function colourField() {
  const none = radio("colour", "", t("gallery.colour.none"), true);
  const rest = colours.map((name) => {
    const label = radio("colour", name, t(`gallery.colour.${name}`), false);
    label.classList.add("colour", `colour-${name}`);
    return label;
  });
  return element("fieldset", { class: "colours", "aria-label": t("gallery.list.colour") }, none, ...rest);
}

function radio(name, value, text, checked) {
  return element("label", { class: "check" }, element("input", { type: "radio", name, value, checked }), element("span", {}, text));
}

function marksOf(form) {
  const { note, colour } = Object.fromEntries(new FormData(form));
  return { note: note.trim() || undefined, colour: colour || undefined };
}

async function chosenList(visit, form, open) {
  const { list: id, name } = Object.fromEntries(new FormData(form));
  if (id !== "new") return open.find((list) => list.id === id);
  if (!name.trim()) {
    form.elements.name.focus();
    return null;
  }
  return visit.pass.ask(`/api/sessions/${visit.session.id}/selections`, { method: "POST", body: { name: name.trim(), kind: "personal" } });
}

// MARK: Looking at lists

/** All lists that the reader sees, at the side, following what others do. */
export async function showLists(visit) {
  const body = element("div", { class: "lists" }, element("p", { role: "status" }, t("common.loading")));
  const sheet = openSheet({ title: t("gallery.lists"), body });
  const cards = new Cards(visit, body);
  let due;
  const follow = () => {
    clearTimeout(due);
    due = setTimeout(() => cards.fill(), 400);
  };
  document.addEventListener("lists", follow);
  sheet.closed.then(() => {
    clearTimeout(due);
    document.removeEventListener("lists", follow);
  });
  await cards.fill();
}

/** The cards of the sheet: each list keeps its own, whatever happens to the others. */
class Cards {
  #visit;
  #body;
  #all = new Map();
  #turn = 0;

  constructor(visit, body) {
    [this.#visit, this.#body] = [visit, body];
  }

  /** Of readings under way only the last is shown. */
  fill = async () => {
    const turn = (this.#turn += 1);
    try {
      const lists = await readLists(this.#visit);
      if (turn === this.#turn) this.#show(lists);
    } catch (problem) {
      if (turn === this.#turn && this.#all.size === 0) this.#fail(problem);
    }
  };

  #show(lists) {
    const former = this.#all;
    this.#all = new Map(lists.map(({ id }) => [id, former.get(id) ?? new Card(this.#visit, this.fill)]));
    keepingFocus(this.#body, () => {
      for (const list of lists) this.#all.get(list.id).show(list);
      this.#body.replaceChildren(...(lists.length > 0 ? [...this.#all.values()].map(({ node }) => node) : [this.#none()]));
    });
  }

  #none() {
    return element("p", { class: "dialog-text" }, t(this.#visit.rights.has("select") ? "gallery.lists.none" : "gallery.lists.none_to_see"));
  }

  #fail(problem) {
    const again = element("button", { class: "button", type: "button" }, t("common.retry"));
    again.onclick = () => busy(again, this.fill);
    this.#body.replaceChildren(element("p", { class: "dialog-text", role: "alert" }, problemText(problem)), again);
  }
}

/** One list; its pictures stay while what is said of it changes. */
class Card {
  #visit;
  #refresh;
  #pictures = element("ul", { class: "list-photos" });
  #entries = new Map();
  #turn = 0;
  node = element("section", { class: "card list" });

  constructor(visit, refresh) {
    [this.#visit, this.#refresh] = [visit, refresh];
  }

  show(list) {
    this.node.replaceChildren(...about(list), this.#pictures, ...footer(this.#visit, list, this.#refresh));
    this.#read(list).catch(() => {});
  }

  async #read(list) {
    const turn = (this.#turn += 1);
    const { items } = list.count > 0 ? await this.#visit.pass.ask(`/api/selections/${list.id}/photos`, { query: { limit: shown } }) : { items: [] };
    if (turn === this.#turn) keepingFocus(this.node, () => this.#showPhotos(list, items));
  }

  #showPhotos(list, items) {
    const canChange = this.#visit.rights.has("select") && isOpen(list);
    const keyOf = ({ photo, note, colour }) => JSON.stringify([photo.id, note, colour, canChange]);
    const node = (entry) => this.#entries.get(keyOf(entry)) ?? entryNode(this.#visit, list, entry, canChange, this.#refresh);
    this.#entries = new Map(items.map((entry) => [keyOf(entry), node(entry)]));
    const rest = list.count - items.length;
    this.#pictures.replaceChildren(...this.#entries.values(), ...(rest > 0 ? [element("li", { class: "list-more" }, `+${rest}`)] : []));
  }
}

function about(list) {
  const head = element("header", { class: "list-head" }, element("h3", { class: "list-name" }, list.name), element("span", { class: `badge ${list.state === "submitted" ? "good" : "warm"}` }, stateOf(list)));
  const facts = element("p", { class: "list-facts" }, [standing(list), list.closesAt && t("gallery.list.until", { time: dateAndTime(list.closesAt) })].filter(Boolean).join(" · "));
  return [head, ...(list.description ? [element("p", { class: "list-facts" }, list.description)] : []), facts, gauge(list)];
}

function footer(visit, list, refresh) {
  const buttons = visit.rights.has("select") ? actions(visit, list, refresh) : [];
  return buttons.length > 0 ? [element("footer", { class: "list-actions" }, ...buttons)] : [];
}

/** How full a list with limits is. */
function gauge(list) {
  const most = list.maximum || list.minimum;
  if (!most) return "";
  const fill = element("div", { class: "bar-fill" });
  fill.style.width = `${Math.min(100, (list.count / most) * 100)}%`;
  return element("div", { class: "bar-track", "aria-hidden": "true" }, fill);
}

function actions(visit, list, refresh) {
  const buttons = [];
  const isOwn = list.kind === "personal";
  if (isOpen(list)) buttons.push(button(t("gallery.list.submit"), "primary", () => submit(visit, list, refresh), list.count < (list.minimum ?? 0) || list.count === 0));
  if (isOwn && isOpen(list)) buttons.push(button(t("common.delete"), "quiet", () => remove(visit, list, refresh)));
  return buttons;
}

function button(label, kind, act, disabled = false) {
  const node = element("button", { class: `button small ${kind}`, type: "button", disabled }, label);
  node.onclick = () => busy(node, act);
  return node;
}

async function submit(visit, list, refresh) {
  const act = () => visit.pass.ask(`/api/selections/${list.id}/submit`, { method: "POST" });
  const text = t("gallery.list.submit_sure", { name: list.name });
  if (await confirmDialog(text, { title: t("gallery.list.submit"), action: t("gallery.list.submit"), act })) await refresh();
}

async function remove(visit, list, refresh) {
  const act = () => visit.pass.ask(`/api/selections/${list.id}`, { method: "DELETE" });
  if (await confirmDialog(t("gallery.list.delete_sure", { name: list.name }), { danger: true, action: t("common.delete"), act })) await refresh();
}

function entryNode(visit, list, { photo, note, colour }, canChange, refresh) {
  const picture = pictures(photo)[0];
  const image = element("img", { alt: note ? t("gallery.list.noted", { note }) : visit.label(photo), loading: "lazy", width: 96, height: 96 });
  if (picture) image.src = visit.sign(picture.url);
  const node = element("li", { class: colour ? `list-photo colour-${colour}` : "list-photo", title: note ?? "" }, image);
  if (canChange) node.append(removal(visit, list, photo, refresh));
  return node;
}

function removal(visit, list, photo, refresh) {
  const label = t("gallery.list.take_off");
  const node = element("button", { class: "list-removal", type: "button", "aria-label": label, title: label }, "×");
  node.onclick = () => busy(node, async () => {
    await visit.pass.ask(`/api/selections/${list.id}/photos/${photo.id}`, { method: "DELETE" });
    await refresh();
  });
  return node;
}

// MARK: Words

async function readLists(visit) {
  const lists = [];
  for await (const page of visit.pass.pages(`/api/sessions/${visit.session.id}/selections`, { limit: 200 })) lists.push(...page);
  return lists;
}

const isOpen = (list) => list.state === "open" && !(Date.parse(list.closesAt) < Date.now());

const stateOf = (list) => t(list.state === "submitted" ? "gallery.list.submitted" : isOpen(list) ? "gallery.list.open" : "gallery.list.closed");

/** "12 photos", or how many of how many. */
function standing({ count, minimum, maximum }) {
  if (maximum) return t("gallery.list.of", { have: count, most: maximum });
  if (minimum && count < minimum) return t("gallery.list.least", { have: count, least: minimum });
  return t("common.photos", { count });
}
