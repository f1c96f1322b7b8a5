import assert from "node:assert/strict";
import test from "node:test";
import { aperture, bytes, camera, duration, focalLength, shutter } from "../../web/js/ui/format.js";

// The page's language decides how numbers are written.
globalThis.document = { documentElement: { lang: "en" } };

const tables = {
  "bytes are written in decimal units": [bytes, [[0, "0 byte"], [999, "999 byte"], [1000, "1.0 kB"], [1_250_000, "1.3 MB"], [480e6, "480 MB"], [2.5e12, "2.5 TB"]]],
  "exposures are written as photographers write them": [shutter, [[0.005, "1/200 s"], [0.25, "1/4 s"], [0.5, "0.5 s"], [30, "30 s"], [0, ""], [undefined, ""]]],
  "apertures lose their noughts": [aperture, [[2, "ƒ/2"], [1.8, "ƒ/1.8"], [5.66, "ƒ/5.7"]]],
  "focal lengths are in millimetres": [focalLength, [[85, "85 mm"], [24.04, "24 mm"]]],
  "durations begin with minutes": [duration, [[8400, "0:08"], [60_000, "1:00"], [3_723_000, "1:02:03"], [-5, "0:00"]]],
};
for (const [name, [write, rows]] of Object.entries(tables)) {
  test(name, () => assert.deepEqual(rows.map(([value]) => write(value)), rows.map(([, text]) => text)));
}

test("a camera is not called by its maker twice", () => {
  const rows = [["Canon", "Canon EOS R5"], ["NIKON CORPORATION", "NIKON Z 8"], ["SONY", "ILCE-7M4"], ["", "X100"], ["Leica", ""]];
  assert.deepEqual(rows.map(([make, model]) => camera(make, model)), ["Canon EOS R5", "NIKON Z 8", "SONY ILCE-7M4", "X100", "Leica"]);
});

test("another language writes numbers its own way", () => {
  document.documentElement.lang = "ru";
  assert.equal(bytes(1_250_000), "1,3 МБ");
  document.documentElement.lang = "en";
});
