import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Files over TLS, by HTTP/2 and HTTP/1.1, beside the same over neither.
    @Suite(.enabled(if: Tool.program("curl") != nil && Tool.program("openssl") != nil && Fixtures.has("orientation-1.jpg", "demo-01.jpg")))
    struct SecureDeliveryTests {
        /// A request and what it is answered over cleartext.
        private struct Case {
            var path: String
            var header: (String, String)?
            var isHead = false
            var answer: Answer

            /// What of an answer does not depend on the wire.
            var facts: String {
                let fields = ["ETag", "Content-Length", "Content-Range", "Content-Type", "Cache-Control"].map { answer[$0] ?? "" }
                return ([String(answer.status)] + fields).joined(separator: "|")
            }

            var arguments: [String] {
                let format = "%{http_version} %{http_code}|" + ["etag", "content-length", "content-range", "content-type", "cache-control"]
                    .map { "%header{\($0)}" }.joined(separator: "|") + "\\n"
                return ["-sS", "-w", format] + (isHead ? ["-I"] : []) + (header.map { ["-H", "\($0.0): \($0.1)"] } ?? [])
            }
        }

        /// The second of two answers, which no route has given.
        private static func ask(
            _ api: API, _ path: String, _ header: (String, String)? = nil, isHead: Bool = false
        ) async throws -> Case {
            let headers = header.map { [$0] } ?? []
            _ = try await api.send(isHead ? .HEAD : .GET, path, headers: headers)
            let answer = try await api.send(isHead ? .HEAD : .GET, path, headers: headers)
            return Case(path: path, header: header, isHead: isHead, answer: answer)
        }

        private static func cases(_ house: OpenHouse) async throws -> [Case] {
            var cases: [Case] = []
            // One is kept in memory, the other is sent from its file.
            let paths = [
                try await house.rendition("medium", try await house.add("orientation-1.jpg")),
                try await house.original(try await house.add("demo-01.jpg")),
            ]
            for path in paths {
                let whole = try await ask(house.anonymous, path)
                let size = whole.answer.body.count
                #expect(whole.answer.status == 200 && size > 1000)
                cases += [
                    whole, try await ask(house.anonymous, path, isHead: true),
                    try await ask(house.anonymous, path, ("Range", "bytes=100-\(size - 2)")),
                    try await ask(house.anonymous, path, ("Range", "bytes=\(size)-")),
                    try await ask(house.anonymous, path, ("If-None-Match", whole.answer["ETag"] ?? "")),
                ]
            }
            #expect(cases.map(\.answer.status) == [200, 200, 206, 416, 304, 200, 200, 206, 416, 304])
            return cases
        }

        @Test func `each version of HTTP gives the same bytes, tags, ranges and refusals over TLS`() async throws {
            let house = try await OpenHouse.open()
            let cases = try await Self.cases(house)
            try await house.server.terminate()
            let folder = try TemporaryFolder("tls")
            let certificates = try await TestCertificates(in: folder)
            try await house.server.restart([
                "LUMIERE_SERVER_TLS_CERTIFICATE": certificates.certificate, "LUMIERE_SERVER_TLS_KEY": certificates.key,
            ])
            #expect(house.server.url.hasPrefix("https://"))
            let files = ["first", "second"].map(folder.file)
            for (version, option) in [("1.1", "--http1.1"), ("2", "--http2")] {
                for one in cases {
                    let targets = files.flatMap { ["-o", $0, house.server.url + one.path] }
                    let arguments = ["--cacert", certificates.authority, option] + one.arguments + targets
                    let lines = try await Tool("curl").run(arguments).lines
                    #expect(lines == Array(repeating: "\(version) \(one.facts)", count: 2), "\(option) \(one.header ?? ("", ""))")
                    guard !one.isHead, [200, 206].contains(one.answer.status) else { continue }
                    for file in files { #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == one.answer.body) }
                }
            }
        }
    }
}
