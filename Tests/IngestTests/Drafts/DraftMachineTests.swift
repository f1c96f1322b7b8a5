import Core
import HTTPTypes
import Testing

@testable import Ingest

private let now = Timestamp(milliseconds: 1_800_000_000_000)
private let machine = DraftMachine(rules: UploadMachine(maxSize: 1000))

/// Each version that a client can name, and none.
let draftVersions: [Int?] = [nil] + Array(DraftVersion.known)

private func request(_ version: Int?, isLast: Bool? = nil, _ change: (inout HTTPFields) -> Void = { _ in }) -> DraftRequest {
    var headers = HTTPFields()
    headers[.uploadDraftInteropVersion] = version.map(String.init)
    if let isLast {
        if version == 3 { headers[.uploadIncomplete] = isLast ? "?0" : "?1" } else { headers[.uploadComplete] = isLast ? "?1" : "?0" }
    }
    change(&headers)
    return DraftRequest(headers)
}

private func append(_ version: Int?, isLast: Bool?, at offset: Int64, _ count: Int64, _ change: (inout HTTPFields) -> Void = { _ in })
    -> DraftRequest
{
    request(version, isLast: isLast) { headers in
        headers[.contentType] = DraftMachine.contentType
        headers[.uploadOffset] = String(offset)
        headers[.contentLength] = String(count)
        change(&headers)
    }
}

private func declare(_ length: Int64?) throws(Problem) -> UploadDeclaration {
    UploadDeclaration(purpose: "session", target: "t", filename: "a", contentType: "image/jpeg", length: length, sha256: nil)
}

private func refused(_ body: () throws -> some Any) -> Problem? {
    do { _ = try body() } catch { return error as? Problem }
    return nil
}

/// What a version answers where others answer something else.
struct VersionCase: Sendable, CustomTestStringConvertible {
    var version: Int?
    var field: String
    var complete: String
    var incomplete: String
    /// What an empty append to a complete upload gets; `nil` is the last answer again.
    var afterthought: Int?
    /// What an upload that has ended gets.
    var ended: Int
    var limits: String?

    var testDescription: String { version.map { "version \($0)" } ?? "no version" }

    static let all = [
        VersionCase(version: nil, field: "Upload-Complete", complete: "?1", incomplete: "?0", afterthought: nil, ended: 410, limits: "max-age"),
        VersionCase(version: 3, field: "Upload-Incomplete", complete: "?0", incomplete: "?1", afterthought: nil, ended: 404, limits: nil),
        VersionCase(version: 4, field: "Upload-Complete", complete: "?1", incomplete: "?0", afterthought: nil, ended: 404, limits: nil),
        VersionCase(version: 5, field: "Upload-Complete", complete: "?1", incomplete: "?0", afterthought: nil, ended: 404, limits: nil),
        VersionCase(version: 6, field: "Upload-Complete", complete: "?1", incomplete: "?0", afterthought: 400, ended: 404, limits: "expires"),
        VersionCase(version: 7, field: "Upload-Complete", complete: "?1", incomplete: "?0", afterthought: 400, ended: 410, limits: "max-age"),
        VersionCase(version: 8, field: "Upload-Complete", complete: "?1", incomplete: "?0", afterthought: 410, ended: 410, limits: "max-age"),
        VersionCase(version: 9, field: "Upload-Complete", complete: "?1", incomplete: "?0", afterthought: nil, ended: 410, limits: "max-age"),
    ]
}

@Suite("The machine of the IETF drafts")
struct DraftMachineTests {
    // MARK: Versions

    @Test("each version has its own words", arguments: VersionCase.all)
    func words(_ example: VersionCase) throws {
        let version = request(example.version).version
        let field = try #require(HTTPField.Name(example.field))
        let open = machine.status(version, uploadRow(7, of: 9), at: now)
        #expect(open[field] == example.incomplete)
        #expect(open[.uploadOffset] == "7")
        #expect(open[.cacheControl] == "no-store")
        #expect(open[.uploadLimit] == example.limits.map { "max-size=1000, min-size=0, \($0)=60" })
        #expect(open[.uploadLength] == (example.limits == nil ? nil : "9"))
        #expect(machine.status(version, uploadRow(9, of: 9, .completed), at: now)[field] == example.complete)
        // What the content turned out to be is not the protocol's business.
        #expect(machine.status(version, uploadRow(9, of: 9, .failed), at: now)[field] == example.complete)
        #expect(open[field == .uploadComplete ? .uploadIncomplete : .uploadComplete] == nil)
    }

    @Test("a version that is not known counts as none", arguments: ["2", "10", "-3", "6.0", "\"6\"", "?1", "6, 6", "", "999999999999999"])
    func unknownVersions(_ text: String) {
        let request = request(nil, isLast: true) { $0[.uploadDraftInteropVersion] = text }
        #expect(!request.version.isDeclared && request.version.number == 9 && request.isLast == true)
    }

    @Test("without a version, Upload-Incomplete alone is understood as well")
    func incompleteAlone() {
        let request = request(nil) { $0[.uploadIncomplete] = "?1" }
        #expect(request.version.number == 3 && !request.version.isDeclared && request.isLast == false)
    }

    @Test("a 104 names the version, and comes only to a client that has named it", arguments: draftVersions)
    func information(_ number: Int?) throws {
        let version = request(number).version
        let first = machine.announcement(version, of: uploadRow(0, of: 9), location: "http://h/u", at: now)
        let progress = machine.progress(version, offset: 5)
        guard let number else {
            #expect(first == nil && progress == nil)
            return
        }
        #expect(first?[.uploadDraftInteropVersion] == String(number))
        #expect(first?[.location] == "http://h/u")
        #expect((first?[.uploadLimit] != nil) == (number >= 6))
        #expect((progress != nil) == (number >= 5))
        #expect(progress?[.location] == nil)
        if let progress { #expect(progress[.uploadOffset] == "5" && progress[.uploadDraftInteropVersion] == String(number)) }
    }

    // MARK: Creation

    @Test("a creation tells the length by its end or outright", arguments: draftVersions)
    func creation(_ version: Int?) throws {
        let whole = request(version, isLast: true) { $0[.contentLength] = "70" }
        let one = try machine.creation(whole, declare: declare)
        #expect(one.creation.declaration.length == 70 && !one.creation.isOpen && one.creation.hasBody)
        #expect(one.append.room == 70 && one.append.expected == 70 && one.append.closes)
        let part = request(version, isLast: false) { headers in
            headers[.contentLength] = "30"
            headers[.uploadLength] = "70"
        }
        let two = try machine.creation(part, declare: declare)
        #expect(two.creation.declaration.length == (version ?? 9 >= 6 ? 70 : nil))
        #expect(two.creation.isOpen && !two.append.closes)
        let endless = try machine.creation(request(version, isLast: true) { $0[.transferEncoding] = "chunked" }, declare: declare)
        #expect(endless.creation.declaration.length == nil && endless.append.expected == nil && endless.append.room == 1000)
        let empty = try machine.creation(request(version, isLast: false), declare: declare)
        #expect(!empty.creation.hasBody && empty.creation.isOpen)
    }

    @Test("only who asks for it, or waits with the whole file, is told at once that it is there already", arguments: draftVersions)
    func known(_ version: Int?) throws {
        func accepts(_ isLast: Bool, _ name: HTTPField.Name? = nil, _ value: String = "") throws -> Bool {
            let request = request(version, isLast: isLast) { headers in
                headers[.contentLength] = "70"
                if let name { headers[name] = value }
            }
            return try machine.creation(request, declare: declare).creation.acceptsKnown
        }
        #expect(try !accepts(true) && !accepts(false))
        #expect(try accepts(true, .expect, "100-continue") && !accepts(false, .expect, "100-continue"))
        let asking = "ifKnown \(base64("complete"))"
        #expect(try accepts(true, .uploadMetadata, asking) && accepts(false, .uploadMetadata, asking))
        #expect(try !accepts(true, .uploadMetadata, "filename YQ=="))
    }

    @Test("a creation with lengths that disagree, or too large, or without a completeness is refused", arguments: draftVersions)
    func refusedCreations(_ version: Int?) throws {
        #expect(refused { try machine.creation(request(version), declare: declare) }?.code == "bad_upload_complete")
        let odd = request(version) { headers in
            for name in [HTTPField.Name.uploadComplete, .uploadIncomplete] { headers[name] = "true" }
        }
        #expect(refused { try machine.creation(odd, declare: declare) }?.code == "bad_upload_complete")
        let huge = request(version, isLast: true) { $0[.contentLength] = "1001" }
        let tooLarge = try #require(refused { try machine.creation(huge, declare: declare) })
        #expect(tooLarge.status == 413)
        let told = machine.refusal(tooLarge, huge.version, on: nil, at: now)
        #expect(told.headers["Upload-Limit"] == (version ?? 9 >= 6 ? "max-size=1000, min-size=0" : nil))
        guard version ?? 9 >= 6 else { return }
        for (isLast, sent, length) in [(true, 5, "6"), (false, 7, "6")] {
            let request = request(version, isLast: isLast) { headers in
                headers[.contentLength] = String(sent)
                headers[.uploadLength] = length
            }
            let problem = refused { try machine.creation(request, declare: declare) }
            #expect(problem?.status == 400)
            #expect(problem?.members["type"]?.stringValue?.hasSuffix("#inconsistent-upload-length") == true)
        }
    }

    // MARK: Append

    @Test("an append says where it goes, how much fits and whether it is the last", arguments: draftVersions)
    func appends(_ version: Int?) throws {
        let middle = try machine.append(append(version, isLast: false, at: 10, 20), to: uploadRow(10, of: nil), at: now)
        #expect(middle.newLength == nil && middle.room == 990 && !middle.closes && middle.expected == 20)
        #expect(middle.isOpen == true)
        let last = try machine.append(append(version, isLast: true, at: 10, 20), to: uploadRow(10, of: nil), at: now)
        #expect(last.newLength == 30 && last.room == 20 && last.closes && last.isOpen == nil)
        let closing = try machine.append(append(version, isLast: true, at: 10, 0), to: uploadRow(10, of: nil), at: now)
        #expect(closing.newLength == 10 && closing.closes)
    }

    @Test("another offset is a 409 with the one that holds", arguments: VersionCase.all)
    func mismatch(_ example: VersionCase) throws {
        let request = append(example.version, isLast: true, at: 5, 20)
        let problem = try #require(refused { try machine.append(request, to: uploadRow(10, of: 100), at: now) })
        let told = machine.refusal(problem, request.version, on: uploadRow(10, of: 100), at: now)
        #expect(told.status == 409)
        #expect(told.headers["Upload-Offset"] == "10")
        #expect(told.headers[example.field] == example.incomplete)
        #expect(told.members["type"] == "https://iana.org/assignments/http-problem-types#mismatching-upload-offset")
        #expect(told.members["expected-offset"] == 10)
        #expect(told.members["provided-offset"] == 5)
    }

    @Test("an append to a complete upload changes nothing", arguments: VersionCase.all)
    func afterthoughts(_ example: VersionCase) {
        let whole = uploadRow(10, of: 10, .completed)
        let empty = append(example.version, isLast: true, at: 10, 0)
        #expect(refused { try machine.append(empty, to: whole, at: now) }?.status == example.afterthought)
        let more = append(example.version, isLast: true, at: 10, 5)
        #expect(refused { try machine.append(more, to: whole, at: now) }?.status == 400)
        let unfinished = append(example.version, isLast: false, at: 10, 0)
        #expect(refused { try machine.append(unfinished, to: whole, at: now) } != nil)
    }

    @Test("an upload that has ended is gone, or has never been", arguments: VersionCase.all)
    func ended(_ example: VersionCase) {
        for method in [UploadMethod.status, .append, .terminate] {
            let request = method == .append ? append(example.version, isLast: true, at: 1, 1) : request(example.version)
            for row in [uploadRow(1, of: 9, .expired), uploadRow(1, of: 9, .terminated), uploadRow(1, of: 9, .failed)] {
                #expect(refused { try machine.check(request, method, on: row, at: now) }?.status == example.ended)
            }
            #expect(refused { try machine.check(request, method, on: nil, at: now) }?.status == 404)
        }
    }

    @Test("the media type of an append is required from version 6 on", arguments: draftVersions)
    func mediaType(_ version: Int?) {
        for type in ["image/jpeg", nil] {
            let request = append(version, isLast: true, at: 1, 1) { $0[.contentType] = type }
            let problem = refused { try machine.check(request, .append, on: uploadRow(1, of: 2), at: now) }
            #expect(problem?.status == (version ?? 9 >= 6 ? 415 : nil))
        }
    }

    @Test("an append without a completeness is the last one up to version 6, and refused after it", arguments: draftVersions)
    func unsaid(_ version: Int?) throws {
        let request = append(version, isLast: nil, at: 1, 1)
        if version ?? 9 >= 7 {
            #expect(refused { try machine.append(request, to: uploadRow(1, of: 2), at: now) }?.code == "bad_upload_complete")
        } else {
            #expect(try machine.append(request, to: uploadRow(1, of: 2), at: now).closes)
        }
    }

    @Test("asking with the fields of an append is refused up to version 6", arguments: draftVersions)
    func strayFields(_ version: Int?) {
        for method in [UploadMethod.status, .terminate] {
            let request = request(version) { $0[.uploadOffset] = "1" }
            let problem = refused { try machine.check(request, method, on: uploadRow(1, of: 2), at: now) }
            #expect(problem?.status == (version ?? 9 >= 7 ? nil : 400))
        }
    }

    @Test("an append without an offset that can be read is refused", arguments: draftVersions)
    func offsets(_ version: Int?) {
        for text in ["-1", "one", "1.0", nil] {
            let request = append(version, isLast: true, at: 1, 1) { $0[.uploadOffset] = text }
            #expect(refused { try machine.check(request, .append, on: uploadRow(1, of: 2), at: now) }?.code == "bad_upload_offset")
        }
    }

    @Test("final answers say the offset up to version 6, and afterwards while there is more to come", arguments: draftVersions)
    func answeredOffset(_ version: Int?) {
        let request = request(version)
        #expect((machine.received(request.version, uploadRow(9, of: 9, .completing), at: now)[.uploadOffset] != nil) == (version ?? 9 <= 6))
        #expect(machine.received(request.version, uploadRow(5, of: 9), at: now)[.uploadOffset] == "5")
    }

    // MARK: Dialects

    @Test("knows which requests are meant for it", arguments: [
        (.post, [.uploadComplete: "?1"], true), (.post, [.uploadIncomplete: "?1"], true),
        (.post, [.uploadDraftInteropVersion: "6"], true), (.post, [.uploadLength: "5"], false),
        (.post, [.tusResumable: "1.0.0", .uploadComplete: "?1"], false), (.head, [:], true), (.delete, [:], true),
        (.head, [.tusResumable: "1.0.0"], false), (.delete, [.tusResumable: "0.2.2"], false),
        (.patch, [.uploadOffset: "0"], false), (.patch, [.contentType: "application/partial-upload"], true),
        (.patch, [.uploadComplete: "?1"], true), (.get, [:], false), (.get, [.uploadDraftInteropVersion: "9"], true),
        (.post, [.methodOverride: "PATCH", .uploadComplete: "?1"], false),
    ] as [(HTTPRequest.Method, HTTPFields, Bool)])
    func dialects(_ method: HTTPRequest.Method, _ headers: HTTPFields, _ isMeant: Bool) {
        #expect(DraftRequest.isMeant(by: headers, method) == isMeant)
    }

    // MARK: What a request says about its file

    @Test("a file is described by standard fields, by Upload-Metadata or in the query, in that order from the end")
    func declarations() throws {
        let session = SessionID(at: now).description
        let digest = "sha-256=:\(base64Bytes([UInt8](repeating: 1, count: 32))):"
        let headers: HTTPFields = [
            .contentType: "image/jpeg; x=y", .contentDisposition: "inline; filename=\"a.jpg\"", .reprDigest: digest,
        ]
        let plain = try DraftDeclaration.read(headers, query: ["session": session], length: 5)
        #expect(plain.target == session && plain.filename == "a.jpg" && plain.contentType == "image/jpeg" && plain.length == 5)
        #expect(plain.sha256 == String(repeating: "01", count: 32))
        #expect(try DraftDeclaration.read([:], query: ["target": session, "purpose": "session"], length: nil).target == session)
        var both = headers
        both[.uploadMetadata] = "session \(base64(session)),filename Yi5qcGc="
        #expect(try DraftDeclaration.read(both, query: [:], length: nil).filename == "b.jpg")
        #expect(refused { try DraftDeclaration.read(headers, query: [:], length: 5) }?.code == "upload_target_missing")
    }
}
