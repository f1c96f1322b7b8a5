import Core
import NIOCore
import Testing

@testable import Ingest

@Suite("A form with files")
struct FormReceiverTests {
    private func file(_ name: String, _ content: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n\(content)\r\n"
    }

    private func field(_ name: String, _ value: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }

    private func send(_ text: String, to ingest: Ingest, session: SessionID?, skipping: Int? = nil) async throws -> FormResult {
        let parser = try MultipartParser(contentType: "multipart/form-data; boundary=b")
        let pieces = stride(from: 0, to: text.utf8.count, by: 7).map { Array(text.utf8.dropFirst($0).prefix(7)) }
        var receiver = FormReceiver(service: ingest.service, principal: .anonymous)
        if let skipping { receiver.maxSkipped = skipping }
        return try await receiver.receive(MultipartReader(body(pieces).body, parser), into: session?.description)
    }

    @Test("becomes an upload for each of them, in the session that a field or the query names")
    func files() async throws {
        try await withIngest { house, ingest in
            let form = field("session", house.session.description) + field("note", "x") + file("a.jpg", "one")
                + file("../b\\c.jpg", "two") + file("empty", "") + "--b--"
            let result = try await send(form, to: ingest, session: nil)
            #expect(result.files.map(\.name) == ["a.jpg", "c.jpg", "empty"])
            #expect(result.files.map(\.upload?.offset) == [3, 3, 0])
            #expect(result.problem == nil)
            let other = try await send(file("a.jpg", "one") + "--b--", to: ingest, session: house.session)
            await ingest.settled()
            #expect(try await house.photos().count == 3)
            let id = try #require(other.files.first?.upload?.id)
            #expect(try await ingest.service.find(id)?.photoID != PhotoID(id))
        }
    }

    @Test("keeps the files that came whole when it is cut off, and nothing of the one that did not")
    func cut() async throws {
        try await withIngest { house, ingest in
            let result = try await send(file("a", "one") + file("b", "tw").dropLast(2), to: ingest, session: house.session)
            #expect(result.files.map(\.problem?.code) == [nil, "incomplete_body"])
            #expect(result.problem?.code == "incomplete_body")
            await ingest.settled()
            #expect(try await house.photos().count == 1)
            let refusal = await problem { try await send(String(file("b", "tw").dropLast(2)), to: ingest, session: house.session) }
            #expect(refusal?.code == "incomplete_body")
        }
    }

    @Test("goes on behind a file that is refused")
    func refused() async throws {
        try await withIngest { $0.maxUploadSize = 5 } _: { house, ingest in
            let form = file("a", "too large") + file("b", "two") + "--b--"
            let result = try await send(form, to: ingest, session: house.session)
            #expect(result.files.map(\.problem?.code) == ["too_large", nil])
            let refusal = await problem { try await send(file("a", "too large") + "--b--", to: ingest, session: house.session) }
            #expect(refusal?.status == 413)
        }
    }

    @Test("says that files behind a refused one were not read, when that is too large to be passed over")
    func cutShort() async throws {
        try await withIngest { $0.maxUploadSize = 5 } _: { house, ingest in
            let large = file("b", String(repeating: "x", count: 500))
            let form = file("a", "one") + large + file("c", "two") + file("d", "three") + "--b--"
            let result = try await send(form, to: ingest, session: house.session, skipping: 100)
            #expect(result.files.map(\.name) == ["a", "b"])
            #expect(result.files.map(\.problem?.code) == [nil, "too_large"])
            #expect(result.problem?.status == 413 && result.problem?.code == "form_cut_short")
            #expect(result.problem?.detail.contains("“b”") == true && result.problem?.detail.contains("file 2 ") == true)
            try FormResult.schema.validate(try JSON.decode(from: try JSON.encode(result)))
            // What one after the other leaves of the room counts.
            let small = file("b", String(repeating: "x", count: 60))
            let second = try await send(file("a", "one") + small + small + small + "--b--", to: ingest, session: house.session, skipping: 100)
            #expect(second.files.count == 3 && second.problem?.code == "form_cut_short")
            // Nothing has arrived: the reason is that of the first file, and nobody takes it for all that is wrong.
            let refusal = await problem { try await send(large + file("c", "two") + "--b--", to: ingest, session: house.session, skipping: 100) }
            #expect(refusal?.code == "too_large" && refusal?.detail.contains("was not read") == true)
            let whole = try await send(form, to: ingest, session: house.session)
            #expect(whole.files.count == 4 && whole.problem == nil)
        }
    }

    @Test("leaves out inputs in which nothing was chosen, but no file that has a name or bytes")
    func nothingChosen() async throws {
        try await withIngest { house, ingest in
            let nothing = file("", "")
            let form = nothing + file("a.jpg", "one") + nothing + field("file", "") + file("", "two") + file("c.jpg", "") + nothing + "--b--"
            let result = try await send(form, to: ingest, session: house.session)
            #expect(result.files.map(\.name) == ["a.jpg", "upload", "c.jpg"])
            #expect(result.files.map(\.upload?.offset) == [3, 3, 0])
            #expect(result.problem == nil)
            await ingest.settled()
            #expect(try await house.photos().count == 3)
            for form in [nothing, nothing + nothing, field("session", house.session.description) + nothing] {
                let refusal = await problem { try await send(form + "--b--", to: ingest, session: nil) }
                #expect(refusal?.status == 400 && refusal?.code == "no_files")
            }
            let cut = await problem { try await send(file("", "").dropLast(3).description, to: ingest, session: house.session) }
            #expect(cut?.code == "incomplete_body")
        }
    }

    @Test("must name a session, have a file, and be one", arguments: [
        ("--b--", "no_files"), ("--b\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--b--", "upload_target_missing"),
        ("--b\r\nContent-Disposition: form-data; name=session\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--b--",
         "upload_target_missing"),
        ("--b\r\nContent-Disposition: form-data; name=s\r\n\r\n\(String(repeating: "x", count: 5000))\r\n--b--", "bad_multipart"),
        ("", "incomplete_body"), ("--b\r\nX\r\n\r\n", "bad_multipart"),
    ])
    func empty(_ form: String, _ code: String) async throws {
        try await withIngest { house, ingest in
            #expect(await problem { try await send(form, to: ingest, session: nil) }?.code == code)
        }
    }
}
