import Core
import Foundation
import NIOCore
import ObjectStore
import TestSupport
import Testing
import WebServer

@testable import Delivery

/// Whether answers that left on the event loop are those of the routes. With an `Origin` a request goes to the routes; by
/// how often the grant was checked they are told apart.
@Suite("Direct media")
struct DirectMediaTests {
    private func bench(_ limits: ConnectionLimits = .init(), _ body: @escaping @Sendable (MediaBench) async throws -> Void) async throws {
        try await TestStores.withDisk { try await withMedia(on: $0, limits: limits, body) }
    }

    private static func compare(_ direct: MediaAnswer, _ routed: MediaAnswer) {
        #expect(direct.status == routed.status && direct.body == routed.body)
        let passing: Set<String> = ["date", "x-request-id"]
        #expect(direct.headers.filter { !passing.contains($0.key) } == routed.headers.filter { !passing.contains($0.key) })
    }

    @Test("is what the routes answer, to the byte and the header", arguments: MediaCase.all, MediaCase.sizes)
    func parity(_ request: MediaCase, _ size: Int) async throws {
        try await bench { bench in
            let file = try await bench.add(size)
            let headers = request.headers(for: file)
            let routedHeaders = headers.merging(["Origin": "https://a.example"]) { $1 }
            var (direct, isDirect) = try await Self.ask(bench, file, headers)
            let hasParts = direct.headers["content-type"]?.hasPrefix("multipart/") == true
            // A head that comes in several pieces is the decoder's.
            if headers.values.allSatisfy({ $0.utf8.count < 1000 }) {
                let isPlain = direct.status < 400 && !hasParts
                // A machine that stands still for a second forgets.
                for _ in 0..<5 where isPlain && !isDirect { (direct, isDirect) = try await Self.ask(bench, file, headers) }
                #expect(isDirect == isPlain)
            }
            let routed = try await bench.get(file, routedHeaders)
            // A boundary, and a problem's request id, differ each time.
            if direct.status < 400 && !hasParts { Self.compare(direct, routed) } else { #expect(direct.status == routed.status) }
            let head = try await bench.head(file, headers), routedHead = try await bench.head(file, routedHeaders)
            if head.status < 400 { Self.compare(head, routedHead) } else { #expect(head.status == routedHead.status) }
        }
    }

    private static func ask(
        _ bench: MediaBench, _ file: TestFile, _ headers: [String: String]
    ) async throws -> (MediaAnswer, isDirect: Bool) {
        // The first makes the file known, the second the grant.
        for _ in 0..<2 { #expect(try await bench.get(file).status == 200) }
        let checks = bench.grants.checks
        let answer = try await bench.get(file, headers)
        return (answer, bench.grants.checks == checks)
    }

    @Test("opens to nobody whose grant does not", arguments: MediaCase.sizes)
    func grants(size: Int) async throws {
        try await bench { bench in
            let file = try await bench.add(size)
            let hidden = try await bench.add(.noise(size), place: .hidden)
            for file in [file, hidden] { _ = try await MediaAnswer.of(bench.url(file, grant: TestGrants.staffToken), headers: [:]) }
            for (grant, status) in [("forged", 401), (TestGrants.otherToken, 404), ("", 401), (TestGrants.token, 200)] {
                #expect(try await MediaAnswer.of(bench.url(file, grant: grant), headers: [:]).status == status)
            }
            // Noise is no kind of file that anything could be taken out of.
            #expect(try await MediaAnswer.of(bench.url(hidden, grant: TestGrants.token), headers: [:]).status == 403)
            #expect(try await MediaAnswer.of(bench.url(hidden, grant: TestGrants.staffToken), headers: [:]).status == 200)
            bench.grants.revoke()
            #expect(try await bench.get(file).status == 401)
        }
    }

    @Test("says what it varies by as the routes do", arguments: [MediaFile.Place.untold, .shown])
    func vary(place: MediaFile.Place) async throws {
        try await bench { bench in
            let file = try await bench.add(.noise(10_000), place: place)
            for _ in 0..<2 { _ = try await bench.get(file) }
            Self.compare(try await bench.get(file), try await bench.get(file, ["Origin": "https://a.example"]))
        }
    }

    @Test("opens to cookies as to grants in the URL", arguments: MediaCase.sizes)
    func cookies(size: Int) async throws {
        try await bench { bench in
            let file = try await bench.add(size)
            let url = String(bench.url(file).prefix { $0 != "?" })
            func cookie(_ token: String) -> [String: String] { ["Cookie": "a=b; lumiere-media-\(TestGrants.session)=\(token)"] }
            for _ in 0..<2 { #expect(try await MediaAnswer.of(url, headers: cookie(TestGrants.token)).status == 200) }
            try await eventually("an answer that no route gave") {
                let checks = bench.grants.checks
                let answer = try await MediaAnswer.of(url, headers: cookie(TestGrants.token))
                #expect(answer.body == file.bytes)
                return bench.grants.checks == checks ? () : nil
            }
            #expect(try await MediaAnswer.of(url, headers: cookie("forged")).status == 401)
            #expect(try await MediaAnswer.of(url, headers: cookie(TestGrants.otherToken)).status == 404)
            #expect(try await MediaAnswer.of(url, headers: [:]).status == 401)
        }
    }

    @Test("opens to the cookie of the file's session, however many others come with it", arguments: MediaCase.sizes)
    func manyCookies(size: Int) async throws {
        try await bench { bench in
            let file = try await bench.add(size)
            let url = String(bench.url(file).prefix { $0 != "?" })
            let others = (1...40 as ClosedRange<Int64>).map { "lumiere-media-\(SessionID(at: Timestamp(milliseconds: $0)))=forged" }
            func get(_ cookies: [String], _ url: String = url) async throws -> Int {
                try await MediaAnswer.of(url, headers: ["Cookie": cookies.joined(separator: "; ")]).status
            }
            // By the routes at first, and then without them.
            for _ in 0..<5 { #expect(try await get(["lumiere-media-\(TestGrants.session)=\(TestGrants.token)"] + others) == 200) }
            #expect(try await get(others) == 401)
            #expect(try await get(["lumiere-media-\(TestGrants.session)=forged"] + others) == 401)
            #expect(try await get(["lumiere-media-\(TestGrants.session)=\(TestGrants.otherToken)"] + others) == 404)
            // Nobody learns that there is none, and of cookies that open nothing not even the catalog hears.
            let unknown = try await bench.add(size)
            let lookups = bench.catalog.lookups
            for path in [unknown.path, .original(OriginalID(at: TestFile.modified))] {
                #expect(try await get(others, url.replacing(file.path.text, with: path.text)) == 401)
            }
            #expect(bench.catalog.lookups == lookups)
            // One that opens something else, wherever it stands, does not open this.
            let elsewhere = ["lumiere-media-\(SessionID(at: TestFile.modified))=\(TestGrants.otherToken)"] + others
            #expect(try await get(elsewhere, url.replacing(file.path.text, with: unknown.path.text)) == 401)
            #expect(bench.catalog.lookups > lookups)
        }
    }

    @Test(
        "leaves large files to a proxy that is to have them sent, however well they are known",
        .enabled(if: Tool.program("curl") != nil, "curl is not installed"))
    func offloading() async throws {
        try await withOffloading(to: #require(TrustedProxies(["127.0.0.1"]))) { bench, _ in
            for size in MediaCase.sizes {
                let file = try await bench.add(size)
                // Another address of this machine is no proxy's.
                let arguments = ["--silent", "--interface", "127.0.0.2", "--output", "/dev/null", "--write-out", "%{http_code} %{size_download}"]
                #expect(try await Tool("curl").output(arguments + [bench.url(file)]) == "200 \(size)")
                for _ in 0..<3 {
                    let answer = try await bench.get(file)
                    let isLeft = answer.headers["x-accel-redirect"] != nil
                    #expect(answer.status == 200 && isLeft == (size > MediaBytes.smallFile) && answer.body.count == (isLeft ? 0 : size))
                }
            }
        }
    }

    @Test("goes on for as long as somebody asks, and follows what happens to the file", arguments: MediaCase.sizes)
    func staysHot(size: Int) async throws {
        try await bench { bench in
            let file = try await bench.add(size)
            _ = try await bench.get(file)
            let (start, before) = (ContinuousClock.now, bench.grants.checks)
            var count = 0
            while ContinuousClock.now - start < .milliseconds(2500) || count < 100 {
                #expect(try await bench.get(file).body.count == size)
                count += 1
                try await Task.sleep(for: .milliseconds(5))
            }
            // A machine that stands still for a second forgets, now and then.
            #expect((bench.grants.checks - before) * 5 <= count)
            bench.catalog.remove(file)
            let asked = bench.catalog.lookups
            try await eventually("the file to be gone", every: .milliseconds(5)) { try await bench.get(file).status == 404 ? () : nil }
            #expect(bench.catalog.lookups - asked <= 3)
        }
    }

    @Test("lets go of files that nobody asks for")
    func letsGo() async throws {
        try await bench { bench in
            let file = try await bench.add(700_000)
            let path = try #require(bench.store.localPath(of: file.media.objectKey))
            try await eventually("the file to be open") {
                _ = try await bench.get(file)
                return TestFile.isOpen(path) ? () : nil
            }
            try await eventually("the file to be closed") { TestFile.isOpen(path) ? nil : () }
        }
    }

    @Test("leaves a second word in the query, and escaped ones, to the routes", arguments: ["&download=1", "&x=1", "%20"])
    func queries(more: String) async throws {
        try await bench { bench in
            let file = try await bench.add(10_000)
            _ = try await bench.get(file)
            let checks = bench.grants.checks
            for _ in 0..<2 { _ = try await bench.get(file, more: more) }
            #expect(bench.grants.checks >= checks + 2)
        }
    }
}

@Suite("Verified grants")
struct VerifiedGrantsTests {
    private struct Clock: WallClock {
        let time: Inbox<Timestamp>
        func now() -> Timestamp { time.elements.last ?? Timestamp(milliseconds: 0) }
    }

    @Test("end with the token, whenever it was checked")
    func expiry() {
        let time = Inbox<Timestamp>()
        let grants = VerifiedGrants(BriefGrants(), clock: Clock(time: time))
        #expect(grants.token("a") != nil)
        time.push(Timestamp(milliseconds: 499))
        #expect(grants.token("a") != nil)
        time.push(Timestamp(milliseconds: 500))
        #expect(grants.token("a") == nil)
    }

    /// Says of every token that it holds until half a second after the epoch.
    private struct BriefGrants: GrantChecker {
        func check(_ token: String) -> GrantToken? {
            GrantToken(
                grantID: GrantID(at: Timestamp(milliseconds: 0)), sessionID: TestGrants.session, rights: .view,
                expiresAt: Timestamp(milliseconds: 500))
        }
        func isRevoked(_ grant: GrantID) -> Bool { false }
        func sign(_ token: GrantToken) -> String { "" }
    }
}
