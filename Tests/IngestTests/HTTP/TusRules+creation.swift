import Core
import Foundation
import Testing

@testable import Ingest

let creationRules = [
    TusRule("POST MUST be 201 with Location, here an absolute URL") { server in
        let answer = try await server.create(["Upload-Length": "5"])
        #expect(answer.status == 201)
        #expect(answer["location"]?.hasPrefix(server.collection + "/") == true)
        #expect(answer["upload-offset"] == nil)
        #expect(try await server.head(answer["location"] ?? "")["upload-offset"] == "0")
    },
    TusRule("the length is either known or deferred with 1, else 400; it is a non-negative integer") { server in
        let cases: [([String: String?], Int)] = [
            ([:], 400), (["Upload-Length": "1", "Upload-Defer-Length": "1"], 400), (["Upload-Defer-Length": "0"], 400),
            (["Upload-Defer-Length": "2"], 400), (["Upload-Defer-Length": "true"], 400), (["Upload-Length": "-1"], 400),
            (["Upload-Length": "1e3"], 400), (["Upload-Length": ""], 400), (["Upload-Length": "99999999999999999999"], 400),
            (["Upload-Defer-Length": "1"], 201), (["Upload-Length": "0"], 201),
        ]
        for (headers, status) in cases {
            let answer = try await server.create(headers)
            #expect(answer.status == status, "\(headers)")
        }
    },
    TusRule("a length of 0 MUST be complete at once") { server in
        let url = try await server.location(length: 0)
        let answer = try await server.head(url)
        #expect(answer["upload-offset"] == "0")
        #expect(answer["upload-length"] == "0")
        await server.ingest.settled()
        #expect(try await server.house.photos() == [hex([])])
    },
    TusRule("a length beyond Tus-Max-Size MUST get 413") { server in
        let size = IngestConfiguration().maxUploadSize
        #expect(try await server.create(["Upload-Length": String(size + 1)]).status == 413)
        let url = try #require(try await server.create(["Upload-Defer-Length": "1"])["location"])
        #expect(try await server.append(url, at: 0, "", ["Upload-Length": String(size + 1)]).status == 413)
    },
    TusRule("while the length is not known HEAD MUST have Upload-Defer-Length: 1; once set it MUST NOT change") { server in
        let url = try #require(try await server.create(["Upload-Defer-Length": "1"])["location"])
        #expect(try await server.append(url, at: 0, "he").status == 204)
        let open = try await server.head(url)
        #expect(open["upload-defer-length"] == "1")
        #expect(open["upload-length"] == nil)
        #expect(open["upload-offset"] == "2")
        #expect(try await server.append(url, at: 2, "l", ["Upload-Length": "1"]).status == 400)
        #expect(try await server.append(url, at: 2, "l", ["Upload-Length": "5"]).status == 204)
        let known = try await server.head(url)
        #expect(known["upload-defer-length"] == nil)
        #expect(known["upload-length"] == "5")
        #expect(try await server.append(url, at: 3, "lo", ["Upload-Length": "6"]).status == 400)
        #expect(try await server.append(url, at: 3, "lo", ["Upload-Length": "5"]).status == 204)
    },
    TusRule("HEAD MUST have Upload-Metadata as it was given") { server in
        let text = "\(server.metadata), note ,empty"
        let url = try await server.location(length: 5, ["Upload-Metadata": text])
        #expect(try await server.head(url)["upload-metadata"] == text)
    },
    TusRule("metadata has unique keys and Base64 values, else 400; it names a session") { server in
        let session = "session \(base64(server.house.session.description))"
        let texts = [
            "\(session),a YQ==,a YQ==", "\(session),a ?", "\(session),,b YQ==", "\(session),a YQ== YQ==",
            "\(session),\(String(repeating: "k", count: 65)) YQ==", "filename YQ==", "session bm8=", "",
            "purpose \(base64("avatar")),\(session)",
        ]
        for text in texts {
            let answer = try await server.create(["Upload-Length": "1", "Upload-Metadata": text])
            #expect(answer.status == 400, "\(text)")
        }
        let silent = try await server.create(["Upload-Length": "1", "Upload-Metadata": nil])
        #expect(silent.status == 400)
    },
    TusRule("the session may stand in the creation URL instead") { server in
        let target = "/api/uploads?session=\(server.house.session)"
        let (known, unknown) = (
            try await server.ask("POST", target, ["Upload-Length": "1"]),
            try await server.ask("POST", "/api/uploads?session=x", ["Upload-Length": "1"])
        )
        #expect(known.status == 201)
        #expect(unknown.status == 400)
    },
    TusRule("creation with upload MUST have Upload-Offset, and MUST be application/offset+octet-stream") { server in
        let type: [String: String?] = ["Content-Type": TusMachine.contentType]
        let part = try await server.create(["Upload-Length": "5"].merging(type) { $1 }, body: "he")
        #expect(part.status == 201)
        #expect(part["upload-offset"] == "2")
        #expect(try await server.append(try #require(part["location"]), at: 2, "llo").status == 204)
        let whole = try await server.create(["Upload-Length": "5"].merging(type) { $1 }, body: "hello")
        #expect(whole["upload-offset"] == "5")
        #expect(try await server.create(["Upload-Length": "5"], body: "hello").status == 415)
        #expect(try await server.create(["Upload-Length": "4"].merging(type) { $1 }, body: "hello").status == 413)
    },
    TusRule("Expect: 100-continue is answered before the first chunk") { server in
        let text = """
            POST /api/uploads HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 1\r
            Upload-Metadata: \(server.metadata)\r\nContent-Type: \(TusMachine.contentType)\r\nContent-Length: 1\r
            Expect: 100-continue\r\n\r\n
            """
        let answer = try await server.send(text)
        #expect(answer.status == 100)
    },
]
