import Core
import Foundation
import Testing

@testable import Ingest

@Suite("A part that can never be whole")
struct FailedPartTests {
    @Test("fails the final upload at once, though others still grow, and says why", arguments: [
        "bytes_lost", "part_gone",
    ])
    func failedPart(code: String) async throws {
        try await withIngest { house, ingest in
            let (growing, failing) = (try await ingest.create(house.partial(4)), try await ingest.create(house.partial(4)))
            _ = try await ingest.patch(failing, at: 0, body([[1, 2]]), contentLength: 2)
            let final = try await ingest.join(house.final([growing, failing]))
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.state == .joining)
            if code == "bytes_lost" {
                try Data([1]).write(to: URL(fileURLWithPath: house.path(of: failing)))
                #expect(await problem { try await ingest.service.status(failing) } == TusMachine.gone)
            } else {
                let excess = await problem {
                    try await ingest.service.append(to: failing, from: .anonymous, body([[3, 4, 5]])) { _ in
                        UploadAppend(offset: 2, room: 2, isStrict: true)
                    }
                }
                #expect(excess == DraftMachine.exceeded)
            }
            await ingest.settled()
            let row = try #require(try await ingest.service.find(final))
            #expect(row.state == .failed && row.failure == code)
            #expect(await problem { try await ingest.patch(growing, at: 0, body([[1]]), contentLength: 1) } == nil)
        }
    }

    @Test("fails it in the end, if nobody came to say so")
    func failedPartUnsaid() async throws {
        try await withIngest { house, ingest in
            let (growing, failing) = (try await ingest.create(house.partial(4)), try await ingest.create(house.partial(4)))
            let final = try await ingest.join(house.final([growing, failing]))
            await ingest.settled()
            let upload = try #require(try await ingest.service.find(failing))
            #expect(try await ingest.service.store.invalidate(upload, because: "bytes_lost", at: house.clock.now()))
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            #expect(try await ingest.service.find(final)?.failure == "bytes_lost")
        }
    }
}
