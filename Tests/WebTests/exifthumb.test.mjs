import assert from "node:assert/strict";
import test from "node:test";
import { embedded } from "../../web/js/ui/exifthumb.js";

/** A JPEG file with an Exif block: two directories, the second of which names a small picture. */
function file({ isLittle = true, orientation = 6, hasThumb = true } = {}) {
  const tiff = new DataView(new ArrayBuffer(120));
  const short = (at, value) => tiff.setUint16(at, value, isLittle);
  const long = (at, value) => tiff.setUint32(at, value, isLittle);
  const entry = (at, tag, kind, value) => (short(at, tag), short(at + 2, kind), long(at + 4, 1), kind === 3 ? short(at + 8, value) : long(at + 8, value));
  tiff.setUint16(0, isLittle ? 0x4949 : 0x4d4d);
  short(2, 42), long(4, 8);
  short(8, 1), entry(10, 0x0112, 3, orientation), long(22, hasThumb ? 26 : 0);
  short(26, 2), entry(28, 0x0201, 4, 70), entry(40, 0x0202, 4, 30);
  const start = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xe1, 0, 128, 0x45, 0x78, 0x69, 0x66, 0, 0];
  return new Uint8Array([...start, ...new Uint8Array(tiff.buffer), 0xff, 0xda]).buffer;
}

test("the small picture of a camera's file is found, whichever way its numbers are written", () => {
  for (const isLittle of [true, false]) assert.deepEqual(embedded(file({ isLittle })), { start: 88, end: 118, orientation: 6 });
});

const others = [["without one", file({ hasThumb: false })], ["cut off", file().slice(0, 60)], ["that is no JPEG", new ArrayBuffer(500)], ["that is empty", new ArrayBuffer(0)]];
for (const [name, bytes] of others) test(`a file ${name} has none`, () => assert.equal(embedded(bytes), null));
