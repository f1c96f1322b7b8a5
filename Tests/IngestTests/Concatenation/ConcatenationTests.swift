import Core
import Foundation
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import ObjectStore
import TestSupport
import Testing

@testable import Ingest

extension House {
    func partial(_ length: Int64?, in session: SessionID? = nil) -> UploadCreation {
        var creation = creation(length)
        creation.concat = .partial
        if let session { creation.declaration.target = session.description }
        return creation
    }

    func final(_ parts: [UploadID], sha256: String? = nil) -> UploadCreation {
        var creation = creation(nil, sha256: sha256)
        creation.concat = .final(parts, header: "final;" + parts.map { "/api/uploads/\($0)" }.joined(separator: " "))
        return creation
    }

    func bytes(of id: UploadID) -> [UInt8]? {
        FileManager.default.contents(atPath: path(of: id)).map { [UInt8]($0) }
    }
}

extension Ingest {
    func part(_ bytes: ArraySlice<UInt8>, _ house: House) async throws -> UploadID {
        let id = try await create(house.partial(Int64(bytes.count)))
        if !bytes.isEmpty { _ = try await patch(id, at: 0, chunked(bytes), contentLength: Int64(bytes.count)) }
        return id
    }

    func join(_ creation: UploadCreation, from sender: Principal = .anonymous) async throws -> UploadID {
        try await service.create(creation, from: sender, expecting: 0, body([])).id
    }
}

@Suite("Concatenation")
struct ConcatenationTests {
    @Test("a final upload becomes a photo, and its parts stay for another one for an hour")
    func wholeLife() async throws {
        try await withIngest { house, ingest in
            let bytes = quickBytes(3_000_000, seed: 61)
            let parts = [
                try await ingest.part(bytes[..<1_000_001], house), try await ingest.part(bytes[1_000_001..<1_000_001], house),
                try await ingest.part(bytes[1_000_001...], house),
            ]
            await ingest.settled()
            #expect(try await house.photos().isEmpty)
            let final = try await ingest.join(house.final(parts))
            await ingest.settled()
            #expect(try await house.photos() == [hex(bytes)])
            let row = try #require(try await ingest.service.find(final))
            #expect(row.state == .completed && row.length == 3_000_000 && row.offset == 3_000_000)
            #expect(house.bytes(of: parts[0]) == Array(bytes[..<1_000_001]))
            house.clock.advance(.seconds(3599))
            #expect(try await ingest.service.status(parts[0]).offset == 1_000_001)
            house.clock.advance(.seconds(1))
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            for part in parts {
                #expect(try await ingest.service.find(part)?.state == .expired)
                #expect(house.bytes(of: part) == nil)
            }
            #expect(try await house.disk.size(of: row.objectKey) == 3_000_000)
        }
    }

    @Test("a final upload waits for its parts, and becomes whole with the last of them")
    func unfinished() async throws {
        try await withIngest { house, ingest in
            let bytes = quickBytes(9000, seed: 62)
            let known = try await ingest.part(bytes[..<3000], house)
            let growing = try await ingest.create(house.partial(3000))
            let late = try await ingest.create(house.partial(nil))
            let final = try await ingest.join(house.final([known, growing, late]))
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.state == .joining)
            _ = try await ingest.patch(late, at: 0, chunked(bytes[6000...]), contentLength: 3000)
            _ = try await ingest.patch(growing, at: 0, chunked(bytes[3000..<6000]), contentLength: 3000)
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.state == .joining)
            _ = try await ingest.patch(late, at: 3000, body([]), contentLength: 0, length: 3000)
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.state == .completed)
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("parts that end while a final upload waits for others are kept for it")
    func endedParts() async throws {
        try await withIngest { house, ingest in
            let (first, second) = (try await ingest.part([1, 2], house), try await ingest.create(house.partial(2)))
            let third = try await ingest.part([5, 6], house)
            let final = try await ingest.join(house.final([first, third, second]))
            try await ingest.service.terminate(first)
            await ingest.settled()
            #expect(await problem { try await ingest.service.status(first) }?.status == 410)
            #expect(house.bytes(of: first) == [1, 2])
            // The growing part is used now and then, the whole one rests too long.
            for _ in 0..<2 {
                house.clock.advance(.seconds(20 * 3600))
                _ = try await ingest.service.status(second)
                try await ingest.worker.sweeper.sweep()
                await ingest.settled()
            }
            #expect(try await ingest.service.find(third)?.state == .expired)
            #expect(house.bytes(of: third) == [5, 6])
            _ = try await ingest.patch(second, at: 0, body([[3, 4]]), contentLength: 2)
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.state == .completed)
            #expect(try await house.photos() == [hex([1, 2, 5, 6, 3, 4])])
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            #expect(house.bytes(of: first) == nil)
            #expect(house.bytes(of: third) == nil)
        }
    }

    @Test("a final upload ends with a part that can never be whole, or by its client")
    func impossible() async throws {
        try await withIngest { house, ingest in
            let (whole, open) = (try await ingest.part([1, 2], house), try await ingest.create(house.partial(2)))
            let final = try await ingest.join(house.final([whole, open]))
            let other = try await ingest.join(house.final([open, whole]))
            #expect(await problem { try await ingest.patch(other, at: 0, body([[1]])) } == TusMachine.finalUpload)
            try await ingest.service.terminate(other)
            await ingest.settled()
            #expect(try await ingest.service.find(other)?.cleanup == .nothing)
            house.clock.advance(.seconds(24 * 3600))
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            let row = try #require(try await ingest.service.find(final))
            #expect(row.state == .failed && row.failure == "part_gone")
            #expect(await problem { try await ingest.service.status(final) }?.status == 410)
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            #expect(house.bytes(of: whole) == nil)
        }
    }

    @Test("parts of somebody else, of another session or of no use are refused")
    func refusals() async throws {
        try await withIngest { $0.openUploadsPerUploader = 6 } _: { house, ingest in
            let id = UserID(at: Timestamp(milliseconds: 7))
            let stranger = Principal.user(id, role: .member, device: DeviceID(id))
            let mine = try await ingest.part([1], house)
            let theirs = try await ingest.create(house.partial(1), from: stranger)
            let elsewhere = try await ingest.create(house.partial(1, in: SessionID(at: Timestamp(milliseconds: 1))))
            let plain = try await ingest.create(house.creation(1))
            let expired = try await ingest.create(house.partial(1))
            for other in [theirs, elsewhere, plain, UploadID(at: Timestamp(milliseconds: 3))] {
                #expect(await problem { try await ingest.join(house.final([mine, other])) } == UploadConcat.noPart(1))
            }
            house.clock.advance(.seconds(25 * 3600))
            #expect(await problem { try await ingest.join(house.final([expired])) } == UploadConcat.noPart(0))
            // Those that wait count among the open ones.
            let open = try await ingest.create(house.partial(1))
            for _ in 0..<5 { _ = try await ingest.join(house.final([open])) }
            #expect(await problem { try await ingest.join(house.final([open])) }?.status == 429)
        }
    }

    @Test("a final upload that would be too large is refused, or fails when it turns out so")
    func tooLarge() async throws {
        try await withIngest { $0.maxUploadSize = 5 } _: { house, ingest in
            let part = try await ingest.part([1, 2, 3], house)
            #expect(await problem { try await ingest.join(house.final([part, part])) }?.status == 413)
            let late = try await ingest.create(house.partial(nil))
            let final = try await ingest.join(house.final([part, late]))
            _ = try await ingest.patch(late, at: 0, body([[4, 5, 6]]), contentLength: 3, length: 3)
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.failure == "too_large")
        }
    }

    @Test("a final upload is held to the digest its client announced", arguments: [true, false])
    func digest(isTrue: Bool) async throws {
        try await withIngest { house, ingest in
            let part = try await ingest.part([1, 2, 3], house)
            let final = try await ingest.join(house.final([part], sha256: hex(isTrue ? [1, 2, 3] : [])))
            await ingest.settled()
            let row = try #require(try await ingest.service.find(final))
            #expect(row.failure == (isTrue ? nil : "checksum_mismatch"))
        }
    }

    /// What a process left that died while it put a final upload together.
    enum Remains: String, CaseIterable { case row, rubbish, recorded, whole, lost }

    @Test("a final upload is put together after a crash, wherever that came", arguments: Remains.allCases)
    func crash(_ remains: Remains) async throws {
        try await withHouse { house in
            let bytes = quickBytes(400_000, seed: 63)
            let dead = try house.start()
            // From here on nothing is settled.
            await dead.worker.queue.stop()
            let parts = [
                try await dead.part(bytes[..<150_000], house), try await dead.part(bytes[150_000..<300_000], house),
                try await dead.part(bytes[300_000...], house),
            ]
            let final = try await dead.join(house.final(parts))
            try await leave(remains, final, bytes, house)
            await dead.shutdown()
            let ingest = try house.start()
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.state == .completed)
            #expect(try await house.photos() == [hex(bytes)])
            #expect(house.bytes(of: final) == nil)
            await ingest.shutdown()
        }
    }

    private func leave(_ remains: Remains, _ final: UploadID, _ bytes: [UInt8], _ house: House) async throws {
        let path = house.path(of: final)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        let rubbish = [UInt8](repeating: 9, count: 500_000)
        let (content, offset): ([UInt8]?, Int64) =
            switch remains {
            case .row: (nil, 0)
            case .rubbish: (rubbish, 0)
            case .recorded: (Array(bytes[..<200_000]) + rubbish, 200_000)
            case .whole: (bytes, 400_000)
            case .lost: (Array(bytes[..<100_000]), 200_000)
            }
        if let content { try Data(content).write(to: URL(fileURLWithPath: path)) }
        let store = UploadStore(database: house.database)
        #expect(try await store.checkpoint(joining: UploadMark(offset: offset), of: final, by: nil))
    }

    @Test("a final upload is handed over once, at whatever point of that the process dies", arguments: CrashPoint.allCases)
    func crashWhileHandingOver(_ point: CrashPoint) async throws {
        try await withHouse { house in
            let dead = try house.start(plan: CrashPlan(point))
            let part = try await dead.part([1, 2, 3], house)
            let final = try await dead.join(house.final([part, part]))
            await dead.settled()
            await dead.shutdown()
            let ingest = try house.start()
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.state == .completed)
            #expect(try await house.photos() == [hex([1, 2, 3, 1, 2, 3])])
            #expect(house.bytes(of: part) == [1, 2, 3])
            await ingest.shutdown()
        }
    }

    @Test("a part whose bytes are gone fails the final upload")
    func lostPart() async throws {
        try await withIngest { house, ingest in
            let (first, second) = (try await ingest.part([1, 2], house), try await ingest.part([3, 4], house))
            try Data([3]).write(to: URL(fileURLWithPath: house.path(of: second)))
            let final = try await ingest.join(house.final([first, second]))
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.failure == "bytes_lost")
            #expect(house.bytes(of: final) == nil)
        }
    }

    @Test("a partial upload never becomes a photo, by either protocol, and tells nobody of its progress")
    func neverAPhoto() async throws {
        try await withIngest { house, ingest in
            var creation = house.partial(nil)
            creation.isOpen = true
            let id = try await ingest.create(creation)
            let last = try await ingest.service.append(to: id, from: .anonymous, body([[1, 2]])) { upload in
                UploadAppend(offset: 0, room: 10, expected: 2, closes: true)
            }
            #expect(last.state == .kept)
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            #expect(try await house.photos().isEmpty)
            #expect(house.events.events.isEmpty)
        }
    }

    @Test("bytes are copied by the kernel and through memory alike")
    func copying() throws {
        let folder = try TemporaryFolder("copy")
        let bytes = quickBytes(700_000, seed: 64)
        let source = try UploadFile(folder.file("source"), flags: O_RDWR | O_CREAT)
        try source.write(ByteBuffer(bytes: bytes), at: 0)
        for isKernel in [true, false] {
            let target = try UploadFile(folder.file("\(isKernel)"), flags: O_RDWR | O_CREAT)
            try target.write(ByteBuffer(bytes: [1, 2, 3]), at: 0)
            let copy = isKernel ? target.copy : target.copyThroughMemory
            try copy(5..<600_005, source, 3)
            let copied = FileManager.default.contents(atPath: folder.file("\(isKernel)"))
            #expect(copied.map { [UInt8]($0) } == [1, 2, 3] + bytes[5..<600_005])
            #expect(throws: UploadFileError.missing) { try copy(600_000..<700_001, source, 0) }
        }
    }
}

@Suite("Concatenation on a fleet", .enabled("PostgreSQL or moto is missing") { await FleetServers.areInstalled })
struct FleetConcatenationTests {
    private func create(_ house: FleetHouse, _ node: Ingest, _ length: Int64?, _ concat: UploadConcat) async throws -> UploadID {
        var creation = house.creation(length)
        creation.concat = concat
        return try await node.service.create(creation, from: .anonymous, expecting: 0, body([])).id
    }

    @Test("parts that came to several nodes become one photo", arguments: FleetStorage.allCases)
    func severalNodes(_ storage: FleetStorage) async throws {
        try await withNodes(storage) { house, first, second in
            let bytes = quickBytes(14_000_000, seed: 65)
            var parts: [UploadID] = []
            for (number, range) in [0..<6_000_000, 6_000_000..<6_000_010, 6_000_010..<14_000_000].enumerated() {
                let node = number.isMultiple(of: 2) ? first : second
                let id = try await create(house, node, Int64(range.count), .partial)
                _ = try await node.patch(id, at: 0, chunked(bytes[range]), contentLength: Int64(range.count))
                parts.append(id)
            }
            let final = try await create(house, second, nil, .final(parts, header: "final;"))
            await second.settled()
            try await house.expectPhoto(final, of: bytes)
            // They can be used again.
            let again = try await create(house, first, nil, .final(parts.reversed(), header: "final;"))
            await first.settled()
            #expect(try await first.service.find(again)?.state == .completed)
            for part in parts { try await first.service.terminate(part) }
            await first.settled()
            for part in parts {
                #expect(try await house.remains(of: part) == 0)
                #expect(try await house.objects.size(of: .original(OriginalID(part))) == nil)
            }
        }
    }

    @Test("parts in an object store are copied inside it if only the last is small, and read once to be hashed", arguments: [
        ([6_000_000, 0, 5_300_000, 10], 1), ([6_000_000, 10, 5_300_000], 3),
    ])
    func copying(_ sizes: [Int], _ reads: Int) async throws {
        try await withNodes(.parts) { house, first, _ in
            let store = try #require(house.parts)
            let bytes = quickBytes(sizes.reduce(0, +), seed: 69)
            var parts: [UploadID] = []
            var start = 0
            for size in sizes {
                let id = try await create(house, first, Int64(size), .partial)
                if size > 0 {
                    _ = try await first.patch(id, at: 0, chunked(bytes[start..<start + size]), contentLength: Int64(size))
                }
                parts.append(id)
                start += size
            }
            let final = try await create(house, first, nil, .final(parts, header: "final;"))
            await first.settled()
            #expect(store.reads.withLockedValue { $0 } == reads)
            try await house.expectPhoto(final, of: bytes)
        }
    }

    @Test("a final upload that one node has found waiting is put together by the next", arguments: FleetStorage.allCases)
    func waiting(_ storage: FleetStorage) async throws {
        try await withNodes(storage) { house, first, second in
            let open = try await create(house, first, 2, .partial)
            let final = try await create(house, first, nil, .final([open, open], header: "final;"))
            await first.settled()
            _ = try await second.patch(open, at: 0, body([[1, 2]]), contentLength: 2)
            await second.settled()
            try await house.expectPhoto(final, of: [1, 2, 1, 2])
        }
    }

    @Test("a node dies while it puts a final upload together, and another goes on", arguments: FleetStorage.allCases)
    func death(_ storage: FleetStorage) async throws {
        try await withFleet(storage) { house in
            let line = FailingDatabase(house.database)
            let (dead, alive) = (try house.start(database: line), try house.start())
            let bytes = quickBytes(13_000_000, seed: 66)
            let part = try await create(house, dead, 13_000_000, .partial)
            _ = try await dead.patch(part, at: 0, chunked(bytes[...]), contentLength: 13_000_000)
            let open = try await create(house, dead, 1, .partial)
            let final = try await create(house, dead, nil, .final([part, open], header: "final;"))
            await dead.settled()
            // Its machine dies with the lease, and the other one's settlement finds nothing to do.
            let store = UploadStore(database: house.database)
            #expect(try await store.lease(final, to: "dead", at: house.clock.now()))
            line.failWrites(true)
            _ = try await alive.patch(open, at: 0, body([[7]]), contentLength: 1)
            await alive.settled()
            #expect(try await alive.service.find(final)?.state == .joining)
            try await alive.worker.sweeper.relieve()
            house.clock.advance(LeaseWatch.patience)
            try await alive.worker.sweeper.relieve()
            await alive.settled()
            try await house.expectPhoto(final, of: bytes + [7])
            await alive.shutdown()
            await dead.shutdown()
        }
    }

    @Test("a body whose checksum does not match leaves the parts as they were, and its hash")
    func checksumMismatch() async throws {
        try await withNodes(.parts) { house, first, _ in
            let parts = try #require(house.parts)
            let bytes = quickBytes(12_000_000, seed: 67)
            let id = try await first.create(house.creation(12_000_000))
            _ = try await first.patch(id, at: 0, chunked(bytes[..<700_000]), contentLength: 700_000)
            let lie = await problem {
                try await first.patch(
                    id, at: 700_000, chunked(quickBytes(11_300_000, seed: 68)[...]), contentLength: 11_300_000,
                    checksum: checksum(.sha1, [0]))
            }
            #expect(lie == TusMachine.checksumMismatch)
            #expect(try await first.service.status(id).offset == 700_000)
            _ = try await first.patch(
                id, at: 700_000, chunked(bytes[700_000...]), contentLength: 11_300_000,
                checksum: checksum(.md5, bytes[700_000...]))
            await first.settled()
            #expect(parts.reads.withLockedValue { $0 } == 0)
            try await house.expectPhoto(id, of: bytes)
        }
    }
}
