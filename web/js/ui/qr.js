import { element } from "./dom.js";

/**
 * The picture of a QR code that has to be asked for with the bearer. It hides itself where there is none.
 * @param {Caller} caller
 * @param {string} path
 * @param {string} label what the code leads to
 */
export function qrImage(caller, path, label) {
  const image = element("img", { class: "qr", alt: label, width: 220, height: 220 });
  caller.blob(path).then((blob) => show(image, blob), () => (image.hidden = true));
  return image;
}

function show(image, blob) {
  image.src = URL.createObjectURL(blob);
  image.onload = image.onerror = () => URL.revokeObjectURL(image.src);
}
