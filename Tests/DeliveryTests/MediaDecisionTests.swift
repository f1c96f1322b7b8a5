import HTTPTypes
import Testing

@testable import Delivery

@Suite("What a request for a file is answered with")
struct MediaDecisionTests {
    static let file = Representation(etag: "\"abc\"", modifiedAt: ConditionalsTests.modified, size: 1000)

    static let cases: [([HTTPField.Name: String], MediaDecision, onHead: MediaDecision)] = [
        ([:], .whole, .whole), ([.range: "bytes=0-9"], .part(0..<10), .whole), ([.range: "bytes=1000-"], .unsatisfiable, .whole),
        ([.range: "bytes=0-9,500-509"], .parts([0..<10, 500..<510]), .whole), ([.range: "lines=0-9"], .whole, .whole),
        ([.range: "bytes=0-9", .ifRange: "\"abc\""], .part(0..<10), .whole), ([.range: "bytes=0-9", .ifRange: "\"x\""], .whole, .whole),
        ([.range: "bytes=1000-", .ifRange: "\"x\""], .whole, .whole),
        ([.range: "bytes=0-9", .ifNoneMatch: "\"abc\""], .notModified, .notModified),
        ([.range: "bytes=1000-", .ifNoneMatch: "\"abc\""], .notModified, .notModified),
        ([.range: "bytes=1000-", .ifMatch: "\"x\""], .preconditionFailed, .preconditionFailed),
        ([.range: "bytes=0-9", .ifMatch: "\"abc\""], .part(0..<10), .whole),
    ]

    @Test("is decided by conditions first, then by the range, which HEAD has none of", arguments: cases)
    func table(fields: [HTTPField.Name: String], onGet: MediaDecision, onHead: MediaDecision) {
        let conditions = MediaConditions { fields[$0] }
        #expect(MediaDecision(conditions, of: Self.file, isHead: false) == onGet)
        #expect(MediaDecision(conditions, of: Self.file, isHead: true) == onHead)
    }

    @Test("is everything of what is not given in parts")
    func whole() {
        var file = Self.file
        file.hasParts = false
        for range in ["bytes=0-9", "bytes=1000-", "bytes=0-9,500-509"] {
            #expect(MediaDecision(MediaConditions([.range: range]), of: file, isHead: false) == .whole)
        }
    }

    @Test("has a status, and says which bytes it is", arguments: [
        (.whole, 200, nil), (.part(2..<5), 206, "bytes 2-4/1000"), (.parts([0..<1, 500..<501]), 206, nil), (.notModified, 304, nil),
        (.preconditionFailed, 412, nil), (.unsatisfiable, 416, "bytes */1000"),
    ] as [(MediaDecision, Int, String?)])
    func status(decision: MediaDecision, status: Int, range: String?) {
        #expect(decision.status.code == status && decision.contentRange(size: 1000) == range)
    }

    @Test("parts are put together as RFC 9110 section 14.6 shows")
    func multipart() {
        let body = MultipartRanges([500..<502, 0..<1], size: 1000, contentType: "image/jpeg", boundary: "THIS")
        #expect(body.contentType == "multipart/byteranges; boundary=THIS")
        #expect(body.pieces == [
            .text("--THIS\r\nContent-Type: image/jpeg\r\nContent-Range: bytes 500-501/1000\r\n\r\n"), .bytes(500..<502),
            .text("\r\n--THIS\r\nContent-Type: image/jpeg\r\nContent-Range: bytes 0-0/1000\r\n\r\n"), .bytes(0..<1),
            .text("\r\n--THIS--\r\n"),
        ])
        #expect(body.length == body.pieces.reduce(0) { $0 + $1.length })
    }

    @Test("what parts them is another each time")
    func boundary() {
        let boundaries = Set((0..<100).map { _ in MultipartRanges.makeBoundary() })
        #expect(boundaries.count == 100 && boundaries.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}/) != nil })
    }
}
