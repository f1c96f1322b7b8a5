import Core
import Crypto
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import TestSupport
import Testing

@testable import Ingest

/// Counts how often the body of a write ran again.
private final class CountingDatabase: Core.Database {
    private let inner: any Core.Database
    private let count = NIOLockedValueBox(0)

    init(_ inner: any Core.Database) { self.inner = inner }

    var repetitions: Int { count.withLockedValue { $0 } }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try await inner.read(body)
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try await write(.serializable, body)
    }

    func write<Value: Sendable>(
        _ isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        let runs = NIOLockedValueBox(0)
        return try await inner.write(isolation) { [count] tx in
            let isFirst = runs.withLockedValue { runs in
                runs += 1
                return runs == 1
            }
            if !isFirst { count.withLockedValue { $0 += 1 } }
            return try body(tx)
        }
    }
}

@Suite("Quotas")
struct QuotaTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private let me = Principal.user(UserID(at: now), role: .photographer, device: DeviceID(at: now))

    private func key() -> Principal {
        .key(GrantID(at: Self.now), owner: UserID(at: Self.now), role: .photographer, scopes: [.upload])
    }

    @Test("of a session count what is declared, and what comes without a length once it is known")
    func bytes() async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(bytes: 10) } _: { house, ingest in
            let first = try await ingest.create(house.creation(6))
            let open = try await ingest.create(house.creation(nil))
            let refusal = await problem { try await ingest.create(house.creation(5)) }
            #expect(refusal?.status == 413)
            #expect(refusal?.code == "quota_exceeded")
            #expect(refusal?.members["holder"] == .string("session"))
            _ = try await ingest.patch(open, at: 0, body([[1, 2, 3]]), contentLength: 3)
            let tooLong = await problem { try await ingest.patch(open, at: 3, body([[4, 5]]), contentLength: 2, length: 5) }
            #expect(tooLong?.code == "quota_exceeded")
            #expect(try await ingest.patch(open, at: 3, body([[4]]), contentLength: 1, length: 4).state == .completing)
            try await ingest.service.terminate(first)
            _ = try await ingest.create(house.creation(5))
        }
    }

    @Test("leave a session room beside what is stored and under way")
    func room() async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(files: 3, bytes: 10) } _: { house, ingest in
            let session = house.session
            let room = SessionRoom(
                configuration: ingest.service.configuration, database: house.database, admission: house.door, clock: house.clock)
            #expect(try await room.room(in: session) == UploadQuota(files: 3, bytes: 10))
            _ = try await ingest.create(house.creation(4))
            #expect(try await room.room(in: session) == UploadQuota(files: 2, bytes: 6))
        }
    }

    @Test("bound what comes without a length, whether the request says how much it brings or not")
    func lengthless() async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(bytes: 10) } _: { house, ingest in
            _ = try await ingest.create(house.creation(4))
            let open = try await ingest.create(house.creation(nil))
            let announced = await problem { try await ingest.patch(open, at: 0, body([[1]]), contentLength: 7) }
            #expect(announced?.code == "quota_exceeded")
            let sent = await problem { try await ingest.patch(open, at: 0, body([[1, 2], [3, 4], [5, 6, 7]])) }
            #expect(sent?.code == "quota_exceeded")
            #expect(try await ingest.service.status(open).offset == 4)
            #expect(try await ingest.patch(open, at: 4, body([[5, 6]])).offset == 6)
            #expect(await problem { try await ingest.patch(open, at: 6, body([[7]])) }?.status == 413)
            #expect(try await ingest.service.status(open).offset == 6)
        }
    }

    @Test("hold for bodies without a length that come beside each other: each is cut off at its next checkpoint")
    func parallel() async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(bytes: 12 << 20) } _: { house, ingest in
            let piece = ByteBuffer(repeating: 7, count: 4 << 20)
            let (one, other) = (try await ToldBody(house, ingest), try await ToldBody(house, ingest))
            for _ in 0..<2 { try await one.send(piece) }
            // Each has the whole quota for itself when it begins.
            try await other.send(piece)
            for (body, more) in [(other, ByteBuffer(bytes: [8])), (one, piece)] {
                let range = body.range
                body.feed.yield(more)
                body.feed.finish()
                let refusal = await problem { try await body.running.value }
                #expect(refusal?.status == 413 && refusal?.code == "quota_exceeded")
                #expect(range.contains(try await ingest.service.status(body.id).offset))
                #expect(try await ingest.service.find(body.id)?.state == .receiving)
            }
        }
    }

    @Test("hold for bodies that count only once they are verified")
    func verified() async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(bytes: 10) } _: { house, ingest in
            let digest = Data(Insecure.SHA1.hash(data: [1, 2, 3, 4, 5, 6] as [UInt8])).base64EncodedString()
            var feeds: [ByteStream.Continuation] = []
            var running: [(id: UploadID, task: Task<Upload, any Error>)] = []
            for _ in 0..<2 {
                let id = try await ingest.create(house.creation(nil))
                let (stream, feed) = ByteStream.makeStream()
                running.append((id, Task {
                    try await ingest.patch(id, at: 0, .init(body: stream), checksum: "sha1 \(digest)")
                }))
                feed.yield(ByteBuffer(bytes: [1, 2, 3]))
                try await house.hasBegun(id)
                feeds.append(feed)
            }
            for feed in feeds {
                feed.yield(ByteBuffer(bytes: [4, 5, 6]))
                feed.finish()
            }
            var offsets: [Int64] = []
            for (id, task) in running {
                if let refusal = await problem({ try await task.value }) { #expect(refusal.code == "quota_exceeded") }
                offsets.append(try await ingest.service.status(id).offset)
            }
            #expect(offsets.sorted() == [0, 6])
        }
    }

    @Test("are looked at again when an upload ends that never said its length")
    func closing() async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(bytes: 10) } _: { house, ingest in
            var creation = house.creation(nil)
            creation.isOpen = true
            let ids = [try await ingest.create(creation), try await ingest.create(creation)]
            for id in ids { _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3) }
            let last = UploadAppend(offset: 3, newLength: nil, room: 100, closes: true)
            _ = try await ingest.service.append(to: ids[0], from: .anonymous, body([[4, 5, 6]])) { _ in last }
            await ingest.settled()
            #expect(try await house.photos().count == 1)
            try await house.database.write { try $0.execute("UPDATE uploads SET length = 9, state = 'completing' WHERE id = \(ids[0])") }
            let refusal = await problem {
                try await ingest.service.append(to: ids[1], from: .anonymous, body([])) { _ in last }
            }
            #expect(refusal?.code == "quota_exceeded")
            #expect(try await ingest.service.find(ids[1])?.state == .receiving)
        }
    }

    @Test("take a final upload for its parts, each of them once")
    func concatenation() async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(files: 1, bytes: 10) } _: { house, ingest in
            func part(_ bytes: [UInt8]) async throws -> UploadID {
                var creation = house.creation(nil)
                creation.concat = .partial
                let id = try await ingest.create(creation)
                _ = try await ingest.patch(id, at: 0, body([bytes]), contentLength: Int64(bytes.count), length: Int64(bytes.count))
                return id
            }
            func join(_ parts: [UploadID]) async throws -> UploadID {
                var creation = house.creation(nil)
                creation.concat = .final(parts, header: "final;")
                return try await ingest.service.create(creation, from: .anonymous, expecting: 0, body([])).id
            }
            let parts = [try await part([1, 2, 3]), try await part([4, 5])]
            let tooLong = await problem { try await join([parts[0], parts[0], parts[0], parts[1]]) }
            #expect(tooLong?.code == "quota_exceeded")
            _ = try await join(parts)
            await ingest.settled()
            #expect(try await house.photos().count == 1)
        }
    }

    @Test("count the bytes of parts once, as those of the final upload that uses them")
    func countedOnce() async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(bytes: 10) } _: { house, ingest in
            func create(_ length: Int64?, _ concat: UploadConcat = .alone) async throws -> UploadID {
                var creation = house.creation(length)
                creation.concat = concat
                if case .final = concat {
                    return try await ingest.service.create(creation, from: .anonymous, expecting: 0, body([])).id
                }
                return try await ingest.create(creation)
            }
            func isFull() async -> Bool { await problem { try await create(1) }?.code == "quota_exceeded" }
            let part = try await create(3, .partial)
            let deferred = try await create(nil, .partial)
            _ = try await ingest.patch(deferred, at: 0, body([[1, 2]]), contentLength: 2, length: 2)
            // One that ends again, one whose parts are not whole yet.
            try await ingest.service.terminate(try await create(nil, .final([part, deferred], header: "final;")))
            let refusal = await problem { try await create(6) }
            #expect(refusal?.code == "quota_exceeded")
            let final = try await create(nil, .final([part, deferred], header: "final;"))
            let other = try await create(5)
            #expect(await isFull())
            _ = try await ingest.patch(part, at: 0, body([[1, 2, 3]]), contentLength: 3)
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.state == .completed)
            // Here a file counts no more; its parts are kept for a while.
            #expect(try await ingest.service.find(part)?.state == .kept)
            _ = try await create(5)
            #expect(await isFull())
            try await ingest.service.terminate(other)
            // They can be used again, for another file with bytes of its own.
            _ = try await create(nil, .final([part, deferred], header: "final;"))
            #expect(await problem { try await create(6) }?.code == "quota_exceeded")
        }
    }

    @Test("count parts whose final upload came to nothing, or which were ended while one waits for them", arguments: [true, false])
    func countedAgain(isEnded: Bool) async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(bytes: 10) } _: { house, ingest in
            var creation = house.creation(6)
            creation.concat = .partial
            let part = try await ingest.create(creation)
            creation.declaration.length = nil
            let growing = try await ingest.create(creation)
            creation.concat = .final(isEnded ? [part, growing] : [part], header: "final;")
            creation.declaration.sha256 = String(repeating: "0", count: 64)
            let final = try await ingest.service.create(creation, from: .anonymous, expecting: 0, body([]))
            _ = try await ingest.patch(part, at: 0, body([[1, 2, 3, 4, 5, 6]]), contentLength: 6)
            if isEnded { try await ingest.service.terminate(part) }
            await ingest.settled()
            #expect(try await ingest.service.find(final.id)?.state == (isEnded ? .joining : .failed))
            #expect(await problem { try await ingest.create(house.creation(5)) }?.code == "quota_exceeded")
            _ = try await ingest.create(house.creation(4))
        }
    }

    @Test("hold for a final upload that was begun before its parts had a length")
    func unfinished() async throws {
        try await withIngest { $0.sessionQuota = UploadQuota(bytes: 10) } _: { house, ingest in
            var creation = house.creation(nil)
            creation.concat = .partial
            let part = try await ingest.create(creation)
            creation.concat = .final([part, part, part], header: "final;")
            let final = try await ingest.service.create(creation, from: .anonymous, expecting: 0, body([]))
            _ = try await ingest.patch(part, at: 0, body([[1, 2, 3, 4]]), contentLength: 4, length: 4)
            await ingest.settled()
            let failed = try #require(try await ingest.service.find(final.id))
            #expect(failed.state == .failed && failed.failure == "quota_exceeded")
        }
    }

    @Test("cannot be overrun by files that begin at the same time")
    func concurrent() async throws {
        try await withHouse { house in
            let database = CountingDatabase(house.database)
            let ingest = try house.start(database: database) {
                $0.accountQuota = UploadQuota(files: 5)
                $0.openUploadsPerUploader = 200
            }
            let refusals = await withTaskGroup(of: (any Error)?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do {
                            _ = try await ingest.create(house.creation(1), from: me)
                            return nil
                        } catch { return error }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(refusals.count { $0 == nil } == 5)
            for refusal in refusals.compactMap(\.self) { #expect((refusal as? Problem)?.code == "quota_exceeded") }
            // Nobody had to begin again because of the others.
            #expect(database.repetitions == 0)
            await ingest.shutdown()
        }
    }

    @Test("cost nothing for those who have none")
    func unlimited() async throws {
        try await withIngest { $0.accountQuota = UploadQuota(bytes: 9) } _: { house, ingest in
            let id = try await ingest.create(house.creation(1))
            _ = try await ingest.patch(id, at: 0, body([[1]]), contentLength: 1)
            let lengthless = try await ingest.create(house.creation(nil))
            _ = try await ingest.patch(lengthless, at: 0, body([[1]]), length: 1)
            #expect(house.door.asked.withLockedValue { $0 } == [])
            _ = try await ingest.create(house.creation(1), from: me)
            #expect(house.door.asked.withLockedValue { $0 } == [.account(me.userID!)])
        }
    }

    @Test("of an account can be its own in place of the house's, smaller or larger")
    func ownOfAccounts() async throws {
        for (own, isEnough) in [(UploadQuota(bytes: 5), false), (UploadQuota(bytes: 20), true), (UploadQuota(files: 9), false)] {
            try await withIngest({ $0.accountQuota = UploadQuota(bytes: 9) }, door: OpenDoor(accounts: [me.userID!: own])) { house, ingest in
                let refusal = await problem { try await ingest.create(house.creation(10), from: me) }
                #expect(refusal?.code == (isEnough ? nil : "quota_exceeded"))
                let usage = try await ingest.service.usage(of: me.userID!)
                #expect(usage == UsageView(files: isEnough ? 1 : 0, bytes: isEnough ? 10 : 0, maxFiles: own.files, maxBytes: own.bytes ?? 9))
                let lengthless = try await ingest.create(house.creation(nil), from: me)
                let excess = await problem { _ = try await ingest.patch(lengthless, at: 0, body([Array(repeating: 1, count: 11)]), length: 11, from: me) }
                #expect(excess?.code == "quota_exceeded")
            }
        }
    }

    @Test("of a key leave others alone")
    func keys() async throws {
        try await withIngest { $0.grantQuota = UploadQuota(open: 1) } _: { house, ingest in
            let (one, other) = (key(), key())
            let id = try await ingest.create(house.creation(1), from: one)
            #expect(await problem { try await ingest.create(house.creation(1), from: one) }?.code == "too_many_uploads")
            _ = try await ingest.create(house.creation(1), from: other)
            _ = try await ingest.create(house.creation(1), from: me)
            _ = try await ingest.patch(id, at: 0, body([[1]]), contentLength: 1, from: one)
            await ingest.settled()
            _ = try await ingest.create(house.creation(1), from: one)
        }
    }

    @Test("that forbid everything are no configuration")
    func faults() {
        var configuration = IngestConfiguration()
        configuration.grantQuota = UploadQuota(open: 0)
        #expect(configuration.faults.count == 1)
        configuration.grantQuota = UploadQuota(files: -1)
        #expect(configuration.faults.count == 1)
    }
}
