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

    @Test("a newer request lets the older one take what had come before its connection broke")
    func lateBytes() async throws {
        try await withIngest { $0.lastCall = .seconds(4) } _: { house, ingest in
            let id = try await ingest.create(house.creation(5_000_000))
            let (stream, feed) = ByteStream.makeStream()
            let older = Task { try await ingest.patch(id, at: 0, .init(body: stream), contentLength: 5_000_000) }
            feed.yield(ByteBuffer(repeating: 1, count: 16_384))
            for await _ in house.events.news.stream { break }
            for _ in 1..<256 { feed.yield(ByteBuffer(repeating: 1, count: 16_384)) }
            feed.finish(throwing: ConnectionLost())
            #expect(try await ingest.service.status(id).offset == 256 * 16_384)
            #expect(await problem { try await older.value }?.code == "incomplete_body")
        }
    }

    @Test("a request whose task is cancelled takes what comes while it lets go")
    func lastCall() async throws {
        try await withIngest { $0.lastCall = .seconds(4) } _: { house, ingest in
            let id = try await ingest.create(house.creation(1000))
            let (stream, feed) = ByteStream.makeStream()
            let request = Task { try await ingest.patch(id, at: 0, .init(body: stream), contentLength: 1000) }
            feed.yield(ByteBuffer(repeating: 1, count: 400))
            for await _ in house.events.news.stream { break }
            request.cancel()
            feed.yield(ByteBuffer(repeating: 1, count: 300))
            feed.yield(ByteBuffer(repeating: 1, count: 200))
            feed.finish(throwing: ConnectionLost())
            _ = await request.result
            #expect(try await ingest.service.find(id)?.offset == 900)
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

    @Test("does not become whole by a request that goes on beyond its length", arguments: [
        ([11], 0), ([6, 5], 6), ([10, 1], 0), ([6, 4, 1], 6), ([6, 0, 4, 0, 1], 6),
    ] as [([Int], Int64)])
    func excess(_ pieces: [Int], _ kept: Int64) async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(10))
            let chunks = pieces.map { [UInt8](repeating: 1, count: $0) }
            let refusal = await problem { try await ingest.patch(id, at: 0, body(chunks)) }
            #expect(refusal?.status == 413)
            #expect(refusal?.code == "too_large")
            let rest = try await ingest.service.status(id)
            #expect(rest.offset == kept)
            #expect(rest.state == .receiving)
            let bytes = [UInt8](repeating: 2, count: 10 - Int(kept))
            #expect(try await ingest.patch(id, at: kept, body([bytes, []])).state == .completing)
        }
    }

    @Test("refuses a request that announces more than its length leaves room for, before its bytes")
    func announcedExcess() async throws {
        try await withIngest { house, ingest in
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

    @Test("leaves nothing of an upload whose client will not learn its URL")
    func brokenCreation() async throws {
        try await withIngest { $0.openUploadsPerUploader = 1 } _: { house, ingest in
            for _ in 0..<2 {
                let answer = await problem {
                    try await ingest.service.create(
                        house.creation(5, hasBody: true), from: .anonymous, expecting: 5,
                        body([[1, 2, 3]], then: ConnectionLost()))
                }
                #expect(answer?.code == "incomplete_body")
            }
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

    @Test("reports the end of a file whose length nobody had said, and that of one reported a moment before")
    func progressAtTheEnd() async throws {
        try await withIngest { $0.progressInterval = .seconds(3600) } _: { house, ingest in
            let declaration = house.creation(nil).declaration
            let put = try await ingest.service.put(declaration, from: .anonymous, expecting: nil, body([[1, 2], [3]]))
            let id = try await ingest.create(house.creation(2))
            _ = try await ingest.patch(id, at: 0, body([[1]]), contentLength: 1)
            _ = try await ingest.patch(id, at: 1, body([[2]]), contentLength: 1)
            let seen = try house.events.events.filter { $0.topic == .session(house.session) }
                .map { try JSON.decode(UploadProgress.self, from: $0.data) }
            func ofUpload(_ id: UploadID) -> [[Int64?]] { seen.filter { $0.uploadId == id }.map { [$0.offset, $0.length] } }
            #expect(ofUpload(put.id) == [[2, nil], [3, 3]])
            #expect(ofUpload(id) == [[1, 2], [2, 2]])
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
