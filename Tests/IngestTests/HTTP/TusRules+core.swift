import Core
import Foundation
import TestSupport
import Testing

@testable import Ingest

let coreRules = [
    TusRule("Tus-Resumable MUST be in every response") { server in
        let url = try await server.location(length: 5)
        let answers = [
            try await server.head(url), try await server.append(url, at: 0, "he"), try await server.append(url, at: 9, "x"),
            try await server.append(url, at: 2, "llo", ["Content-Type": "text/plain"]),
            try await server.create(), try await server.create(["Upload-Length": "3"]),
            try await server.head("/api/uploads/nonsense"), try await server.head("/api/uploads/\(UploadID(at: .init(milliseconds: 0)))"),
            try await server.ask("POST", url, ["X-HTTP-Method-Override": "PUT"]),
            try await server.ask("DELETE", url), try await server.head(url),
        ]
        for answer in answers { #expect(answer["tus-resumable"] == "1.0.0", "\(answer.head)") }
    },
    TusRule("another version MUST get 412 with Tus-Version, and MUST NOT be processed") { server in
        let url = try await server.location(length: 5)
        for version in ["0.2.2", "1.0", "2.0.0", ""] {
            let answers = [
                try await server.append(url, at: 0, "hello", ["Tus-Resumable": version]),
                try await server.ask("HEAD", url, ["Tus-Resumable": version]),
                try await server.ask("DELETE", url, ["Tus-Resumable": version]),
                try await server.create(["Tus-Resumable": version, "Upload-Length": "1"]),
                // Other requests without it are in the other protocol's language.
                try await server.append(url, at: 0, "hello", ["Tus-Resumable": nil]),
                try await server.create(["Tus-Resumable": nil, "Upload-Length": "1"]),
            ]
            for answer in answers {
                #expect(answer.status == 412, "\(answer.head)")
                #expect(answer["tus-version"] == "1.0.0")
                #expect(answer["upload-offset"] == nil)
            }
        }
        #expect(try await server.head(url)["upload-offset"] == "0")
    },
    TusRule("HEAD MUST have Upload-Offset, Upload-Length and Cache-Control: no-store, SHOULD be 200 or 204") { server in
        let url = try await server.location(length: 5)
        for (offset, text) in [(0, "he"), (2, "llo"), (5, "")] {
            let answer = try await server.head(url)
            #expect(answer.status == 200)
            #expect(answer["upload-offset"] == String(offset))
            #expect(answer["upload-length"] == "5")
            #expect(answer["upload-defer-length"] == nil)
            #expect(answer["cache-control"] == "no-store")
            _ = try await server.append(url, at: offset, text)
        }
        await server.ingest.settled()
        #expect(try await server.head(url)["upload-offset"] == "5")
    },
    TusRule("HEAD of what is not there SHOULD be 404, 410 or 403 without Upload-Offset") { server in
        for id in ["nonsense", "\(UploadID(at: .init(milliseconds: 0)))"] {
            let answer = try await server.head("/api/uploads/\(id)")
            #expect(answer.status == 404)
            #expect(answer["upload-offset"] == nil)
        }
    },
    TusRule("PATCH MUST be application/offset+octet-stream, else SHOULD get 415") { server in
        let url = try await server.location(length: 5)
        for type in ["application/octet-stream", "text/plain", "", nil] as [String?] {
            #expect(try await server.append(url, at: 0, "hello", ["Content-Type": type]).status == 415)
        }
        #expect(try await server.head(url)["upload-offset"] == "0")
    },
    TusRule("PATCH at another offset MUST get 409 and MUST NOT modify") { server in
        let url = try await server.location(length: 5)
        _ = try await server.append(url, at: 0, "he")
        for offset in [0, 1, 3, 5, 100] { #expect(try await server.append(url, at: offset, "l").status == 409) }
        #expect(try await server.head(url)["upload-offset"] == "2")
        for offset in ["-1", "+2", "2.0", "two", "", "18446744073709551616"] {
            #expect(try await server.append(url, at: 0, "l", ["Upload-Offset": offset]).status == 400)
        }
        #expect(try await server.append(url, at: 0, "l", ["Upload-Offset": nil]).status == 400)
    },
    TusRule("a successful PATCH MUST be 204 with the new Upload-Offset") { server in
        let url = try await server.location(length: 11)
        for (offset, text) in [(0, "hello"), (5, ""), (5, " world"), (11, "")] {
            let answer = try await server.append(url, at: offset, text)
            #expect(answer.status == 204)
            #expect(answer["upload-offset"] == String(offset + text.utf8.count))
        }
        await server.ingest.settled()
        #expect(try await server.house.photos() == [hex(Array("hello world".utf8))])
    },
    TusRule("PATCH of what is not there SHOULD be 404") { server in
        let unknown = "/api/uploads/\(UploadID(at: .init(milliseconds: 0)))"
        let answer = try await server.append(unknown, at: 0, "x")
        #expect(answer.status == 404)
    },
    TusRule("as much of the received data as possible SHOULD be stored") { server in
        let url = try await server.location(length: 100)
        // It says 50 and leaves after 20.
        let path = url.dropFirst(server.base.count)
        try await server.cut(
            """
            PATCH \(path) HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: 50\r
            Content-Type: application/offset+octet-stream\r\n\r\n\(String(repeating: "x", count: 20))
            """)
        try await eventually("the bytes") { try await server.head(url)["upload-offset"] == "20" ? () : nil }
    },
    TusRule("OPTIONS MUST have Tus-Version and MUST ignore Tus-Resumable") { server in
        let url = try await server.location(length: 5)
        for target in ["/api/uploads", url] {
            for version in [nil, "1.0.0", "0.2.2"] as [String?] {
                let answer = try await server.ask("OPTIONS", target, ["Tus-Resumable": version])
                #expect(answer.status == 204)
                #expect(answer["tus-version"] == "1.0.0")
                #expect(answer["tus-max-size"] == String(IngestConfiguration().maxUploadSize))
                #expect(answer["tus-checksum-algorithm"] == "sha1,sha256,md5,crc32")
                #expect(answer["tus-extension"]?.split(separator: ",").map(String.init) == [
                    "creation", "creation-with-upload", "creation-defer-length", "termination", "expiration", "checksum",
                    "checksum-trailer", "concatenation", "concatenation-unfinished",
                ])
            }
        }
    },
    TusRule("X-HTTP-Method-Override MUST be the method, whatever the actual one is") { server in
        let url = try await server.location(length: 5)
        let chunk: [String: String?] = ["Upload-Offset": "0", "Content-Type": TusMachine.contentType]
        for (method, text) in [("POST", "h"), ("GET", "e"), ("DELETE", "l"), ("HEAD", "l"), ("PATCH", "o")] {
            let offset = try await server.ask(method, url, ["X-HTTP-Method-Override": "HEAD"])
            #expect(offset.status == 200)
            var headers = chunk.merging(["X-HTTP-Method-Override": "patch"]) { _, new in new }
            headers["Upload-Offset"] = offset["upload-offset"] ?? ""
            #expect(try await server.ask(method, url, headers, body: text).status == 204, "\(method)")
        }
        await server.ingest.settled()
        #expect(try await server.house.photos() == [hex(Array("hello".utf8))])
        for method in ["PUT", "TRACE", ""] {
            #expect(try await server.ask("POST", url, ["X-HTTP-Method-Override": method]).status == 405)
        }
        #expect(try await server.ask("OPTIONS", url, ["X-HTTP-Method-Override": "DELETE"]).status == 405)
        #expect(try await server.ask("OPTIONS", url, ["X-HTTP-Method-Override": "OPTIONS"]).status == 204)
        #expect(try await server.ask("POST", "/api/uploads", ["X-HTTP-Method-Override": "OPTIONS"]).status == 204)
        #expect(try await server.ask("POST", "/api/uploads", ["X-HTTP-Method-Override": "DELETE"]).status == 405)
        #expect(try await server.ask("PATCH", url, ["X-HTTP-Method-Override": "DELETE"]).status == 204)
        #expect(try await server.head(url).status == 410)
    },
]
