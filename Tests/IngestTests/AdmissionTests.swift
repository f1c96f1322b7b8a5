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
            let creation = house.creation(3, sha256: Self.sha256, hasBody: true)
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

    @Test("must be in that very session, and be named whole")
    func unknown() async throws {
        try await withIngest { house, ingest in
            _ = try await send(house, ingest)
            var elsewhere = house.creation(3, sha256: Self.sha256)
            elsewhere.declaration.target = SessionID(at: house.clock.now()).description
            var part = house.creation(3, sha256: Self.sha256)
            part.concat = .partial
            for creation in [elsewhere, part, house.creation(3), house.creation(nil, sha256: Self.sha256)] {
                let id = try await ingest.create(creation)
                #expect(try await ingest.service.find(id)?.state == .receiving)
            }
        }
    }
}
