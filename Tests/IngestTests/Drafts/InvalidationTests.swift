import Core
import NIOCore
import Testing

@testable import Ingest

@Suite("An upload that got more bytes than its length")
struct InvalidationTests {
    @Test("is given up by who holds it, and by nobody else", arguments: [false, true])
    func generation(isTakenOver: Bool) async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(4))
            let (stream, feed) = ByteStream.makeStream()
            // Nothing is recorded of such a body before its end, so nothing else tells that it has been taken over.
            let check = BodyCheck(checksum: BodyChecksum(.sha1, expected: [UInt8](repeating: 0, count: 20)))
            let request = Task {
                try await ingest.service.append(to: id, from: .anonymous, .init(body: stream)) { _ in
                    UploadAppend(offset: 0, room: 4, check: check, isStrict: true)
                }
            }
            feed.yield(ByteBuffer(bytes: [1]))
            for await _ in house.events.news.stream { break }
            let now = house.clock.now()
            if isTakenOver { _ = try await ingest.service.store.seize(id, at: now, expiresAt: now + .seconds(3600)) }
            feed.yield(ByteBuffer(bytes: [2, 3, 4, 5]))
            feed.finish()
            #expect(await problem { try await request.value } == (isTakenOver ? TusMachine.locked : DraftMachine.exceeded))
            #expect(try await ingest.service.find(id)?.state == (isTakenOver ? .receiving : .failed))
        }
    }
}
