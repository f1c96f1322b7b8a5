import { element } from "../ui/dom.js";
import * as format from "../ui/format.js";
import { takenAt } from "./photo.js";

/**
 * What is known of a photo, as rows for people. What is unknown has no row.
 * @returns {[string, string][]} term and value
 */
export function facts(photo) {
  const exif = photo.exif ?? {};
  const rows = [
    ["Taken", format.dateAndTime(takenAt(photo))],
    ["Camera", format.camera(exif.make, exif.model)],
    ["Lens", exif.lens],
    ["Focal length", exif.focalLength && format.focalLength(exif.focalLength)],
    ["Aperture", exif.aperture && format.aperture(exif.aperture)],
    ["Shutter", exif.exposureTime && format.shutter(exif.exposureTime)],
    ["ISO", exif.iso && String(exif.iso)],
    ["Length", photo.video && format.duration(photo.video.duration)],
    ["Size", photo.width && `${photo.width} × ${photo.height}`],
    ["File", photo.size && format.bytes(photo.size)],
    ["Artist", exif.artist],
    ["Copyright", exif.copyright],
    ["Note", photo.isDamaged && "Part of the file is damaged."],
  ];
  return rows.filter(([, value]) => value);
}

/** Fills a description list with them. */
export function showFacts(list, photo) {
  const rows = facts(photo).map(([term, value]) =>
    element("div", { class: "fact" }, element("dt", {}, term), element("dd", {}, value)));
  list.replaceChildren(...rows);
}
