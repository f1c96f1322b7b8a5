import Core
import Foundation
import Testing

@testable import WebServer

@Suite("Web files")
struct WebFilesTests {
    private func withFolder(_ files: [String: String], _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("web-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try await body(folder.path)
    }

    private let site = [
        "index.html": "start", "gallery.html": "gallery", "desk.html": "desk", "party.html": "party", "favicon.ico": "icon", "app.js": "app",
        "icons/x.svg": "svg", "js/ui/x.js": "deep", ".hidden": "no", "very/much/secret/key.txt": "no",
    ]

    @Test(
        "the files there were at the start are served, and no others",
        arguments: [
            ("/", 200, "start"), ("/gallery/ABC123", 200, "gallery"), ("/desk", 200, "desk"), ("/assets/js/ui/x.js", 200, "deep"), ("/assets/app.js", 200, "app"),
            ("/assets/icons/x.svg", 200, "svg"), ("/assets/favicon.ico", 200, "icon"), ("/assets/none.js", 404, nil),
            ("/assets/.hidden", 404, nil), ("/assets/very/much/secret/key.txt", 404, nil), ("/assets/..%2Findex.html", 404, nil),
            ("/assets/../very/much/secret/key.txt", 404, nil), ("/assets/%2e%2e/index.html", 404, nil), ("/index.html", 404, nil),
        ] as [(String, Int, String?)])
    func names(path: String, status: Int, body: String?) async throws {
        try await withFolder(site) { folder in
            try await withServer(try WebFiles(root: folder).routes) { port in
                let answer = try await ask(port, "GET", path)
                #expect(answer.status == status)
                if let body { #expect(answer.body == body) }
            }
        }
    }

    @Test("a file has a type, a policy and a strong tag that saves fetching it again")
    func validators() async throws {
        try await withFolder(site) { folder in
            try await withServer(try WebFiles(root: folder).routes) { port in
                let first = try await ask(port, "GET", "/assets/app.js")
                let tag = try #require(first.headers["etag"])
                #expect(first.headers["content-type"] == "text/javascript; charset=utf-8")
                #expect(first.headers["content-security-policy"]?.contains("script-src 'self'") == true)
                #expect(first.headers["cache-control"] == "no-cache")
                for list in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                    let again = try await ask(port, "GET", "/assets/app.js", headers: ["If-None-Match": list])
                    #expect(again.status == 304 && again.headers["etag"] == tag && again.headers["content-length"] == nil)
                }
                #expect(try await ask(port, "GET", "/assets/app.js", headers: ["If-None-Match": "\"x\""]).status == 200)
            }
        }
    }

    @Test("pages ask for files where these never change, and who has an older page gets what there is")
    func versions() async throws {
        let site = site.merging(["index.html": #"<script src="/assets/js/ui/x.js">"#]) { $1 }
        try await withFolder(site) { folder in
            let files = try WebFiles(root: folder)
            try await withServer(files.routes) { port in
                let page = try await ask(port, "GET", "/")
                #expect(page.body == #"<script src="/assets/\#(files.version)/js/ui/x.js">"# && page.headers["cache-control"] == "no-cache")
                let known = try await ask(port, "GET", "/assets/\(files.version)/js/ui/x.js")
                #expect(known.body == "deep" && known.headers["cache-control"] == "public, max-age=31536000, immutable")
                let old = try await ask(port, "GET", "/assets/v-older/js/ui/x.js")
                #expect(old.body == "deep" && old.headers["cache-control"] == "no-cache")
                #expect(try await ask(port, "GET", "/assets/\(files.version)").status == 404)
            }
        }
        try await withFolder(site.merging(["app.js": "other"]) { $1 }) { folder in
            let changed = try WebFiles(root: folder).version
            try await withFolder(site) { other in
                let version = try WebFiles(root: other).version
                #expect(version != changed)
            }
        }
    }

    @Test(
        "what gets smaller is sent compressed to who takes that, under a tag of its own",
        arguments: [
            ("gzip, deflate, br", true), ("GZIP", true), ("br, *;q=0.1", true), ("gzip;q=0, *", false), ("*;q=0", false),
            ("br", false), ("", false), (nil, false),
        ] as [(String?, Bool)])
    func compression(accepted: String?, isCompressed: Bool) async throws {
        try await withFolder(site.merging(["long.js": String(repeating: "let x = 1;", count: 200)]) { $1 }) { folder in
            try await withServer(try WebFiles(root: folder).routes) { port in
                let headers = accepted.map { ["Accept-Encoding": $0] } ?? [:]
                let answer = try await ask(port, "GET", "/assets/long.js", headers: headers)
                #expect((answer.headers["content-encoding"] == "gzip") == isCompressed)
                #expect(answer.headers["vary"]?.contains("Accept-Encoding") == true)
                let length = try #require(answer.headers["content-length"].flatMap { Int($0) })
                #expect((length < 200) == isCompressed)
                let tag = try #require(answer.headers["etag"])
                #expect(tag.hasSuffix("-gzip\"") == isCompressed)
                #expect(try await ask(port, "GET", "/assets/long.js", headers: headers.merging(["If-None-Match": tag]) { $1 }).status == 304)
                #expect(try await ask(port, "GET", "/assets/app.js", headers: headers).headers["content-encoding"] == nil)
            }
        }
    }

    @Test(
        "the address of a gallery is drawn for everybody, whether there is one or not",
        arguments: [
            ("/gallery/ANNA26/qr", 200, "image/svg+xml"), ("/s/k7Qm2x/qr?format=png&scale=2", 200, "image/png"),
            ("/gallery/a%2Fb%20%22c/qr", 200, "image/svg+xml"), ("/gallery/ANNA26/qr?format=gif", 400, nil),
            ("/gallery/\(String(repeating: "x", count: 101))/qr", 404, nil),
        ] as [(String, Int, String?)])
    func codes(path: String, status: Int, type: String?) async throws {
        try await withFolder(site) { folder in
            try await withServer(try WebFiles(root: folder).routes) { port in
                let answer = try await ask(port, "GET", path)
                #expect(answer.status == status)
                if let type { #expect(answer.headers["content-type"] == type) }
            }
        }
    }

    @Test("a folder that cannot serve says so")
    func unusable() async throws {
        #expect(throws: Problem.self) { try WebFiles(root: "/nonexistent-folder") }
        try await withFolder(["index.html": "x"]) { folder in
            #expect(throws: Problem.self) { try WebFiles(root: folder) }
        }
    }
}
