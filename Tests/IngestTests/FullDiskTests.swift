import Core
import Foundation
import TestSupport
import Testing

@testable import Ingest

/// A small file system of its own.
private struct SmallDisk {
    let path: String

    /// Whether this process may mount one.
    static let isPermitted = Once {
        guard Tool.program("mount") != nil, Tool.program("umount") != nil else { return false }
        let folder = try TemporaryFolder("mount")
        guard try await Tool("mount").run(["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path]).status == 0 else { return false }
        return try await Tool("umount").run([folder.path]).status == 0
    }

    init(at path: String, mebibytes: Int) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        _ = try await Tool("mount").output(["-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path])
        self.path = path
    }

    func resize(mebibytes: Int) async throws {
        _ = try await Tool("mount").output(["-o", "remount,size=\(mebibytes)m", path])
    }

    /// Also while files on it are open.
    func unmount() async throws { _ = try await Tool("umount").output(["--lazy", path]) }
}

@Suite("On a full disk", .enabled("no file system can be mounted") { try await SmallDisk.isPermitted.value })
struct FullDiskTests {
    private func withSmallDisk(_ body: (House, SmallDisk) async throws -> Void) async throws {
        try await withHouse { house in
            let disk = try await SmallDisk(at: house.folder + "/uploads", mebibytes: 4)
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(house, disk)) } catch { outcome = .failure(error) }
            try await disk.unmount()
            try outcome.get()
        }
    }

    @Test("a transfer is answered 507, keeps what has come, and goes on when there is room again")
    func fills() async throws {
        try await withSmallDisk { house, disk in
            let ingest = try house.start()
            let bytes = quickBytes(10_000_000, seed: 21)
            let other = try await ingest.create(house.creation(1_000_000))
            _ = try await ingest.patch(other, at: 0, chunked(bytes[..<500_000]), contentLength: 500_000)
            let id = try await ingest.create(house.creation(nil))
            _ = try await ingest.patch(id, at: 0, chunked(bytes[..<1_000_000]), contentLength: 1_000_000)
            let refusal = await problem {
                try await ingest.patch(id, at: 1_000_000, chunked(bytes[1_000_000...]), contentLength: 9_000_000)
            }
            #expect(refusal?.status == 507)
            let reached = try await ingest.service.status(id).offset
            #expect((2_000_000..<4_000_000).contains(reached))
            #expect(try Data(contentsOf: URL(fileURLWithPath: house.path(of: id))) == Data(bytes[..<Int(reached)]))
            #expect(try await ingest.service.status(other).offset == 500_000)
            // Nothing more has room, and that is said before any byte is sent.
            #expect(await problem { try await ingest.create(house.creation(9_000_000)) }?.status == 507)

            try await disk.resize(mebibytes: 32)
            _ = try await ingest.patch(other, at: 500_000, chunked(bytes[500_000..<1_000_000]), contentLength: 500_000)
            let rest = bytes[Int(reached)...]
            _ = try await ingest.patch(id, at: reached, chunked(rest), contentLength: Int64(rest.count), length: 10_000_000)
            await ingest.settled()
            #expect(Set(try await house.photos()) == [hex(bytes), hex(Array(bytes[..<1_000_000]))])
            await ingest.shutdown()
        }
    }

    @Test("a process that dies there loses nothing that was confirmed")
    func fillsAndDies() async throws {
        try await withSmallDisk { house, disk in
            let first = try house.start()
            let bytes = quickBytes(6_000_000, seed: 22)
            let id = try await first.create(house.creation(nil))
            #expect(await problem { try await first.patch(id, at: 0, chunked(bytes[...])) }?.status == 507)
            let confirmed = try #require(try await first.service.find(id)).offset
            await first.shutdown()
            let second = try house.start(boot: "boot-2")
            #expect(try await second.service.status(id).offset == confirmed)
            try await disk.resize(mebibytes: 32)
            let rest = bytes[Int(confirmed)...]
            _ = try await second.patch(id, at: confirmed, chunked(rest), length: 6_000_000)
            await second.settled()
            #expect(try await house.photos() == [hex(bytes)])
            await second.shutdown()
        }
    }
}
