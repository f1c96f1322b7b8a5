import Testing

@testable import Tether

@Suite("Names of files")
struct FileFilterTests {
    @Test("that cameras write are taken", arguments: ["IMG_1.JPG", "a.b.jpeg", "x.CR3", "clip.MOV", "ü ö.heic", "d.dng"])
    func taken(name: String) { #expect(FileFilter.usual.takes(file: name)) }

    @Test(
        "that are hidden, temporary or of other programs are passed over",
        arguments: [
            ".hidden.jpg", "a.jpg~", "a.jpg.part", "a.jpg.tmp", "a.jpg.filepart", "a.xmp", "a.txt", "jpg", ".jpg", "", "a.",
            "a.jpg.crdownload", ".lumiere-tether.sqlite",
        ])
    func passedOver(name: String) { #expect(!FileFilter.usual.takes(file: name)) }

    @Test("can be chosen by their ending, in any case")
    func chosen() {
        let filter = FileFilter(only: [".JPG", "xmp"])
        #expect(filter.takes(file: "a.jpg"))
        #expect(filter.takes(file: "a.XMP"))
        #expect(!filter.takes(file: "a.cr3"))
        #expect(!FileFilter(only: ["tmp"]).takes(file: "a.tmp"))
    }

    @Test(
        "tell their kind and media type",
        arguments: [
            ("a.jpg", FileKind.picture, "image/jpeg"), ("a.NEF", .raw, "image/x-nikon-nef"), ("a.mp4", .film, "video/mp4"),
            ("a.xyz", .film, "application/octet-stream"), ("noending", .film, "application/octet-stream"),
        ])
    func kinds(name: String, kind: FileKind, type: String) {
        #expect(FileKind(name: name) == kind)
        #expect(KnownTypes.mediaType(name) == type)
    }
}
