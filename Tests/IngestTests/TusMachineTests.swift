import Core
import HTTPTypes
import Testing

@testable import Ingest

private let now = Timestamp(milliseconds: 1_800_000_000_000)
private let session = SessionID(at: now)
private let machine = TusMachine(maxSize: 1000)

private func upload(
    _ offset: Int64, of length: Int64?, _ state: UploadState = .receiving, expiresIn: Duration = .seconds(60)
) -> Upload {
    Upload(
        id: UploadID(at: now), sessionID: session,
        declaration: UploadDeclaration(
            purpose: "session", target: session.description, filename: "a", contentType: "image/jpeg", length: length,
            sha256: nil),
        metadata: "filename YQ==", uploaderID: nil, uploader: Uploader(.anonymous), offset: offset, state: state, bootID: "b",
        createdAt: now, updatedAt: now, expiresAt: now + expiresIn)
}

private func request(_ method: UploadMethod, _ change: (inout HTTPFields) -> Void = { _ in }) -> UploadRequest {
    var headers: HTTPFields = [.tusResumable: "1.0.0"]
    if method == .append {
        headers[.contentType] = TusMachine.contentType
        headers[.uploadOffset] = "10"
    }
    if method == .create {
        headers[.uploadLength] = "100"
        headers[.uploadMetadata] = "session \(base64(session.description)),filename YS5qcGc="
    }
    change(&headers)
    return UploadRequest(method, headers: headers)
}

private func status(_ body: () throws -> some Any) -> Int {
    do {
        _ = try body()
        return 200
    } catch {
        return (error as? Problem)?.status ?? 0
    }
}

struct HeaderCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var headers: [(HTTPField.Name, String?)]
    var status: Int

    init(_ description: String, _ status: Int, _ headers: (HTTPField.Name, String?)...) {
        self.testDescription = description
        self.status = status
        self.headers = headers
    }
}

@Suite("The tus machine")
struct TusMachineTests {
    @Test("answers each creation as tus 1.0.0 asks", arguments: [
        HeaderCase("plain", 200),
        HeaderCase("no version", 412, (.tusResumable, nil)),
        HeaderCase("another version", 412, (.tusResumable, "0.2.2")),
        HeaderCase("deferred length", 200, (.uploadLength, nil), (.uploadDeferLength, "1")),
        HeaderCase("deferred length of another value", 400, (.uploadLength, nil), (.uploadDeferLength, "2")),
        HeaderCase("both lengths", 400, (.uploadDeferLength, "1")),
        HeaderCase("no length", 400, (.uploadLength, nil)),
        HeaderCase("length 0", 200, (.uploadLength, "0")),
        HeaderCase("a sign", 400, (.uploadLength, "+5")),
        HeaderCase("a negative length", 400, (.uploadLength, "-5")),
        HeaderCase("no number", 400, (.uploadLength, "five")),
        HeaderCase("beyond 64 bits", 400, (.uploadLength, "9223372036854775808")),
        HeaderCase("as large as allowed", 200, (.uploadLength, "1000")),
        HeaderCase("too large", 413, (.uploadLength, "1001")),
        HeaderCase("no metadata", 400, (.uploadMetadata, nil)),
        HeaderCase("no session", 400, (.uploadMetadata, "filename YQ==")),
        HeaderCase("another purpose", 400, (.uploadMetadata, "purpose YXZhdGFy,session \(base64(session.description))")),
        HeaderCase("the session under its other name", 200, (.uploadMetadata, "sessionId \(base64(session.description))")),
        HeaderCase("broken metadata", 400, (.uploadMetadata, "session !!!")),
        HeaderCase("with bytes", 200, (.contentLength, "100"), (.contentType, "application/offset+octet-stream")),
        HeaderCase("with bytes of another type", 415, (.contentLength, "100"), (.contentType, "image/jpeg")),
        HeaderCase("with bytes of no type", 415, (.transferEncoding, "chunked")),
        HeaderCase("with an empty body of another type", 200, (.contentLength, "0"), (.contentType, "text/plain")),
        HeaderCase("with too many bytes", 413, (.contentLength, "101"), (.contentType, "application/offset+octet-stream")),
    ])
    func creation(_ example: HeaderCase) {
        let request = request(.create) { headers in for (name, value) in example.headers { headers[name] = value } }
        #expect(status { try machine.creation(request) } == example.status)
    }

    @Test("checks an append's headers before it disturbs anybody", arguments: [
        HeaderCase("plain", 200),
        HeaderCase("no version", 412, (.tusResumable, nil)),
        HeaderCase("another type", 415, (.contentType, "application/octet-stream")),
        HeaderCase("no type", 415, (.contentType, nil)),
        HeaderCase("no offset", 400, (.uploadOffset, nil)),
        HeaderCase("a negative offset", 400, (.uploadOffset, "-1")),
        HeaderCase("two offsets", 400, (.uploadOffset, "10, 10")),
        HeaderCase("the same length again", 200, (.uploadLength, "100")),
        HeaderCase("another length", 400, (.uploadLength, "99")),
        HeaderCase("a checksum", 200, (.uploadChecksum, "crc32 DUoRhQ==")),
        HeaderCase("no checksum of ours", 400, (.uploadChecksum, "crc64 DUoRhQ==")),
        HeaderCase("a checksum to come", 200, (.trailer, "Upload-Checksum"), (.transferEncoding, "chunked")),
        HeaderCase("a checksum that cannot come", 400, (.trailer, "Upload-Checksum"), (.contentLength, "5")),
    ])
    func headers(_ example: HeaderCase) {
        let request = request(.append) { headers in for (name, value) in example.headers { headers[name] = value } }
        #expect(status { try machine.check(request, on: upload(10, of: 100), at: now) } == example.status)
    }

    @Test("knows which uploads are there, gone or unknown", arguments: UploadMethod.allCases.filter { $0 != .create })
    func presence(_ method: UploadMethod) {
        let request = request(method)
        #expect(status { try machine.check(request, on: nil, at: now) } == 404)
        #expect(status { try machine.check(request, on: upload(1, of: 9, .expired), at: now) } == 410)
        #expect(status { try machine.check(request, on: upload(1, of: 9, .terminated), at: now) } == 410)
        #expect(status { try machine.check(request, on: upload(1, of: 9, .failed), at: now) } == 410)
        #expect(status { try machine.check(request, on: upload(1, of: 9, expiresIn: .zero), at: now) } == 410)
        // The content's fate does not change the protocol's answer.
        #expect(status { try machine.check(request, on: upload(9, of: 9, .failed), at: now) } == 200)
        #expect(status { try machine.check(request, on: upload(9, of: 9, .completed, expiresIn: .zero), at: now) } == 200)
    }

    @Test("says where an append's bytes go and how many fit")
    func append() throws {
        let plain = request(.append) { $0[.contentLength] = "90" }
        #expect(
            try machine.append(plain, to: upload(10, of: 100), at: now)
                == UploadAppend(offset: 10, newLength: nil, room: 90, expected: 90, isOpen: false))
        let chunked = request(.append) { $0[.transferEncoding] = "chunked" }
        #expect(
            try machine.append(chunked, to: upload(10, of: nil), at: now)
                == UploadAppend(offset: 10, newLength: nil, room: 990, expected: nil, isOpen: false))
        let last = request(.append) { $0[.uploadLength] = "50" }
        #expect(
            try machine.append(last, to: upload(10, of: nil), at: now)
                == UploadAppend(offset: 10, newLength: 50, room: 40, expected: 0, isOpen: false))
    }

    @Test("refuses an append that does not fit")
    func refusals() {
        let tooMuch = request(.append) { $0[.contentLength] = "91" }
        #expect(status { try machine.append(tooMuch, to: upload(10, of: 100), at: now) } == 413)
        let tooShort = request(.append) { $0[.uploadLength] = "9" }
        #expect(status { try machine.append(tooShort, to: upload(10, of: nil), at: now) } == 400)
        let huge = request(.append) { $0[.uploadLength] = "1001" }
        #expect(status { try machine.append(huge, to: upload(10, of: nil), at: now) } == 413)
        #expect(status { try machine.append(request(.append), to: upload(10, of: 100, .terminated), at: now) } == 410)
    }

    @Test("tells the offset that holds when another was sent")
    func mismatch() throws {
        let problem = #expect(throws: Problem.self) {
            try machine.append(request(.append), to: upload(7, of: 100), at: now)
        }
        #expect(problem?.status == 409)
        #expect(problem?.headers["Upload-Offset"] == "7")
    }

    @Test("puts what the specification asks for into each success")
    func answers() {
        let status = machine.status(upload(7, of: nil))
        #expect(status[.uploadOffset] == "7")
        #expect(status[.uploadDeferLength] == "1")
        #expect(status[.uploadLength] == nil)
        #expect(status[.uploadMetadata] == "filename YQ==")
        #expect(status[.cacheControl] == "no-store")
        #expect(status[.uploadExpires] == "Fri, 15 Jan 2027 08:01:00 GMT")
        #expect(status[.tusResumable] == "1.0.0")
        #expect(machine.status(upload(9, of: 9, .completed))[.uploadExpires] == nil)
        #expect(machine.appended(upload(8, of: 9))[.uploadOffset] == "8")
        #expect(machine.created(upload(0, of: 9), location: "http://h/u", withBody: false)[.uploadOffset] == nil)
        #expect(machine.created(upload(5, of: 9), location: "http://h/u", withBody: true)[.uploadOffset] == "5")
        #expect(machine.capabilities[.tusMaxSize] == "1000")
    }

    @Test("writes dates as HTTP does")
    func dates() {
        #expect(HTTPDate.text(Timestamp(milliseconds: 784_111_777_000)) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
