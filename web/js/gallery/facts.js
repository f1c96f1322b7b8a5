import { element } from "../ui/dom.js";
import * as format from "../ui/format.js";
import { t } from "../ui/messages.js";
import { takenAt } from "./photo.js";

/**
 * What is known of a photo, as rows for people. What is unknown has no row.
 * @returns {[string, string][]} name of the term, and value
 */
export function facts(photo) {
  const exif = photo.exif ?? {};
  const rows = [
    ["title", photo.title],
    ["caption", photo.caption],
    ["taken", format.dateAndTime(takenAt(photo))],
    ["camera", format.camera(exif.make, exif.model)],
    ["lens", exif.lens],
    ["focal", exif.focalLength && format.focalLength(exif.focalLength)],
    ["aperture", exif.aperture && format.aperture(exif.aperture)],
    ["shutter", exif.exposureTime && format.shutter(exif.exposureTime)],
    ["iso", exif.iso && String(exif.iso)],
    ["length", photo.video && format.duration(photo.video.duration)],
    ["size", photo.width && `${photo.width} × ${photo.height}`],
    ["file", photo.size && format.bytes(photo.size)],
    ["tags", photo.tags?.join(", ")],
    ["place", place(exif)],
    ["artist", exif.artist],
    ["copyright", exif.copyright],
    ["note", photo.isDamaged && t("gallery.damaged")],
  ];
  return rows.filter(([, value]) => value);
}

/** The same as a description list. */
export function factList(photo) {
  const rows = facts(photo).map(([name, value]) =>
    element("div", { class: "fact" }, element("dt", {}, t(`gallery.fact.${name}`)), element("dd", {}, value)));
  return element("dl", { class: "fact-list", id: "fact-list" }, ...rows);
}

const place = ({ latitude, longitude }) =>
  latitude === undefined || longitude === undefined ? undefined : `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
