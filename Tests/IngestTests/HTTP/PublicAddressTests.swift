import Core
import Testing
import WebServer

@testable import Ingest

@Suite("An upload's URL")
struct PublicAddressTests {
    private static let forwarded: [String: String?] = [
        "Upload-Length": "1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "photos.example.org",
    ]

    @Test("is the public one behind a trusted proxy, and finds its way back as a part's name")
    func trusted() async throws {
        try await withTusServer { $0.trustedProxies = TrustedProxies(["127.0.0.1"]) ?? .none } _: { server in
            let answer = try await server.create(Self.forwarded.merging(["Upload-Concat": "partial"]) { $1 })
            let location = try #require(answer["location"])
            #expect(location.hasPrefix("https://photos.example.org/api/uploads/"))
            var final = Self.forwarded
            final["Upload-Length"] = .some(nil)
            final["Upload-Concat"] = "final;\(location)"
            #expect(try await server.create(final).status == 201)
        }
    }

    @Test("is the configured one, whatever the client says")
    func configured() async throws {
        try await withTusServer { $0.publicURL = "https://lumiere.example" } _: { server in
            let answer = try await server.create(Self.forwarded)
            #expect(answer["location"]?.hasPrefix("https://lumiere.example/api/uploads/") == true)
        }
    }

    @Test("is the one the client used, when a stranger claims another")
    func stranger() async throws {
        try await withTusServer { server in
            let answer = try await server.create(Self.forwarded)
            #expect(answer["location"]?.hasPrefix(server.collection + "/") == true)
        }
    }

    @Test("is understood however it is written, and no other is", arguments: [
        ("https://h.example/api/uploads/%", "https://h.example", true),
        ("HTTPS://H.example:443/api/uploads/%", "https://h.example", true),
        ("http://h.example/api/uploads/%", "https://h.example", false),
        ("https://h.example:8443/api/uploads/%", "https://h.example", false),
        ("https://u:p@h.example/api/uploads/%", "https://h.example", false),
        ("https://h.example/api/uploads/%#x", "https://h.example", false),
        ("https://h.example/api/uploads/../uploads/%", "https://h.example", true),
        ("/lumiere/api/uploads/%", "https://h.example/lumiere", true),
        ("/api/uploads/%", "https://h.example/lumiere", true),
        ("/other/api/uploads/%", "https://h.example/lumiere", false),
        ("%", "https://h.example", false),
        ("uploads/%", "https://h.example", true),
        ("http://[::1]:8080/api/uploads/%", "http://[::1]:8080", true),
        ("", "https://h.example", false),
        ("https://h.example/api/uploads/", "https://h.example", false),
        ("http://%/", "https://h.example", false),
        ("\u{0}", "https://h.example", false),
    ])
    func parsing(_ text: String, _ base: String, isOurs: Bool) {
        let id = UploadID(at: Timestamp(milliseconds: 1))
        let url = text.replacing("%", with: id.description)
        #expect(UploadAddress.id(url, baseURL: base) == (isOurs ? id : nil))
    }
}
