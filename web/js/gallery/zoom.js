// How a picture lies on the stage: `{scale, x, y}`, `x` and `y` being how far its middle is from the stage's. Pure functions.

/** As large as fits. */
export const whole = Object.freeze({ scale: 1, x: 0, y: 0 });

/** A double tap goes here, fingers may go a little further. */
const close = 2.5;
const closest = 6;

export const isZoomed = ({ scale }) => scale > 1.01;

/**
 * Makes the picture larger by `factor`, and what lies under the point stays there.
 * @param {{x: number, y: number}} point from the stage's middle
 * @param {{width: number, height: number, pictureWidth: number, pictureHeight: number}} frame the stage, and the picture at scale 1
 */
export function zoomAt(state, factor, point, frame) {
  const scale = Math.min(closest, Math.max(1, state.scale * factor));
  const grown = scale / state.scale;
  return within({ scale, x: point.x - (point.x - state.x) * grown, y: point.y - (point.y - state.y) * grown }, frame);
}

/** In and out, as a double tap does. */
export const toggled = (state, point, frame) => (isZoomed(state) ? whole : zoomAt(state, close, point, frame));

export const moved = (state, x, y, frame) => within({ ...state, x: state.x + x, y: state.y + y }, frame);

/** No edge of the picture comes further in than that of the stage. */
export function within({ scale, x, y }, { width, height, pictureWidth, pictureHeight }) {
  const roomX = Math.max(0, (pictureWidth * scale - width) / 2);
  const roomY = Math.max(0, (pictureHeight * scale - height) / 2);
  return { scale, x: clamp(x, roomX), y: clamp(y, roomY) };
}

/** The size that a picture has when it just fits; one with few pixels is not blown up beyond `largest`. */
export function fitted(aspect, { width, height }, largest = Infinity) {
  const pictureWidth = Math.min(width, height * aspect, largest);
  return { width, height, pictureWidth, pictureHeight: pictureWidth / aspect };
}

const clamp = (value, room) => Math.max(-room, Math.min(room, value)) || 0;
