/** Changes what is in a node; the focus stays where it was, or goes to the button that has come to its place. */
export function keepingFocus(node, change) {
  const buttons = () => [...node.querySelectorAll("button:not([disabled])")];
  const held = document.activeElement;
  const at = buttons().indexOf(held);
  change();
  if (at < 0 || document.activeElement === held) return;
  const now = buttons();
  const next = now.includes(held) ? held : now[Math.min(at, now.length - 1)];
  (next ?? node.closest("dialog"))?.focus({ preventScroll: true });
}
