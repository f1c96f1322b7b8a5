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
