import Core
import Foundation
import Testing

@testable import Ingest

extension TusServer {
    /// A partial upload with those bytes.
    fileprivate func part(_ text: String, length: Int? = nil) async throws -> String {
        let url = try await location(length: length ?? text.utf8.count, ["Upload-Concat": "partial"])
        if !text.isEmpty { _ = try await append(url, at: 0, text) }
        return url
    }

    fileprivate func join(_ urls: [String], _ headers: [String: String?] = [:]) async throws -> RawAnswer {
        try await create(["Upload-Concat": "final;" + urls.joined(separator: " ")].merging(headers) { $1 })
    }

    fileprivate func path(_ url: String) -> String { String(url.dropFirst(base.count)) }
}

let concatenationRules = [
    TusRule("a final upload is its partial uploads in the order of the list, also repeated ones") { server in
        let (hello, world) = (try await server.part("hello"), try await server.part(" world"))
        let answer = try await server.join([hello, server.path(world), hello])
        #expect(answer.status == 201, "\(answer.body)")
        let url = try #require(answer["location"])
        await server.ingest.settled()
        let head = try await server.head(url)
        #expect(head["upload-offset"] == "16")
        #expect(head["upload-length"] == "16")
        #expect(head["upload-concat"] == "final;\(hello) \(server.path(world)) \(hello)")
        #expect(try await server.house.photos() == [hex(Array("hello worldhello".utf8))])
    },
    TusRule("a partial upload MUST have Upload-Offset and Upload-Concat in HEAD, and SHOULD NOT be processed") { server in
        let url = try await server.part("he", length: 5)
        for (offset, text) in [(2, "llo"), (5, "")] {
            let head = try await server.head(url)
            #expect(head["upload-offset"] == String(offset))
            #expect(head["upload-length"] == "5")
            #expect(head["upload-concat"] == "partial")
            _ = try await server.append(url, at: offset, text)
        }
        await server.ingest.settled()
        try await server.ingest.worker.sweeper.sweep()
        await server.ingest.settled()
        #expect(try await server.house.photos().isEmpty)
        #expect(try await server.head(url)["upload-expires"] != nil)
    },
    TusRule("partial uploads may be used again in other final uploads") { server in
        let (a, b) = (try await server.part("aa"), try await server.part("bb"))
        _ = try await server.join([a, b])
        await server.ingest.settled()
        _ = try await server.join([b, a])
        await server.ingest.settled()
        #expect(Set(try await server.house.photos()) == [hex(Array("aabb".utf8)), hex(Array("bbaa".utf8))])
    },
    TusRule("a final upload MUST NOT have Upload-Length, nor bytes of its own") { server in
        let url = try await server.part("aa")
        #expect(try await server.join([url], ["Upload-Length": "2"]).status == 400)
        #expect(try await server.join([url], ["Upload-Defer-Length": "1"]).status == 400)
        let own = try await server.create(
            ["Upload-Concat": "final;\(url)", "Content-Type": TusMachine.contentType], body: "x")
        #expect(own.status == 400)
    },
    TusRule("PATCH of a final upload MUST get 403, and MUST NOT modify it or its parts") { server in
        let (whole, open) = (try await server.part("aa"), try await server.part("", length: 2))
        let final = try #require(try await server.join([whole, open])["location"])
        for offset in [0, 2] { #expect(try await server.append(final, at: offset, "x").status == 403) }
        #expect(try await server.append(open, at: 0, "bb").status == 204)
        await server.ingest.settled()
        #expect(try await server.append(final, at: 4, "x").status == 403)
        #expect(try await server.append(final, at: 4, "", ["Content-Type": nil]).status == 403)
        #expect(try await server.house.photos() == [hex(Array("aabb".utf8))])
    },
    TusRule("HEAD of a final upload has its length once it can be calculated, its offset once it is whole") { server in
        let known = try await server.part("aa")
        let late = try #require(
            try await server.create(["Upload-Concat": "partial", "Upload-Defer-Length": "1"])["location"])
        let created = try await server.join([known, late])
        #expect(created.status == 201)
        let final = try #require(created["location"])
        let early = try await server.head(final)
        #expect(early.status == 200)
        #expect(early["upload-offset"] == nil)
        #expect(early["upload-length"] == nil)
        #expect(early["upload-defer-length"] == nil)
        #expect(early["upload-concat"]?.hasPrefix("final;") == true)
        _ = try await server.append(late, at: 0, "b", ["Upload-Length": "3"])
        let calculable = try await server.head(final)
        #expect(calculable["upload-offset"] == nil)
        #expect(calculable["upload-length"] == "5")
        _ = try await server.append(late, at: 1, "bb")
        await server.ingest.settled()
        let whole = try await server.head(final)
        #expect(whole["upload-offset"] == "5")
        #expect(whole["upload-length"] == "5")
    },
    TusRule("metadata of parts is not transferred; the final upload has its own") { server in
        let session = "session \(base64(server.house.session.description))"
        let part = try await server.location(
            length: 1, ["Upload-Concat": "partial", "Upload-Metadata": "\(session),filename \(base64("part.jpg"))"])
        _ = try await server.append(part, at: 0, "x")
        #expect(try await server.join([part], ["Upload-Metadata": nil]).status == 400)
        let final = try #require(try await server.join([part], ["Upload-Metadata": "\(session),note"])["location"])
        #expect(try await server.head(final)["upload-metadata"] == "\(session),note")
    },
    TusRule("what is no list of one's own partial uploads in the same session is 400") { server in
        let (part, alone) = (try await server.part("aa"), try await server.location(length: 1))
        let gone = try await server.part("aa")
        _ = try await server.ask("DELETE", gone)
        let final = try #require(try await server.join([part])["location"])
        let unknown = "/api/uploads/\(UploadID(at: .init(milliseconds: 0)))"
        let texts = [
            "", "partially", "Partial", "final", "final;", "final; ", "final;nonsense", "final;\(unknown)", "final;\(alone)",
            "final;\(gone)", "final;\(final)", "final;\(part)?x=1", "final;\(part)/", "final;https://example.org\(server.path(part))",
            "final;/elsewhere/\(part.suffix(36))", "final;" + Array(repeating: server.path(part), count: 129).joined(separator: " "),
        ]
        for text in texts {
            #expect(try await server.create(["Upload-Concat": text, "Upload-Length": nil]).status == 400, "\(text)")
        }
        let elsewhere = "session \(base64(SessionID(at: .init(milliseconds: 5)).description))"
        #expect(try await server.join([part], ["Upload-Metadata": elsewhere]).status == 400)
    },
    TusRule("parts are named by absolute or relative URLs") { server in
        let part = try await server.part("a")
        let id = part.suffix(36)
        for text in [part, "/api/uploads/\(id)", "uploads/\(id)", "./uploads/\(id)", "//127.0.0.1:\(server.port)/api/uploads/\(id)"] {
            #expect(try await server.join([text]).status == 201, "\(text)")
        }
    },
    TusRule("a final upload one of whose parts ends too early is 410") { server in
        let (whole, open) = (try await server.part("aa"), try await server.part("b", length: 2))
        let final = try #require(try await server.join([whole, open])["location"])
        _ = try await server.ask("DELETE", open)
        await server.ingest.settled()
        #expect(try await server.head(final).status == 410)
    },
]
