import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What becomes of those who are being sent something when the server has to end.
    @Suite(.enabled(if: Tool.program("curl") != nil && Tool.program("cmp") != nil && Fixtures.has("orientation-1.jpg")))
    struct DrainTests {
        /// Somebody who fetches a file at a pace of their own.
        private struct Download {
            let path: String
            let child: Child

            init(_ url: String, rate: String, to path: String) throws {
                self.path = path
                child = try Child(
                    try Tool("curl").path, ["-sS", "--limit-rate", rate, "-o", path, url], output: path + ".out", errors: path + ".err")
            }

            var bytes: Int { ((try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int) ?? 0 }
        }

        private static let size = 200 << 20

        @Test func `a download ends well within the grace, or with it, and so does the server`() async throws {
            let house = try await OpenHouse.open()
            let photo = try await house.add("orientation-1.jpg")
            try await house.server.terminate()
            let file = try await house.server.lengthen(photo, to: Self.size)
            try await house.server.restart()
            let url = try await house.original(photo)
            // From here on it is known, and no route is needed.
            #expect(try await house.anonymous.get(url, [("Range", "bytes=0-0")]).status == 206)
            let folder = try TemporaryFolder("drain")
            let quick = try Download(house.server.url + url, rate: "50M", to: folder.file("quick"))
            let slow = try Download(house.server.url + url, rate: "8M", to: folder.file("slow"))
            try await eventually("both to be sent something") { min(quick.bytes, slow.bytes) > 0 ? () : nil }
            let start = ContinuousClock.now
            #expect(max(quick.bytes, slow.bytes) < Self.size)
            let ending = try await house.server.terminate(within: .seconds(20))
            let time = start.duration(to: .now)
            print("with a download under way the server ended after \(time)")
            #expect(ending == .exited(0) && time < .seconds(12))

            #expect(try await quick.child.ended(within: .seconds(1)) == .exited(0))
            _ = try await Tool("cmp").output([quick.path, file])
            // What the kernel still held for it, it gets; then it is told that this was not all.
            let cut = try await slow.child.ended(within: .seconds(20))
            #expect([.exited(18), .exited(56)].contains(cut) && slow.bytes < Self.size, "\(cut), \(slow.bytes)")

            try await house.server.restart()
            let statistics = try await house.shoot.owner.json(.GET, "/api/sessions/\(house.shoot.id)/statistics")
            #expect(statistics["downloads"] == 3)
        }

        @Test func `who listens to events is told that the server ends, and keeps it from nothing`() async throws {
            let house = try await OpenHouse.open()
            let stream = try await RawConnection.open(port: house.server.port)
            try await stream.send(
                """
                GET /api/sessions/\(house.shoot.id)/events HTTP/1.1\r\nHost: test\r\n\
                Authorization: Bearer \(house.shoot.owner.token ?? "")\r\n\r\n
                """)
            _ = try await stream.received("event: session_joined")
            let start = ContinuousClock.now
            #expect(try await house.server.terminate(within: .seconds(20)) == .exited(0))
            #expect(start.duration(to: .now) < .seconds(6))
            let text = try await stream.closed()
            #expect(text.contains("event: closed\ndata: {\"code\":1001,") && text.hasSuffix("\r\n0\r\n\r\n"))
        }
    }
}
