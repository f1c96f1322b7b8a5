// Files that people choose or drop, folders too.

/** What systems leave lying about in folders. */
const junk = /^(\.|thumbs\.db$|desktop\.ini$|icon\r$|__macosx$|~\$)/i;

/** Photos, raw files and films, by what their names end in: in a folder, nothing else is meant. */
const media = new Set(
  ("jpg jpeg jpe png webp gif heic heif hif avif tif tiff mp4 m4v mov webm mkv dng cr2 cr3 crw nef nrw arw sr2 srf raf orf rw2 rwl " +
    "pef srw x3f 3fr fff iiq mrw erf kdc dcr mef mos raw gpr").split(" "));

/** Whether nobody can have meant that file: something hidden. */
export const isJunk = ({ name }) => junk.test(name);

/** Whether it is something that a gallery shows. */
export function isMedia({ name, type = "" }) {
  return media.has(extension(name)) || /^(image|video)\//.test(type);
}

/** For the `accept` of a file input: browsers do not know the types of raw files. */
export const accepted = ["image/*", "video/*", ...[...media].map((end) => `.${end}`)].join(",");

/**
 * What was dropped, folders and all that is in them, in the order of their names. Call it while the event is being handled:
 * afterwards the browser gives nothing away.
 * @param {DataTransfer} transfer
 * @returns {Promise<{file: File|null, path: string}[]>} without a `file`: a file or folder that cannot be read
 */
export async function filesDropped(transfer) {
  const entries = [...transfer.items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = [];
  for (const entry of entries.filter(Boolean)) await gather(entry, found, true);
  return found;
}

/** What an input with `webkitdirectory` has found in a folder. */
export const filesOfFolder = (list) =>
  [...list].filter((file) => isMedia(file) && !isHidden(file.webkitRelativePath))
    .map((file) => ({ file, path: file.webkitRelativePath })).sort(byPath);

async function gather(entry, found, isChosen) {
  if (entry instanceof File) return void found.push({ file: entry, path: entry.name });
  if (junk.test(entry.name)) return;
  if (entry.isDirectory) {
    for (const inside of (await listing(entry, found)).sort(byName)) await gather(inside, found, false);
  } else if (isChosen || isMedia(entry)) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    found.push({ file, path: pathOf(entry) });
  }
}

/** Browsers give a hundred at a time. What they gave before it could not be read any further is taken. */
async function listing(folder, found) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve(null)));
    if (some === null) found.push({ file: null, path: pathOf(folder) });
    if (!some?.length) return all;
    all.push(...some);
  }
}

const pathOf = ({ fullPath }) => fullPath.slice(1);
const isHidden = (path) => path.split("/").some((part) => junk.test(part));
const extension = (name) => (/\.([^.]+)$/.exec(name)?.[1] ?? "").toLowerCase();
const order = new Intl.Collator("en", { numeric: true });
const byName = (a, b) => order.compare(a.name, b.name);
const byPath = (a, b) => order.compare(a.path, b.path);
