import Core
import Testing

@testable import Sessions

@Suite("Which files are one photo")
struct PairingRulesTests {
    static let start = Timestamp(milliseconds: 1_795_000_000_000)
    static let account = UserID(at: start)
    static let session = SessionID(at: start)

    private func upload(
        _ filename: String, type: String = "application/octet-stream", size: Int64 = 3, by uploader: UserID? = account,
        after delay: Duration = .zero
    ) -> CompletedUpload {
        let id = UploadID(at: Self.start)
        return CompletedUpload(
            id: id, sessionID: Self.session,
            declaration: UploadDeclaration(
                purpose: "session", target: Self.session.description, filename: filename, contentType: type, length: size,
                sha256: nil),
            size: size, sha256: id.description, crc32: 1, objectKey: .original(OriginalID(id)), uploaderID: uploader,
            completedAt: Self.start + delay)
    }

    private func photo(_ upload: CompletedUpload, _ status: Photo.Status = .ready, facts: MediaFacts? = nil) -> Photo {
        Photo(
            id: PhotoID(upload.id), originalID: OriginalID(upload.id), sessionID: upload.sessionID,
            originalKey: upload.objectKey, uploaderID: upload.uploaderID, filename: upload.declaration.filename,
            contentType: upload.declaration.contentType, size: upload.size, sha256: upload.sha256, status: status,
            facts: facts, part: PairingRules().file(upload)?.part, createdAt: upload.completedAt,
            curation: Curation(position: 0), takenAt: upload.completedAt)
    }

    private func isPair(_ there: Photo, _ comes: CompletedUpload) -> Bool {
        PairingRules().file(comes).map { PairingRules().joins($0, there, []) } ?? false
    }

    @Test(
        "the name decides what a file is, else the declared type",
        arguments: [
            ("IMG_1.JPG", "", PhotoPart.still, "image/jpeg"), ("img_1.heic", "", .still, "image/heic"),
            ("a.b.Nef", "image/jpeg", .raw, "image/x-nikon-nef"), ("x.CR3", "text/html", .raw, "image/x-canon-cr3"),
            ("IMG_1.MOV", "", .motion, "video/quicktime"), ("clip.mp4", "", .motion, "video/mp4"),
            ("photo", "image/jpeg", .still, "image/jpeg"), ("photo.bin", "Video/MP4; codecs=x", .motion, "video/mp4"),
        ])
    func parts(filename: String, type: String, part: PhotoPart, contentType: String) {
        let file = DeclaredFile(filename: filename, contentType: type)
        #expect(file?.part == part && file?.contentType == contentType)
    }

    @Test("other files belong to no pair", arguments: ["a.gif", "a.webm", "a.txt", "a", "", ".", "jpg", "a.jpg.exe"])
    func noParts(filename: String) {
        #expect(DeclaredFile(filename: filename, contentType: "application/octet-stream") == nil)
    }

    @Test(
        "files share a name whatever their folder, case, extension and Unicode form",
        arguments: [
            ("IMG_1.JPG", "img_1.nef", true), ("DCIM/100/IMG_1.JPG", "C:\\x\\IMG_1.MOV", true),
            ("Fe\u{301}te.jpg", "F\u{E9}te.ARW", true), ("a.b.jpg", "A.B.dng", true), ("IMG_1.JPG", "IMG_10.NEF", false),
            ("IMG_1.JPG", "IMG_1 (1).NEF", false), ("a.b.jpg", "a.dng", false),
        ])
    func stems(one: String, other: String, isSame: Bool) { #expect((FileStem.of(one) == FileStem.of(other)) == isSame) }

    @Test("a name that is nothing but an extension, or a folder, is none", arguments: ["", ".jpg", "/", "a/.jpg"])
    func noStems(filename: String) { #expect(FileStem.of(filename) == nil) }

    @Test(
        "each part is there once: only files of different kinds are a pair",
        arguments: [
            ("a.jpg", "a.nef", true), ("a.nef", "a.jpg", true), ("a.heic", "a.mov", true), ("a.mov", "a.heic", true),
            ("a.dng", "a.mov", true), ("a.jpg", "a.heic", false), ("a.nef", "a.dng", false), ("a.mov", "a.mp4", false),
            ("a.gif", "a.mov", false), ("a.jpg", "a.txt", false), ("a.jpg", "b.nef", false),
        ])
    func kinds(first: String, second: String, expected: Bool) {
        let joins = FileStem.of(first) == FileStem.of(second) && isPair(photo(upload(first)), upload(second))
        #expect(joins == expected)
    }

    @Test(
        "only files that arrive within the window are a pair, whichever clock is ahead",
        arguments: [(0, true), (900, true), (-900, true), (901, false), (-901, false)])
    func window(seconds: Int, expected: Bool) {
        #expect(isPair(photo(upload("a.jpg")), upload("a.nef", after: .seconds(seconds))) == expected)
    }

    @Test("files of different accounts, and of guests, stand alone")
    func uploaders() {
        let other = UserID(at: Self.start)
        #expect(!isPair(photo(upload("a.jpg")), upload("a.nef", by: other)))
        #expect(!isPair(photo(upload("a.jpg", by: nil)), upload("a.nef", by: nil)))
        #expect(isPair(photo(upload("a.jpg", by: other)), upload("a.nef", by: other)))
    }

    @Test("nothing hides behind a photo that failed; but the picture to look at may help it")
    func failures() {
        #expect(!isPair(photo(upload("a.jpg"), .failed), upload("a.nef")))
        #expect(isPair(photo(upload("a.nef"), .failed), upload("a.jpg")))
    }

    @Test("a long film is no clip of a still: by its size before it is looked at, by its duration afterwards")
    func films() {
        #expect(!isPair(photo(upload("a.jpg")), upload("a.mov", size: (64 << 20) + 1)))
        for (duration, expected) in [(6_000, true), (6_001, false)] {
            var facts = MediaFacts(kind: .video, contentType: "video/quicktime", width: 1, height: 1)
            facts.video = MediaFacts.Video(
                duration: Int64(duration), videoCodec: "h264", audioCodec: nil, rotation: 0, frameRate: nil, bitRate: nil,
                capturedAt: nil)
            #expect(isPair(photo(upload("a.mov"), facts: facts), upload("a.jpg")) == expected)
        }
    }

    @Test("a file that turned out to be something else than its name says is no part")
    func lies() {
        let film = MediaFacts(kind: .video, contentType: "video/mp4", width: 1, height: 1)
        #expect(!isPair(photo(upload("a.jpg"), facts: film), upload("a.nef")))
        let picture = MediaFacts(kind: .photo, contentType: "image/jpeg", width: 1, height: 1)
        #expect(!isPair(photo(upload("a.mov"), facts: picture), upload("a.jpg")))
    }
}
