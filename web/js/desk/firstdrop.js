/**
 * Files may be dropped on a part of the page long before what sends them is needed: it is fetched when the first are dragged in.
 * @param {HTMLElement} node
 * @param {() => Promise<any>} prepare resolved once the part takes drops by itself
 */
export function expectFirstDrop(node, prepare) {
  const ear = new AbortController();
  let depth = 0;
  const on = (name, act) => node.addEventListener(name, act, { signal: ear.signal });
  on("dragleave", () => (depth -= 1));
  on("dragenter", () => {
    depth += 1;
    if (depth === 1) prepare().then(takeOver, () => undefined);
  });
  const takeOver = () => {
    ear.abort();
    // Who came too late to see them enter is told so.
    for (; depth > 0; depth -= 1) node.dispatchEvent(entering());
  };
}

function entering() {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([], "file"));
  return new DragEvent("dragenter", { dataTransfer, cancelable: true });
}
