import Core
import Foundation
import Glibc
import NIOCore
import NIOPosix
import TestSupport
import Testing
import WebServer

@testable import Delivery

@Suite("Readers that stall")
struct StalledReaderTests {
    @Test("are cut off, and cannot take what they got for the whole", arguments: [0, 64 << 20])
    func cut(rate: Int) async throws {
        var configuration = MediaResponder.Configuration()
        configuration.clientRate = rate
        var limits = ConnectionLimits()
        limits.writeStall = .milliseconds(500)
        try await TestStores.withDisk { [configuration, limits] store in
            try await withMedia(on: store, configuration, limits: limits) { bench in
                let size = 64 << 20
                let file = try await bench.add(Data(count: size))
                let path = "\(file.path.text)?grant=\(TestGrants.token)"
                let reader = try StallingReader(port: bench.port, "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                try await eventually("the server to answer") { try Self.connections(at: bench.port) == 1 ? () : nil }
                try await eventually("the server to give up") { try Self.connections(at: bench.port) == 0 ? () : nil }
                // What is on its way can still be read, and then there is no more.
                let received = try await NIOThreadPool.singleton.runIfActive { reader.rest() }
                #expect(received > 0 && received < size)
                // Others are served as ever.
                #expect(try await bench.get(file, ["Range": "bytes=0-9"]).status == 206)
            }
        }
    }

    /// How many connections a server on this machine holds: those that its side has not closed (`/proc/net/tcp`, state 1).
    private static func connections(at port: Int) throws -> Int {
        // It has no size by which Foundation could read it.
        let table = String(decoding: try OpenFile("/proc/net/tcp").bytes(at: 0, upTo: 4 << 20), as: UTF8.self)
        let local = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - local.count) + local
        return table.split(separator: "\n").count { line in
            let words = line.split(separator: " ")
            return words.count > 3 && words[1].hasSuffix(suffix) && words[3] == "01"
        }
    }
}

/// A client that asks and then reads nothing until it is told to.
private final class StallingReader: Sendable {
    private let descriptor: Int32

    init(port: Int, _ request: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, send(descriptor, request, request.utf8.count, 0) == request.utf8.count else {
            throw Tool.Failure(description: "no connection to port \(port)")
        }
    }

    deinit { close(descriptor) }

    /// Bytes until the end of the connection, or until it is reset. Blocks the calling thread.
    func rest() -> Int {
        var total = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return total }
            total += count
        }
    }
}
