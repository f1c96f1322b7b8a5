import Core
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Ingest

@Suite("The largest file of a type")
struct SizeLimitTests {
    /// Takes JPEGs of four bytes.
    private let door = OpenDoor(largest: ["image/jpeg": 4])

    private func isRefusal(_ problem: Problem?) -> Bool { problem == .fileTooLarge(forType: 4) }

    @Test("bounds what comes without a length, and the length that comes later")
    func deferredLength() async throws {
        try await withIngest(door: door) { house, ingest in
            let id = try await ingest.create(house.creation(nil))
            #expect(isRefusal(await problem { try await ingest.patch(id, at: 0, body([[1]]), contentLength: 5) }))
            #expect(isRefusal(await problem { try await ingest.patch(id, at: 0, body([[1]]), contentLength: 1, length: 5) }))
            #expect(isRefusal(await problem { try await ingest.patch(id, at: 0, body([[1, 2], [3, 4, 5]])) }))
            #expect(try await ingest.service.status(id).offset == 2)
            #expect(try await ingest.patch(id, at: 2, body([[3, 4]]), contentLength: 2, length: 4).state == .completing)
        }
    }

    @Test("leaves other types alone")
    func others() async throws {
        try await withIngest(door: door) { house, ingest in
            var creation = house.creation(nil)
            creation.declaration.contentType = "image/png"
            let id = try await ingest.create(creation)
            #expect(try await ingest.patch(id, at: 0, body([[1, 2], [3, 4, 5]]), length: 5).state == .completing)
        }
    }

    @Test("bounds whole files that do not say how long they are, and nothing of them stays")
    func wholeFile() async throws {
        try await withIngest(door: door) { house, ingest in
            let declaration = house.creation(nil).declaration
            let refusal = await problem {
                try await ingest.service.put(declaration, from: .anonymous, expecting: nil, body([[1, 2], [3, 4, 5]]))
            }
            #expect(isRefusal(refusal))
            let open: Int? = try await house.database.read { tx in
                try tx.first("SELECT COUNT(*) AS total FROM uploads WHERE state <> 'terminated'")?.get("total")
            }
            #expect(open == 0)
            let whole = try await ingest.service.put(declaration, from: .anonymous, expecting: nil, body([[1, 2], [3, 4]]))
            #expect(whole.state == .completing)
        }
    }

    @Test("ends an upload of the drafts that goes beyond it, and one that is closed with too much")
    func drafts() async throws {
        try await withIngest(door: door) { house, ingest in
            var creation = house.creation(nil)
            creation.isOpen = true
            let id = try await ingest.create(creation)
            let append = UploadAppend(offset: 0, newLength: nil, room: 100, isStrict: true)
            func send(_ append: UploadAppend, _ id: UploadID, _ pieces: [[UInt8]]) async -> Problem? {
                await problem { try await ingest.service.append(to: id, from: .anonymous, body(pieces)) { _ in append } }
            }
            #expect(isRefusal(await send(append, id, [[1, 2, 3], [4, 5]])))
            let ended = try #require(try await ingest.service.find(id))
            #expect(ended.state == .failed)
            let other = try await ingest.create(creation)
            try await house.database.write { try $0.execute("UPDATE uploads SET synced_offset = 5, boot_id = '' WHERE id = \(other)") }
            try Data(repeating: 1, count: 5).write(to: URL(fileURLWithPath: house.path(of: other)))
            #expect(isRefusal(await send(UploadAppend(offset: 5, newLength: nil, room: 95, closes: true), other, [])))
            #expect(try await ingest.service.find(other)?.state == .receiving)
        }
    }

    @Test("bounds a final upload that was begun before its parts had a length")
    func unfinished() async throws {
        try await withIngest(door: door) { house, ingest in
            var creation = house.creation(nil)
            creation.concat = .partial
            let parts = [try await ingest.create(creation), try await ingest.create(creation)]
            creation.concat = .final(parts, header: "final;")
            let final = try await ingest.service.create(creation, from: .anonymous, expecting: 0, body([]))
            for part in parts { _ = try await ingest.patch(part, at: 0, body([[1, 2, 3]]), contentLength: 3, length: 3) }
            await ingest.settled()
            let failed = try #require(try await ingest.service.find(final.id))
            #expect(failed.state == .failed && failed.failure == "too_large")
        }
    }
}
