/** Pixels after which a drag is meant, and speed (pixels per millisecond) at which a flick is. */
const far = 80;
const fast = 0.5;

/**
 * Follows a finger over `area` and moves `subject` with it.
 * @param {{left(), right(), down()}} wishes called when the finger has gone that way far or fast enough
 */
export function followSwipes(area, subject, wishes) {
  let start = null;

  area.addEventListener("pointerdown", (event) => {
    const isMedia = event.target instanceof HTMLVideoElement;
    // Mice have buttons to click, videos have sliders to drag, and a picture zoomed by two fingers is being looked at.
    if (event.pointerType === "mouse" || isMedia || visualViewport?.scale > 1.01) return;
    start = event.isPrimary ? { x: event.clientX, y: event.clientY, time: event.timeStamp } : null;
  });

  area.addEventListener("pointermove", (event) => {
    if (!start || !event.isPrimary) return;
    const { x, y } = distance(start, event);
    subject.style.transform = Math.abs(x) > Math.abs(y) ? `translateX(${x}px)` : `translateY(${Math.max(0, y)}px)`;
  });

  area.addEventListener("pointerup", (event) => {
    if (!start || !event.isPrimary) return;
    const wish = direction(distance(start, event), event.timeStamp - start.time);
    letGo();
    if (wish) wishes[wish]();
  });

  area.addEventListener("pointercancel", letGo);

  function letGo() {
    start = null;
    subject.style.transform = "";
  }
}

const distance = (start, event) => ({ x: event.clientX - start.x, y: event.clientY - start.y });

function direction({ x, y }, time) {
  const isMeant = (way) => Math.abs(way) > far || (Math.abs(way) > 24 && Math.abs(way) / Math.max(1, time) > fast);
  if (Math.abs(x) > Math.abs(y)) return isMeant(x) ? (x < 0 ? "left" : "right") : null;
  return y > 0 && isMeant(y) ? "down" : null;
}
