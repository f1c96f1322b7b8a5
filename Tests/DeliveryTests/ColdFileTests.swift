import AsyncHTTPClient
import Core
import Foundation
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport
import Testing
import WebServer

@testable import Delivery

private let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] != nil

@Suite("Cold files")
struct ColdFileTests {
    /// Drops a file's pages, as if it had not been read for long.
    /// - Returns: false on file systems that have no disk.
    private static func cool(_ path: String) throws -> Bool {
        let file = try OpenFile(path)
        _ = fdatasync(file.descriptor)
        _ = posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
        return file.residence(of: 0..<4096) == .disk
    }

    @Test("are told from warm ones, and from such as end too early")
    func residence() throws {
        let folder = try TemporaryFolder("cold")
        let path = folder.file("film")
        try Data.noise(3_000_000).write(to: URL(fileURLWithPath: path))
        let file = try OpenFile(path)
        #expect(file.residence(of: 0..<3_000_000) == .memory)
        #expect(file.residence(of: 2_999_999..<3_000_000) == .memory)
        #expect(file.residence(of: 0..<0) == .memory)
        #expect(file.residence(of: 0..<3_000_001) == .nowhere)
        #expect(throws: IOError.self) { try file.warm(0..<3_000_001) }
        guard try Self.cool(path) else { return }
        #expect(file.residence(of: 1_000_000..<2_000_000) == .disk)
        try file.warm(0..<1_048_576)
        #expect(file.residence(of: 0..<1_048_576) == .memory)
        // A hole in the middle is found.
        try file.warm(0..<3_000_000)
        _ = posix_fadvise(file.descriptor, 1_400_832, 65536, POSIX_FADV_DONTNEED)
        #expect(file.residence(of: 1_048_576..<2_097_152) == .disk)
    }

    @Test("go out whole while the event loops go on ticking")
    func download() async throws {
        let size = isSoak ? 1 << 30 : 64 << 20
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                let bytes = Data.noise(1 << 20)
                let file = try await bench.addLarge(bytes, times: size >> 20)
                let path = try #require(store.localPath(of: file.media.objectKey))
                _ = try Self.cool(path)
                let ticks = Ticks()
                var count = 0
                for try await chunk in try await MediaAnswer.stream(bench.url(file)) {
                    let start = count % bytes.count
                    if start + chunk.readableBytes <= bytes.count {
                        #expect(Data(chunk.readableBytesView) == bytes[start..<start + chunk.readableBytes])
                    }
                    count += chunk.readableBytes
                }
                #expect(count == size)
                #expect(ticks.end() < .milliseconds(500))
            }
        }
    }

    /// Ticks on every event loop of the servers in these tests.
    private final class Ticks: Sendable {
        private let latest = NIOLockedValueBox(TimeAmount.zero)
        private let tasks: NIOLockedValueBox<[RepeatedTask]>

        init() {
            let latest = latest
            let tasks = MultiThreadedEventLoopGroup.singleton.makeIterator().map { loop in
                let last = NIOLockedValueBox(NIODeadline.now())
                return loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { _ in
                    let now = NIODeadline.now()
                    let late = last.withLockedValue { last in
                        defer { last = now }
                        return now - last
                    }
                    latest.withLockedValue { $0 = max($0, late) }
                }
            }
            self.tasks = NIOLockedValueBox(tasks)
        }

        /// The longest time between two ticks.
        func end() -> TimeAmount {
            for task in tasks.withLockedValue({ $0 }) { task.cancel() }
            return latest.withLockedValue { $0 }
        }
    }
}

@Suite("Slow readers")
struct SlowReaderTests {
    @Test("hold a file and next to no memory, and are cut off in the end")
    func stalled() async throws {
        let readers = isSoak ? 500 : 150
        var limits = ConnectionLimits()
        limits.writeStall = .seconds(4)
        try await TestStores.withDisk { store in
            try await withMedia(on: store, limits: limits) { bench in
                let file = try await bench.addLarge(Data.noise(1 << 20), times: 32)
                _ = try await bench.head(file)
                let before = Self.residentBytes()
                var sockets: [Int32] = []
                defer { for socket in sockets { close(socket) } }
                for _ in 0..<readers { sockets.append(try Self.ask(bench.port, file.path.text + "?grant=\(TestGrants.token)")) }
                try await eventually("all to be answered") { sockets.allSatisfy(Self.hasBytes) ? () : nil }
                #expect(Self.residentBytes() - before < readers * 256 << 10)
                // A reader without room hears nothing of its end; the file tells when the last one is cut off.
                let path = try #require(store.localPath(of: file.media.objectKey))
                #expect(TestFile.isOpen(path))
                try await eventually("the readers to be cut off", within: .seconds(30)) { TestFile.isOpen(path) ? nil : () }
            }
        }
    }

    private static func residentBytes() -> Int {
        let words = ((try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? "").split(separator: " ")
        return (words.dropFirst().first.flatMap { Int($0) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func ask(_ port: Int, _ target: String) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var small: Int32 = 4096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &small, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } == 0
        }
        try #require(isConnected)
        let request = "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n"
        try #require(write(descriptor, request, request.utf8.count) == request.utf8.count)
        return descriptor
    }

    private static func hasBytes(_ socket: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 1
    }
}
