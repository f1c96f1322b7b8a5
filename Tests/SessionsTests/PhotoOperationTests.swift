import Core
import Testing

@testable import Sessions

@Suite("What is done to photos")
struct PhotoOperationTests {
    private static let now = Timestamp(milliseconds: 1_795_000_000_000)
    private static let editor = UserID(at: now)

    private static func photo(_ change: (inout Curation) -> Void = { _ in }) -> Photo {
        let id = UploadID(at: now)
        var curation = Curation(position: 7)
        change(&curation)
        var exif = MediaFacts.Exif()
        exif.capturedAt = "2026-06-01T14:03:21"
        return Photo(
            id: PhotoID(id), originalID: OriginalID(id), sessionID: SessionID(id), originalKey: .original(OriginalID(id)),
            filename: "a.jpg", contentType: "image/jpeg", size: 1, sha256: "ab", status: .ready,
            facts: MediaFacts(kind: .photo, contentType: "image/jpeg", width: 3, height: 2, exif: exif), createdAt: now,
            curation: curation, takenAt: CaptureTime.moment(exif.capturedAt)!)
    }

    private func done(_ operation: PhotoOperation, to photo: Photo, index: Int = 0) throws(PhotoOperation.Refusal) -> Curation {
        try operation.applied(to: photo, index: index, by: Self.editor, at: Self.now).curation
    }

    @Test(
        "guests see what is approved, not hidden and not in the bin",
        arguments: [ReviewState.pending, .approved, .rejected], [(false, false), (true, false), (false, true), (true, true)])
    func openness(review: ReviewState, _ facts: (isHidden: Bool, isBinned: Bool)) {
        var curation = Curation(position: 0)
        (curation.review, curation.isHidden, curation.binnedAt) = (review, facts.isHidden, facts.isBinned ? Self.now : nil)
        #expect(curation.isOpen == (review == .approved && !facts.isHidden && !facts.isBinned))
    }

    @Test("a decision notes who made it and why, and to say the same again changes nothing")
    func decision() throws {
        let rejected = try done(.review(.rejected, note: "blurred"), to: Self.photo())
        #expect(rejected.review == .rejected && rejected.note == "blurred" && rejected.reviewerID == Self.editor)
        let photo = Self.photo { $0 = rejected }
        let later = Self.now + .seconds(5)
        let again = try PhotoOperation.review(.rejected, note: "blurred").applied(to: photo, index: 0, by: nil, at: later)
        #expect(again == photo)
        #expect(try done(.publish, to: photo).isOpen)
    }

    @Test("what is in the bin can be restored, or hidden for when it is, and nothing else")
    func bin() throws {
        let binned = Self.photo { $0.binnedAt = Self.now }
        let others: [PhotoOperation] = [
            .review(.approved, note: nil), .publish, .addTags(["a"]), .removeTags(["a"]), .change(PhotoChange()), .shiftTime(1),
            .arrange, .stack(nil),
        ]
        for operation in others {
            #expect(throws: PhotoOperation.Refusal.deleted) { try done(operation, to: binned) }
        }
        #expect(try done(.delete, to: binned).binnedAt == Self.now)
        #expect(try done(.restore, to: binned).binnedAt == nil)
        #expect(try done(.hide, to: binned).isHidden)
    }

    @Test(
        "tags have one form",
        arguments: [("  First   Dance ", "first dance"), ("TORTE", "torte"), ("", nil), (" ", nil), (String(repeating: "a", count: 65), nil)])
    func tagForm(_ text: String, _ form: String?) { #expect(Curation.tag(text) == form) }

    @Test("tags are added and taken away, each once, up to a limit")
    func tags() throws {
        let tagged = Self.photo { $0.tags = ["cake"] }
        #expect(try done(.addTags(["Cake", "Dance"]), to: tagged).tags == ["cake", "dance"])
        #expect(try done(.removeTags(["CAKE"]), to: tagged).tags.isEmpty)
        let many = (0...Curation.maximumTags).map { "tag \($0)" }
        #expect(throws: PhotoOperation.Refusal.tooManyTags) { try done(.addTags(many), to: tagged) }
    }

    @Test("a change leaves what it does not name, and null takes back")
    func change() throws {
        let photo = Self.photo { ($0.title, $0.caption, $0.rating) = ("One", "Two", 3) }
        let change: PhotoChange = try JSON.decode(from: #"{"title":null,"rating":5,"isFeatured":true}"#)
        let curation = try done(.change(change), to: photo)
        #expect(curation.title == nil && curation.caption == "Two" && curation.rating == 5 && curation.isFeatured)
    }

    @Test("a wrong clock is put right, and back")
    func time() throws {
        let shifted = try PhotoOperation.shiftTime(3_600_000).applied(to: Self.photo(), index: 0, by: nil, at: Self.now)
        #expect(shifted.capturedAt == "2026-06-01T15:03:21.000", "the camera knew no offset")
        #expect(shifted.takenAt == Timestamp("2026-06-01T15:03:21Z"))
        let back: PhotoChange = try JSON.decode(from: #"{"capturedAt":null}"#)
        let again = try PhotoOperation.change(back).applied(to: shifted, index: 0, by: nil, at: Self.now)
        #expect(again.capturedAt == "2026-06-01T14:03:21" && again.takenAt == Timestamp("2026-06-01T14:03:21Z"))
    }

    @Test("arranged photos have the places in which they were named")
    func arranging() throws {
        #expect(try done(.arrange, to: Self.photo(), index: 41).position == 41)
    }
}
