import Core
import Foundation
import ObjectStore
import TestSupport
import Testing

@testable import Ingest

@Suite("After a crash")
struct RecoveryTests {
    private func append(_ bytes: [UInt8], to path: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    /// Three bytes confirmed, and two more that arrived but were never recorded.
    private func crashed(_ house: House, length: Int64 = 10, boot: String = "boot-1") async throws -> UploadID {
        let ingest = try house.start(boot: boot)
        let id = try await ingest.create(house.creation(length))
        _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
        await ingest.shutdown()
        try append([4, 5], to: house.path(of: id))
        return id
    }

    @Test("of the process the file's size counts")
    func processCrash() async throws {
        try await withHouse { house in
            let id = try await crashed(house)
            let ingest = try house.start()
            #expect(try await ingest.service.status(id).offset == 5)
            #expect(try await ingest.patch(id, at: 5, body([[6]]), contentLength: 1).offset == 6)
            await ingest.shutdown()
        }
    }

    @Test("of the machine only what was synced counts, and the rest is cut off")
    func machineCrash() async throws {
        try await withHouse { house in
            let id = try await crashed(house)
            let ingest = try house.start(boot: "boot-2")
            #expect(try await ingest.service.status(id).offset == 3)
            #expect(try Data(contentsOf: URL(fileURLWithPath: house.path(of: id))) == Data([1, 2, 3]))
            #expect(try await ingest.service.find(id)?.bootID == "boot-2")
            #expect(try await ingest.patch(id, at: 3, body([[6, 7]]), contentLength: 2).offset == 5)
            await ingest.shutdown()
        }
    }

    @Test("of the machine, a tail that never reached the disk is sent again, and the file is what was sent")
    func powerCut() async throws {
        try await withHouse { house in
            let bytes = quickBytes(3_000_000, seed: 31)
            let first = try house.start(boot: "boot-1")
            let id = try await first.create(house.creation(3_000_000))
            _ = try await first.patch(id, at: 0, chunked(bytes[..<1_234_567]), contentLength: 1_234_567)
            await first.shutdown()
            // What a file system may make of bytes whose blocks it had allocated and not written.
            try append([UInt8](repeating: 0, count: 777_777), to: house.path(of: id))
            let second = try house.start(boot: "boot-2")
            try await second.worker.sweeper.recover { _ = try await second.service.status($0) }
            let offset = try await second.service.status(id).offset
            #expect(offset == 1_234_567)
            let rest = bytes[Int(offset)...]
            _ = try await second.patch(id, at: offset, chunked(rest), contentLength: Int64(rest.count))
            await second.settled()
            #expect(try await house.photos() == [hex(bytes)])
            await second.shutdown()
        }
    }

    @Test("of connections, at any byte and however the bytes come, nothing is lost or doubled", arguments: 1...8 as ClosedRange<UInt64>)
    func cuts(_ seed: UInt64) async throws {
        try await withIngest { house, ingest in
            var random = SeededGenerator(seed)
            let bytes = quickBytes(2_500_000, seed: seed)
            let id = try await ingest.create(house.creation(2_500_000))
            var offset = 0
            while offset < bytes.count {
                let cut = Bool.random(using: &random) ? bytes.count : Int.random(in: offset...bytes.count, using: &random)
                var pieces: [[UInt8]] = []
                var start = offset
                while start < cut {
                    let end = min(cut, start + Int.random(in: 1...(Bool.random(using: &random) ? 2_000 : 150_000), using: &random))
                    pieces.append(Array(bytes[start..<end]))
                    start = end
                }
                let incoming = body(pieces, then: cut < bytes.count ? Crash() : nil)
                _ = try? await ingest.patch(id, at: Int64(offset), incoming, contentLength: Int64(bytes.count - offset))
                let reached = Int(try await ingest.service.find(id)?.offset ?? 0)
                #expect(reached == cut)
                offset = reached
            }
            await ingest.settled()
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("a boot without a name counts as another one")
    func namelessBoot() async throws {
        try await withHouse { house in
            let id = try await crashed(house, length: 5, boot: "")
            let ingest = try house.start(boot: "")
            try await ingest.worker.sweeper.recover { _ = try await ingest.service.status($0) }
            #expect(try await ingest.service.find(id)?.state == .receiving)
            #expect(try await ingest.service.status(id).offset == 3)
            await ingest.shutdown()
        }
    }

    @Test("an upload whose confirmed bytes are gone has ended")
    func lostBytes() async throws {
        try await withHouse { house in
            let id = try await crashed(house)
            try Data([1]).write(to: URL(fileURLWithPath: house.path(of: id)))
            let ingest = try house.start()
            #expect(await problem { try await ingest.service.status(id) }?.status == 410)
            #expect(try await ingest.service.find(id)?.failure == "bytes_lost")
            await ingest.shutdown()
        }
    }

    @Test("an upload whose row came before its file starts from nothing")
    func missingFile() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(3))
            try FileManager.default.removeItem(atPath: house.path(of: id))
            #expect(try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3).state == .completing)
        }
    }

    @Test("a folder that somebody has tidied away is made again")
    func missingFolder() async throws {
        try await withIngest { house, ingest in
            try FileManager.default.removeItem(atPath: house.folder + "/uploads")
            try FileManager.default.createDirectory(atPath: house.folder + "/uploads", withIntermediateDirectories: false)
            let id = try await ingest.create(house.creation(3))
            #expect(try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3).state == .completing)
        }
    }

    @Test("an upload that had arrived whole is handed over though its client never comes back")
    func wholeButUnrecorded() async throws {
        try await withHouse { house in
            let id = try await crashed(house, length: 5)
            let ingest = try house.start()
            try await ingest.worker.sweeper.recover { _ = try await ingest.service.status($0) }
            await ingest.settled()
            #expect(try await ingest.service.find(id)?.state == .completed)
            #expect(try await house.photos().count == 1)
            await ingest.shutdown()
        }
    }

    @Test("the search for whole uploads is tried again until it succeeds")
    func repeatedRecovery() async throws {
        try await withHouse { house in
            let id = try await crashed(house, length: 5)
            let database = FailingDatabase(house.database, reads: 1)
            let ingest = try house.start(database: database) { $0.sweepInterval = .milliseconds(1) }
            let running = Task { try await ingest.worker.run() }
            try await within { while try await house.photos().isEmpty { await Task.yield() } }
            #expect(database.isSpent)
            running.cancel()
            try await running.value
            #expect(try await ingest.service.find(id)?.offset == 5)
        }
    }

    @Test("at any point of handing over, it is handed over once", arguments: CrashPoint.allCases, [false, true])
    func handingOver(_ point: CrashPoint, isDuplicate: Bool) async throws {
        try await withHouse { house in
            if isDuplicate { try await send([1, 2, 3], house) }
            let plan = CrashPlan(point)
            let id = try await send([1, 2, 3], house, plan)
            // Removing only happens to a copy the session has already; a copy is not inserted again.
            let isReached = isDuplicate ? point != .inHandler : point != .beforeRemove && point != .afterRemove
            #expect(plan.isSpent == isReached)
            let ingest = try house.start()
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            let upload = try #require(try await ingest.service.find(id))
            #expect(upload.state == .completed)
            #expect(upload.cleanup == .nothing)
            #expect((upload.photoID == PhotoID(id)) == !isDuplicate)
            #expect(try await house.photos().count == 1)
            #expect((try await house.disk.size(of: upload.objectKey) == 3) == !isDuplicate)
            #expect(!FileManager.default.fileExists(atPath: house.path(of: id)))
            await ingest.shutdown()
        }
    }

    @discardableResult
    private func send(_ bytes: [UInt8], _ house: House, _ plan: CrashPlan = CrashPlan()) async throws -> UploadID {
        let ingest = try house.start(plan: plan)
        let id = try await ingest.create(house.creation(Int64(bytes.count)))
        _ = try await ingest.patch(id, at: 0, body([bytes]), contentLength: Int64(bytes.count))
        await ingest.settled()
        await ingest.shutdown()
        return id
    }
}
