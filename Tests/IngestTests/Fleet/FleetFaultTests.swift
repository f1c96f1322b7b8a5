import Core
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import ObjectStore
import TestSupport
import Testing

@testable import Ingest

@Suite("Faults of a fleet", .enabled("PostgreSQL or moto is missing") { await FleetServers.areInstalled })
struct FleetFaultTests {
    @Test("an object store that is gone is answered 503, and the upload goes on when it is back")
    func objectStore() async throws {
        let moto = try await FleetServers.moto.value
        let server = try await Forwarder(to: try #require(URL(string: moto.endpoint)?.port))
        try await withFleet(.parts, endpoint: server.endpoint) { house in
            let (first, second) = (try house.start(), try house.start())
            let bytes = quickBytes(6_000_000, seed: 7)
            let id = try await first.create(house.creation(6_000_000))
            _ = try await first.patch(id, at: 0, chunked(bytes[..<100_000]), contentLength: 100_000)
            try await server.stop()
            for node in [first, second] {
                let answer = await problem {
                    try await node.patch(id, at: 100_000, chunked(bytes[100_000...]), contentLength: 5_900_000)
                }
                #expect(answer?.status == 503)
                #expect(answer?.code == "storage_unavailable")
                #expect(answer?.headers["Retry-After"] != nil)
                #expect(try await node.service.status(id).offset == 100_000)
            }
            let back = try await server.again()
            // In the first attempt a part may have been begun, but nothing of it counts.
            _ = try await first.patch(id, at: 100_000, chunked(bytes[100_000...]), contentLength: 5_900_000)
            await first.settled()
            try await house.expectPhoto(id, of: bytes)
            await first.shutdown()
            await second.shutdown()
            try await back.stop()
        }
    }

    @Test("an upload begun in parts of which none counts becomes a photo, however short it is in the end", arguments: [true, false])
    func nothingOfParts(isRefused: Bool) async throws {
        try await withNodes(.parts) { house, first, second in
            let id = try await first.create(house.creation(nil))
            let (stream, feed) = ByteStream.makeStream()
            let wrong = Task {
                try await first.patch(id, at: 0, .init(body: stream), checksum: "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            }
            for _ in 0..<6 { feed.yield(ByteBuffer(repeating: 7, count: 1 << 20)) }
            try await eventually("the parts") {
                let row = try #require(try await second.service.find(id))
                return row.parts.isEmpty ? nil : ()
            }
            if isRefused {
                feed.finish()
                #expect(await problem { try await wrong.value } == TusMachine.checksumMismatch)
            }
            let bytes = quickBytes(1000, seed: 8)
            _ = try await second.patch(id, at: 0, chunked(bytes[...]), contentLength: 1000, length: 1000)
            feed.finish()
            _ = await wrong.result
            await second.settled()
            try await house.expectPhoto(id, of: bytes)
        }
    }

    @Test("an upload that began in another kind of store is not touched, and goes on when that is back")
    func otherStore() async throws {
        try await withFleet(.parts) { house in
            let disk = try DiskObjectStore(root: house.folder.file("objects"))
            let local = FleetHouse(folder: house.folder, database: house.database, objects: disk, parts: nil)
            let nodes = (files: try local.start(), parts: try house.start())
            for (first, other) in [(nodes.files, nodes.parts), (nodes.parts, nodes.files)] {
                let bytes = quickBytes(1000, seed: 3)
                let id = try await first.create(house.creation(1000))
                _ = try await first.patch(id, at: 0, chunked(bytes[..<400]), contentLength: 400)
                let answer = await problem { try await other.patch(id, at: 400, chunked(bytes[400...]), contentLength: 600) }
                #expect(answer?.code == "storage_unavailable")
                _ = try await first.patch(id, at: 400, chunked(bytes[400...]), contentLength: 600)
                await first.settled()
                #expect(try await first.service.find(id)?.state == .completed)
            }
            await nodes.files.shutdown()
            await nodes.parts.shutdown()
            try await disk.shutdown()
        }
    }

    @Test("a database that is gone in the middle leaves what was confirmed")
    func database() async throws {
        try await withFleet(.parts) { house in
            let line = FailingDatabase(house.database)
            let (first, second) = (try house.start(database: line), try house.start())
            let id = try await first.create(house.creation(10))
            _ = try await first.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            let (stream, feed) = ByteStream.makeStream()
            let request = Task { try await first.patch(id, at: 3, .init(body: stream), contentLength: 7) }
            feed.yield(ByteBuffer(bytes: [4]))
            try await eventually("the transfer") { first.service.fleet?.isHolding(id) == true ? () : nil }
            line.failWrites(true)
            feed.finish()
            await #expect(throws: Crash.self) { try await request.value }
            #expect(try await second.patch(id, at: 3, body([[4]]), contentLength: 1).offset == 4)
            await first.shutdown()
            await second.shutdown()
        }
    }

    @Test("an upload whose bytes are gone is given up by who holds it, and by nobody else", arguments: [true, false])
    func lostBytes(isTakenOver: Bool) async throws {
        try await withFleet(.folder) { house in
            let line = OvertakenDatabase(house.database)
            let (first, second) = (try house.start(database: line), try house.start())
            let id = try await second.create(house.creation(4))
            _ = try await second.patch(id, at: 0, body([[1, 2]]), contentLength: 2)
            try FileManager.default.removeItem(atPath: house.path(of: id))
            if isTakenOver { line.afterNextWrite { _ = try await second.service.ledger.seize(id) } }
            #expect(await problem { try await first.service.status(id) } == (isTakenOver ? TusMachine.locked : TusMachine.gone))
            let row = try #require(try await second.service.find(id))
            #expect(row.state == (isTakenOver ? .receiving : .failed) && row.failure == (isTakenOver ? nil : "bytes_lost"))
            await first.shutdown()
            await second.shutdown()
        }
    }

    /// Locks a file as a node does, and says so.
    private static let locker = """
        import fcntl, struct, sys, time
        file = open(sys.argv[1], "r+b")
        # F_OFD_SETLK, F_WRLCK from the start to the end.
        fcntl.fcntl(file, 37, struct.pack("hhqqi0q", 1, 0, 0, 0, 0))
        print("locked", flush=True)
        time.sleep(600)
        """

    @Test("another node's file is not written to while that node lives, and is free once it is dead")
    func lockedFile() async throws {
        try await withNodes(.folder) { $0.takeoverTimeout = .milliseconds(200) } _: { house, first, _ in
            let id = try await first.create(house.creation(4))
            _ = try await first.patch(id, at: 0, body([[1, 2]]), contentLength: 2)
            let output = house.folder.file("locker")
            let node = try Child(
                try Tool("python3").path, ["-c", Self.locker, house.path(of: id)], output: output, errors: output)
            try await eventually("the lock") {
                (try? String(contentsOfFile: output, encoding: .utf8))?.hasPrefix("locked") == true ? () : nil
            }
            let refusal = await problem { try await first.patch(id, at: 2, body([[3, 4]]), contentLength: 2) }
            #expect(refusal == TusMachine.locked)
            node.signal(9)
            _ = try await node.ended(within: .seconds(10))
            _ = try await first.patch(id, at: 2, body([[3, 4]]), contentLength: 2)
            await first.settled()
            try await house.expectPhoto(id, of: [1, 2, 3, 4])
        }
    }
}

/// Lets somebody in right after a write.
private final class OvertakenDatabase: Database {
    private let inner: any Database
    private let others = NIOLockedValueBox<(@Sendable () async throws -> Void)?>(nil)

    init(_ inner: any Database) { self.inner = inner }

    func afterNextWrite(_ body: @escaping @Sendable () async throws -> Void) { others.withLockedValue { $0 = body } }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try await inner.read(body)
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        let value = try await inner.write(body)
        let next = others.withLockedValue { others in
            defer { others = nil }
            return others
        }
        try await next?()
        return value
    }
}
