import Core
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import Ingest

@Suite("A file that the session has already")
struct KnownFileTests {
    private static let sha256 = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"

    private func send(_ house: House, _ ingest: Ingest) async throws -> UploadID {
        let id = try await ingest.create(house.creation(3))
        _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
        await ingest.settled()
        return id
    }

    @Test("is complete from the beginning, and takes the last request of a client that does not notice")
    func known() async throws {
        try await withIngest { house, ingest in
            let first = try await send(house, ingest)
            let creation = house.creation(3, sha256: Self.sha256, hasBody: true, acceptsKnown: true)
            let known = try await ingest.service.create(creation, from: .anonymous, expecting: 3, body([[9, 9, 9]]))
            #expect(known.state == .completed)
            #expect(known.photoID == PhotoID(first))
            #expect(try await ingest.service.store.sha256(of: known.id) == Self.sha256)
            let headers = ingest.service.machine.created(known, location: "/x", withBody: false)
            #expect(headers[.uploadOffset] == "3")
            #expect(headers[.uploadLength] == "3")
            #expect(headers[.uploadExpires] == nil)
            #expect(try await ingest.service.status(known.id).offset == 3)
            #expect(try await ingest.patch(known.id, at: 3, body([]), contentLength: 0).photoID == PhotoID(first))
            #expect(await problem { try await ingest.patch(known.id, at: 3, body([[1]]), contentLength: 1) }?.status == 413)
            try await ingest.service.terminate(known.id)
            await ingest.settled()
            #expect(try await house.photos().count == 1)
        }
    }

    @Test("leaves one row of each sender, however often it is announced and ended")
    func rows() async throws {
        try await withIngest { house, ingest in
            let first = try await send(house, ingest)
            func count() async throws -> Int { try await house.database.read { try $0.query("SELECT id FROM uploads").count } }
            func sender() -> Principal {
                .user(UserID(at: house.clock.now()), role: .member, device: DeviceID(at: house.clock.now()))
            }
            let (one, other) = (sender(), sender())
            let known = try await ingest.create(house.creation(3, sha256: Self.sha256, acceptsKnown: true), from: one)
            for number in 1...3 {
                house.clock.advance(.seconds(1))
                var creation = house.creation(3, sha256: Self.sha256, acceptsKnown: true)
                (creation.metadata, creation.declaration.filename) = ("filename \(number)", "\(number).jpg")
                #expect(try await ingest.create(creation, from: one) == known)
                let row = try #require(try await ingest.service.find(known))
                #expect(row.metadata == "filename \(number)" && row.declaration.filename == "\(number).jpg")
                #expect(row.state == .completed && row.photoID == PhotoID(first) && row.updatedAt == house.clock.now())
            }
            #expect(try await ingest.create(house.creation(3, sha256: Self.sha256, acceptsKnown: true), from: other) != known)
            #expect(try await count() == 3)
            var last = known
            for _ in 1...3 {
                try await ingest.service.terminate(last)
                #expect(try await ingest.service.find(last)?.state == .terminated)
                let next = try await ingest.create(house.creation(3, sha256: Self.sha256, acceptsKnown: true), from: one)
                #expect(next != last)
                last = next
            }
            await ingest.settled()
            #expect(try await count() == 3)
            // What was really sent is not touched.
            let real = try await ingest.create(house.creation(3, sha256: Self.sha256, acceptsKnown: true))
            #expect(real != first)
            #expect(try await ingest.service.find(first)?.state == .completed)
            #expect(try await ingest.service.store.sha256(of: last) == Self.sha256)
        }
    }

    @Test("may be announced by many requests of one sender at once")
    func concurrent() async throws {
        try await withIngest { house, ingest in
            let first = try await send(house, ingest)
            for _ in 0..<2 {
                let states = try await withThrowingTaskGroup(of: (UploadState, PhotoID?).self) { group in
                    for _ in 0..<24 {
                        group.addTask {
                            let creation = house.creation(3, sha256: Self.sha256, acceptsKnown: true)
                            let upload = try await ingest.service.create(creation, from: .anonymous).0
                            return (upload.state, upload.photoID)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(states.count == 24 && states.allSatisfy { $0 == (.completed, PhotoID(first)) })
            }
            #expect(try await house.database.read { try $0.query("SELECT id FROM uploads").count } == 2)
        }
    }

    @Test("is that only if it is in that very session and named whole, and for a client that has asked for it")
    func unknown() async throws {
        try await withIngest { house, ingest in
            _ = try await send(house, ingest)
            var elsewhere = house.creation(3, sha256: Self.sha256, acceptsKnown: true)
            elsewhere.declaration.target = SessionID(at: house.clock.now()).description
            var part = house.creation(3, sha256: Self.sha256, acceptsKnown: true)
            part.concat = .partial
            let others = [
                house.creation(3, acceptsKnown: true), house.creation(nil, sha256: Self.sha256, acceptsKnown: true),
                house.creation(3, sha256: Self.sha256),
            ]
            for creation in [elsewhere, part] + others {
                let id = try await ingest.create(creation)
                #expect(try await ingest.service.find(id)?.state == .receiving)
            }
        }
    }
}
