import Core
import Crypto
import Foundation
import NIOCore
import ObjectStore
import TestSupport
import Testing

@testable import Ingest

private struct ConnectionLost: Error {}

@Suite("Receiving")
struct ReceivingTests {
    @Test("keeps the bytes of several requests in their order, and hands the whole file over")
    func severalRequests() async throws {
        try await withIngest { house, ingest in
            let bytes = randomBytes(900_000, seed: 1)
            let id = try await ingest.create(house.creation(900_000))
            let first = try await ingest.patch(id, at: 0, body([Array(bytes[..<300_001])]), contentLength: 300_001)
            #expect(first.offset == 300_001)
            #expect(first.state == .receiving)
            let pieces = stride(from: 300_001, to: 900_000, by: 7001).map { Array(bytes[$0..<min($0 + 7001, 900_000)]) }
            let last = try await ingest.patch(id, at: 300_001, body(pieces), contentLength: 599_999)
            #expect(last.offset == 900_000)
            #expect(last.state == .completing)
            await ingest.settled()
            let done = try #require(try await ingest.service.find(id))
            #expect(done.state == .completed)
            #expect(done.photoID == PhotoID(id))
            #expect(try await house.photos() == [SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()])
            let object = try #require(house.disk.localPath(of: done.objectKey))
            #expect(try Data(contentsOf: URL(fileURLWithPath: object)) == Data(bytes))
            #expect(!FileManager.default.fileExists(atPath: house.path(of: id)))
        }
    }

    @Test("keeps what came before the connection broke")
    func brokenConnection() async throws {
        try await withIngest { house, ingest in
            let bytes = randomBytes(400_000, seed: 2)
            let id = try await ingest.create(house.creation(1_000_000))
            let broken = body([Array(bytes[..<300_000]), Array(bytes[300_000...])], then: ConnectionLost())
            #expect(await problem { try await ingest.patch(id, at: 0, broken) }?.code == "incomplete_body")
            #expect(try await ingest.service.status(id).offset == 400_000)
            #expect(try Data(contentsOf: URL(fileURLWithPath: house.path(of: id))) == Data(bytes))
        }
    }

    @Test("notices a body that ends early without a word")
    func earlyEnd() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(100))
            let short = await problem { try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 100) }
            #expect(short?.code == "incomplete_body")
            #expect(try await ingest.service.status(id).offset == 3)
        }
    }

    @Test("lets a newer request take over, with everything that had come")
    func takeover() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(1000))
            let (stream, feed) = ByteStream.makeStream()
            let older = Task { try await ingest.patch(id, at: 0, .init(body: stream), contentLength: 1000) }
            feed.yield(ByteBuffer(repeating: 1, count: 400))
            for await _ in house.events.news.stream { break }
            let status = try await within { try await ingest.service.status(id) }
            #expect(status.offset == 400)
            #expect(await problem { try await older.value } == TusMachine.locked)
            let last = try await ingest.patch(id, at: 400, body([[UInt8](repeating: 2, count: 600)]), contentLength: 600)
            #expect(last.offset == 1000)
        }
    }

    @Test("keeps what came when the request's own task is cancelled")
    func cancellation() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(1000))
            let (stream, feed) = ByteStream.makeStream()
            let request = Task { try await ingest.patch(id, at: 0, .init(body: stream), contentLength: 1000) }
            feed.yield(ByteBuffer(repeating: 1, count: 400))
            for await _ in house.events.news.stream { break }
            request.cancel()
            _ = await request.result
            #expect(try await ingest.service.find(id)?.offset == 400)
        }
    }

    @Test("takes what fits and refuses the rest")
    func excess() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(10))
            let refusal = await problem { try await ingest.patch(id, at: 0, body([[UInt8](repeating: 1, count: 11)])) }
            #expect(refusal?.code == "too_large")
            #expect(try await ingest.service.status(id).offset == 10)
            let other = try await ingest.create(house.creation(10))
            let early = await problem {
                try await ingest.patch(other, at: 0, body([[UInt8](repeating: 1, count: 11)]), contentLength: 11)
            }
            #expect(early?.code == "too_large")
            #expect(try await ingest.service.status(other).offset == 0)
        }
    }

    @Test("refuses an offset that is not the upload's, and changes nothing")
    func mismatch() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(10))
            _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            let refusal = await problem { try await ingest.patch(id, at: 2, body([[9]]), contentLength: 1) }
            #expect(refusal?.status == 409)
            #expect(refusal?.headers["Upload-Offset"] == "3")
            #expect(try await ingest.service.status(id).offset == 3)
        }
    }

    @Test("accepts the last request again when its answer was lost")
    func repeatedLast() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(3))
            _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            await ingest.settled()
            #expect(try await ingest.patch(id, at: 3, body([]), contentLength: 0).offset == 3)
            #expect(await problem { try await ingest.patch(id, at: 3, body([[4]])) }?.code == "too_large")
            #expect(try await house.photos().count == 1)
        }
    }

    @Test("completes an empty file at once")
    func empty() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(0))
            await ingest.settled()
            #expect(try await ingest.service.find(id)?.state == .completed)
        }
    }

    @Test("learns the length of an upload later")
    func deferredLength() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(nil))
            #expect(try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3).length == nil)
            let last = try await ingest.patch(id, at: 3, body([[4, 5]]), contentLength: 2, length: 5)
            #expect(last.state == .completing)
            let other = try await ingest.create(house.creation(nil))
            _ = try await ingest.patch(other, at: 0, body([[1, 2, 3]]), contentLength: 3)
            #expect(try await ingest.patch(other, at: 3, body([]), contentLength: 0, length: 3).state == .completing)
        }
    }

    @Test("takes bytes along with the creation")
    func creationWithUpload() async throws {
        try await withIngest { house, ingest in
            let part = try await ingest.service.create(
                house.creation(5, hasBody: true), from: .anonymous, expecting: 3, body([[1, 2, 3]]))
            #expect(part.offset == 3)
            #expect(try await ingest.patch(part.id, at: 3, body([[4, 5]]), contentLength: 2).state == .completing)
        }
    }

    @Test("takes a whole file in one request, or nothing of it", arguments: [3, nil] as [Int64?])
    func put(_ length: Int64?) async throws {
        try await withIngest { house, ingest in
            let declaration = house.creation(length).declaration
            let whole = try await ingest.service.put(declaration, from: .anonymous, expecting: length, body([[1, 2], [3]]))
            #expect(whole.length == 3)
            #expect(whole.state == .completing)
            let broken = body([[1, 2]], then: ConnectionLost())
            #expect(
                await problem { try await ingest.service.put(declaration, from: .anonymous, expecting: length, broken) }?.code
                    == "incomplete_body")
            await ingest.settled()
            #expect(try await house.photos().count == 1)
        }
    }

    @Test("refuses what the disk has no room for")
    func fullDisk() async throws {
        try await withIngest { $0.freeSpaceReserve = .max / 2 } _: { house, ingest in
            #expect(await problem { try await ingest.create(house.creation(1)) }?.status == 507)
        }
    }

    @Test("reports progress to guests without the file's name, and always the end")
    func progress() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(3))
            _ = try await ingest.patch(id, at: 0, body([[1], [2], [3]]), contentLength: 3)
            let guests = house.events.events.filter { $0.topic == .session(house.session) }
            #expect(guests.count == 2)
            #expect(guests.allSatisfy { !$0.data.contains("a.jpg") && $0.key == id.description && $0.name == "upload_progress" })
            let desk = try #require(house.events.events.last { $0.topic == .desk(house.session) })
            let last = try JSON.decode(UploadProgress.self, from: desk.data)
            #expect(last == UploadProgress(
                sessionId: house.session, uploadId: id, filename: "a.jpg", offset: 3, length: 3))
        }
    }

    @Test("many uploads at once keep their bytes apart")
    func concurrent() async throws {
        try await withIngest { house, ingest in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in 1...24 as ClosedRange<UInt64> {
                    group.addTask {
                        let bytes = randomBytes(60_000, seed: seed)
                        let id = try await ingest.create(house.creation(60_000))
                        _ = try await ingest.patch(id, at: 0, body([Array(bytes[..<20_000])]), contentLength: 20_000)
                        _ = try await ingest.patch(id, at: 20_000, body([Array(bytes[20_000...])]), contentLength: 40_000)
                    }
                }
                try await group.waitForAll()
            }
            await ingest.settled()
            let expected = (1...24 as ClosedRange<UInt64>).map { seed in
                SHA256.hash(data: randomBytes(60_000, seed: seed)).map { String(format: "%02x", $0) }.joined()
            }
            #expect(Set(try await house.photos()) == Set(expected))
        }
    }
}
