import Core
import Dispatch
import Foundation
import HTTPTypes
import NIOCore
import NIOPosix
import Testing

@testable import WebServer

@Suite("Files as bodies")
struct FileBodyTests {
    /// Letters without a period that a window could hide.
    private static func letters(_ count: Int) -> Data {
        Data((0..<count).map { UInt8(ascii: "a") + UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 16) % 26 })
    }

    private static func route(_ file: TestFile) -> Route {
        .open(.get, "/route") { _ in
            var reply = Reply(.ok, body: .init(byteBuffer: ByteBuffer(string: "bytes")))
            reply.file = FilePart(file, 3..<file.size)
            return reply
        }
    }

    @Test("arrive to the byte, from memory and from the disk, directly and through a route", arguments: [false, true])
    func bytes(isCold: Bool) async throws {
        let data = Self.letters(3_500_001)
        let file = TestFile(data, isCold: isCold)
        try await withServer([Self.route(file)], direct: TestDirect(file)) { port in
            #expect(try await ask(port, "GET", "/direct/file").body == String(decoding: data, as: UTF8.self))
            let answer = try await ask(port, "GET", "/route")
            #expect(answer.body == String(decoding: data.dropFirst(3), as: UTF8.self))
            #expect(answer.headers["content-length"] == "\(data.count - 3)")
            #expect(try await ask(port, "GET", "/direct/small").body == "small")
        }
        let windows = file.warmed.filter { $0.lowerBound == 0 || $0.lowerBound > 3 && $0.lowerBound % FileTransfer.window == 0 }
        let count = (data.count + Int(FileTransfer.window) - 1) / Int(FileTransfer.window)
        #expect(windows.count == (isCold ? count : 0))
    }

    @Test("are followed by what was pipelined behind them")
    func pipelining() async throws {
        let file = TestFile(Self.letters(2_500_000), isCold: true)
        // What comes behind a request that has to wait goes to the routes.
        let small = Route.open(.get, "/direct/{name}") { _ in .bytes(Data("small".utf8), type: "text/plain") }
        try await withServer([Self.route(file), small], direct: TestDirect(file)) { port in
            let client = try await RawClient(port: port)
            let targets = ["/direct/file", "/route", "/direct/small", "/route"]
            let requests = targets.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }
            try await client.send(requests[0])
            try await client.send(requests[1])
            try await client.send(requests.dropFirst(2).joined() + "GET /direct/small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let text = await client.receive()
            #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == targets.count + 2)
            #expect(text.hasSuffix("small"))
        }
    }

    @Test("that nobody takes are cut off, and let go of their file")
    func stalledReader() async throws {
        weak var gone: TestFile?
        do {
            let file = TestFile(Data(count: 32 << 20))
            gone = file
            try await withServer([Self.route(file)], direct: TestDirect(file), configure: { $0.limits.writeStall = .milliseconds(300) }) { port in
                for target in ["/direct/file", "/route"] {
                    let client = try await RawClient(port: port, autoRead: false)
                    try await client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
                    // A client that reads nothing hears of the end only by its next write.
                    try await Task.sleep(for: .milliseconds(600))
                    await #expect(throws: (any Error).self) {
                        while true {
                            try await client.send("GET / HTTP/1.1\r\n")
                            try await Task.sleep(for: .milliseconds(10))
                        }
                    }
                }
            }
        }
        for _ in 0..<500 where gone != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(gone == nil)
    }

    @Test("end with a client that leaves midway, and others are served on")
    func clientGone() async throws {
        let file = TestFile(Data(count: 32 << 20), isCold: true)
        try await withServer([Self.route(file)], direct: TestDirect(file)) { port in
            for target in ["/direct/file", "/route", "/direct/file"] {
                let client = try await RawClient(port: port, autoRead: false)
                try await client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
                try await client.close()
            }
            #expect(try await ask(port, "GET", "/direct/small").body == "small")
        }
    }

    @Test("that lie on a slow disk hold up nobody else")
    func slowDisk() async throws {
        let disk = DispatchSemaphore(value: 0)
        let file = TestFile(Self.letters(100_000), isCold: true) { disk.wait() }
        let threads = NIOThreadPool(numberOfThreads: 8)
        threads.start()
        try await withServer([Self.route(file)], direct: TestDirect(file), configure: { $0.fileThreads = threads }) { port in
            var waiting: [RawClient] = []
            // Some on each event loop.
            for _ in 0..<8 {
                waiting.append(try await RawClient(port: port))
                try await waiting[waiting.count - 1].send("GET /direct/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            }
            for _ in 0..<32 { #expect(try await ask(port, "GET", "/direct/small").body == "small") }
            for _ in waiting { disk.signal() }
            for client in waiting { #expect(try HTTPAnswer(await client.receive()).body.utf8.count == 100_000) }
        }
        try await threads.shutdownGracefully()
    }

    @Test("are sent as bytes by connections that cannot send files")
    func withoutFiles() throws {
        let file = TestFile(Self.letters(10))
        let order = FileOrder(FilePart(file, 0..<10))
        let gate = try GateFixture(sendsFiles: false, direct: TestDirect(file))
        try gate.send("GET /direct/file HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try gate.requests() == ["GET /direct/file", "end"])
        try gate.channel.triggerUserOutboundEvent(order).wait()
        #expect(order.isRefused)
    }
}
