import Core
import Database
import NIOCore
import TestSupport
import Testing

@testable import Ingest

@Suite("One uploader")
struct UploaderLimitTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private let account = UserID(at: now)

    private func key(of account: UserID) -> Principal {
        .key(GrantID(at: Self.now), owner: account, role: .photographer, scopes: [.upload])
    }

    private func guest() -> Principal {
        .guest(
            GrantToken(
                grantID: GrantID(at: Self.now), sessionID: SessionID(at: Self.now), rights: [.view, .upload],
                expiresAt: Self.now + .seconds(3600)))
    }

    @Test("is an account with all its keys and devices, or one guest")
    func identity() {
        let device = Principal.user(account, role: .member, device: DeviceID(at: Self.now))
        #expect(Uploader(key(of: account)) == Uploader(key(of: account)))
        #expect(Uploader(key(of: account)) == Uploader(device))
        #expect(Uploader(guest()) != Uploader(guest()))
        #expect(Uploader(key(of: UserID(at: Self.now))) != Uploader(device))
    }

    @Test("has so many uploads open; those that end or expire make room")
    func openUploads() async throws {
        try await withIngest { $0.openUploadsPerUploader = 3 } _: { house, ingest in
            let me = key(of: account)
            var ids: [UploadID] = []
            for _ in 0..<3 { ids.append(try await ingest.create(house.creation(2), from: me)) }
            let refusal = await problem { try await ingest.create(house.creation(2), from: key(of: account)) }
            #expect(refusal?.status == 429)
            #expect(refusal?.code == "too_many_uploads")
            #expect(refusal?.headers["Retry-After"] != nil)
            _ = try await ingest.create(house.creation(2), from: guest())
            _ = try await ingest.patch(ids[0], at: 0, body([[1, 2]]), contentLength: 2, from: me)
            _ = try await ingest.create(house.creation(2), from: me)
            try await ingest.service.terminate(ids[1])
            _ = try await ingest.create(house.creation(2), from: me)
            #expect(await problem { try await ingest.create(house.creation(2), from: me) }?.status == 429)
            house.clock.advance(.seconds(25 * 3600))
            _ = try await ingest.create(house.creation(2), from: me)
        }
    }

    @Test("has no more open for beginning them at the same time")
    func atOnce() async throws {
        try await withIngest { $0.openUploadsPerUploader = 5 } _: { house, ingest in
            let me = key(of: account)
            let refusals = await withTaskGroup(of: Problem?.self) { group in
                for _ in 0..<20 { group.addTask { await problem { try await ingest.create(house.creation(2), from: me) } } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(refusals.count { $0 == nil } == 5)
            #expect(refusals.count { $0?.code == "too_many_uploads" } == 15)
        }
    }

    @Test("has among them those begun before uploaders were recorded")
    func migration() async throws {
        try await withIngest { $0.openUploadsPerUploader = 1 } _: { house, ingest in
            _ = try await ingest.create(house.creation(2), from: key(of: account))
            let migrator = try Migrator(house.database, migrations: IngestMigrations.all + [PhotoTable.migration])
            #expect(try await migrator.down(to: 400) == [9000] + IngestMigrations.all.map(\.number).filter { $0 > 400 }.reversed())
            try await migrator.up()
            #expect(await problem { try await ingest.create(house.creation(2), from: key(of: account)) }?.status == 429)
        }
    }

    @Test("sends so many files at once, others are not in the way")
    func transfers() async throws {
        try await withIngest { $0.transfersPerUploader = 1 } _: { house, ingest in
            let (me, other) = (key(of: account), guest())
            let first = try await ingest.create(house.creation(2), from: me)
            let second = try await ingest.create(house.creation(2), from: me)
            let (stream, feed) = ByteStream.makeStream()
            let running = Task { try await ingest.patch(first, at: 0, .init(body: stream), contentLength: 2, from: me) }
            feed.yield(ByteBuffer(bytes: [1]))
            for await _ in house.events.news.stream { break }
            let refusal = await problem { try await ingest.patch(second, at: 0, body([[1, 2]]), contentLength: 2, from: me) }
            #expect(refusal?.code == "too_many_uploads")
            #expect(try await ingest.patch(second, at: 0, body([[1]]), contentLength: 1, from: other).offset == 1)
            feed.yield(ByteBuffer(bytes: [2]))
            feed.finish()
            #expect(try await running.value.state == .completing)
            #expect(try await ingest.patch(second, at: 1, body([[2]]), contentLength: 1, from: me).state == .completing)
        }
    }

    @Test("sends a hundred files at once with one key")
    func hundred() async throws {
        try await withIngest { house, ingest in
            let me = key(of: account)
            var feeds: [ByteStream.Continuation] = []
            try await withThrowingTaskGroup(of: UploadState.self) { group in
                for _ in 0..<100 {
                    let id = try await ingest.create(house.creation(2), from: me)
                    let (stream, feed) = ByteStream.makeStream()
                    feeds.append(feed)
                    group.addTask {
                        try await ingest.patch(id, at: 0, .init(body: stream), contentLength: 2, from: me).state
                    }
                }
                try await eventually("all to run") { await ingest.service.registry.count == 100 ? () : nil }
                for feed in feeds {
                    feed.yield(ByteBuffer(bytes: [1, 2]))
                    feed.finish()
                }
                for try await state in group { #expect(state == .completing) }
            }
        }
    }
}
