import Core
import Foundation
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import Ingest

struct ConnectionCut: Error {}

/// The value of `Upload-Checksum` for a body.
func checksum(_ algorithm: ChecksumAlgorithm, _ bytes: some Collection<UInt8>) -> String {
    var running = RunningChecksum([algorithm])
    Array(bytes).withUnsafeBytes { running.update($0) }
    return "\(algorithm) \(Data(running.digest(algorithm) ?? []).base64EncodedString())"
}

@Suite("A body with a checksum")
struct VerifiedAppendTests {
    private static let lie = checksum(.sha1, [0])

    private func size(_ house: House, _ id: UploadID) throws -> Int {
        try Data(contentsOf: URL(fileURLWithPath: house.path(of: id))).count
    }

    @Test("that matches counts", arguments: TusMachine.checksumAlgorithms)
    func match(_ algorithm: ChecksumAlgorithm) async throws {
        try await withIngest { house, ingest in
            let bytes = randomBytes(700_000, seed: 31)
            let id = try await ingest.create(house.creation(700_000))
            for range in [0..<1, 1..<300_000, 300_000..<700_000] {
                let upload = try await ingest.patch(
                    id, at: Int64(range.lowerBound), chunked(bytes[range]), contentLength: Int64(range.count),
                    checksum: checksum(algorithm, bytes[range]))
                #expect(upload.offset == Int64(range.upperBound))
            }
            await ingest.settled()
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("that does not match is discarded, and others take its place")
    func mismatch() async throws {
        try await withIngest { house, ingest in
            let bytes = quickBytes(20_000_000, seed: 32)
            let id = try await ingest.create(house.creation(20_000_000))
            _ = try await ingest.patch(id, at: 0, chunked(bytes[..<1_000_000]), contentLength: 1_000_000)
            let wrong = await problem {
                try await ingest.patch(
                    id, at: 1_000_000, chunked(quickBytes(19_000_000, seed: 33)[...]), contentLength: 19_000_000,
                    checksum: Self.lie)
            }
            #expect(wrong == TusMachine.checksumMismatch)
            #expect(wrong?.status == 460)
            #expect(try size(house, id) == 1_000_000)
            #expect(try await ingest.service.find(id)?.offset == 1_000_000)
            #expect(try await ingest.service.status(id).offset == 1_000_000)
            _ = try await ingest.patch(id, at: 1_000_000, chunked(bytes[1_000_000...]), contentLength: 19_000_000)
            await ingest.settled()
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("whose connection broke is discarded, for it cannot be verified", arguments: [true, false])
    func brokenConnection(saysSo: Bool) async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(1000))
            let cut = body([[UInt8](repeating: 7, count: 900)], then: saysSo ? ConnectionCut() : nil)
            let sum = checksum(.sha1, [UInt8](repeating: 7, count: 1000))
            let refusal = await problem { try await ingest.patch(id, at: 0, cut, contentLength: 1000, checksum: sum) }
            #expect(refusal == TusMachine.unverifiableBody)
            #expect(try await ingest.service.status(id).offset == 0)
            #expect(try size(house, id) == 0)
        }
    }

    @Test("that is longer than the upload is discarded")
    func excess() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(10))
            let bytes = [UInt8](repeating: 7, count: 11)
            let sum = checksum(.md5, bytes)
            let refusal = await problem { try await ingest.patch(id, at: 0, body([Array(bytes[..<6]), Array(bytes[6...])]), checksum: sum) }
            #expect(refusal == TusMachine.excess)
            #expect(try await ingest.service.status(id).offset == 0)
        }
    }

    @Test("that a newer request interrupts is discarded")
    func takeover() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(1000))
            let (stream, feed) = ByteStream.makeStream()
            let older = Task {
                try await ingest.patch(id, at: 0, .init(body: stream), contentLength: 1000, checksum: Self.lie)
            }
            feed.yield(ByteBuffer(repeating: 1, count: 400))
            for await _ in house.events.news.stream { break }
            #expect(try await ingest.service.status(id).offset == 0)
            #expect(await problem { try await older.value } == TusMachine.locked)
        }
    }

    @Test("does not count after a crash in its middle, though the file is longer")
    func crash() async throws {
        try await withHouse { house in
            let bytes = quickBytes(40_000_000, seed: 34)
            let dead = try house.start()
            let id = try await dead.create(house.creation(40_000_000))
            _ = try await dead.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3, checksum: checksum(.crc32, [1, 2, 3]))
            let (stream, feed) = ByteStream.makeStream()
            let older = Task {
                try await dead.patch(id, at: 3, .init(body: stream), contentLength: 39_999_997, checksum: Self.lie)
            }
            for start in stride(from: 3, to: 39_000_000, by: 100_000) {
                feed.yield(ByteBuffer(bytes: bytes[start..<start + 100_000]))
            }
            // More than what is recorded of other requests in their middle.
            try await eventually("the bytes in the file") { try size(house, id) > 38_000_000 ? () : nil }
            #expect(try await dead.service.find(id)?.offset == 3)
            let next = try house.start()
            #expect(try await next.service.status(id).offset == 3)
            #expect(try size(house, id) == 3)
            feed.finish(throwing: ConnectionCut())
            _ = await older.result
            #expect(try await next.service.find(id)?.offset == 3)
            await next.shutdown()
            await dead.shutdown()
        }
    }

    @Test("that comes with the creation ends it when it does not match", arguments: [true, false])
    func creation(isTrue: Bool) async throws {
        try await withIngest { house, ingest in
            var creation = house.creation(3, hasBody: true)
            creation.check.checksum = BodyChecksum(.crc32, expected: isTrue ? [0x55, 0xbc, 0x80, 0x1d] : [0, 0, 0, 0])
            let answer = await problem {
                try await ingest.service.create(creation, from: .anonymous, expecting: 3, body([[1, 2, 3]]))
            }
            #expect(answer == (isTrue ? nil : TusMachine.checksumMismatch))
            await ingest.settled()
            let photos = try await house.photos()
            #expect(photos.count == (isTrue ? 1 : 0))
        }
    }

    @Test("of no bytes is held to the digest of nothing")
    func empty() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(1))
            let wrong = await problem { try await ingest.patch(id, at: 0, body([]), contentLength: 0, checksum: Self.lie) }
            #expect(wrong == TusMachine.checksumMismatch)
            _ = try await ingest.patch(id, at: 0, body([]), contentLength: 0, checksum: checksum(.sha1, []))
            _ = try await ingest.patch(id, at: 0, body([[9]]), contentLength: 1)
            // The same for one that is whole.
            let again = await problem { try await ingest.patch(id, at: 1, body([]), contentLength: 0, checksum: Self.lie) }
            #expect(again == TusMachine.checksumMismatch)
            _ = try await ingest.patch(id, at: 1, body([]), contentLength: 0, checksum: checksum(.sha256, []))
        }
    }

    @Test("may follow in the trailers", arguments: [
        (checksum(.sha256, [1, 2, 3]), nil),
        (checksum(.md5, [1, 2, 3]), nil),
        (checksum(.sha256, [1, 2]), 460),
        ("sha3 AAAA", 400),
        ("nonsense", 400),
        (nil, 400),
    ] as [(String?, Int?)])
    func trailer(_ text: String?, _ status: Int?) async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(3))
            var request = UploadRequest(.append, headers: [
                .tusResumable: "1.0.0", .uploadOffset: "0", .transferEncoding: "chunked",
                .trailer: "X-Other, upload-checksum",
            ])
            request.contentType = TusMachine.contentType
            #expect(request.announcesChecksum)
            var incoming = body([[1], [2, 3]])
            incoming.trailers = { text.map { [.uploadChecksum: $0] } ?? [:] }
            let (sent, coming) = (request, incoming)
            let answer = await problem { try await ingest.service.append(sent, to: id, from: .anonymous, coming) }
            #expect(answer?.status == status)
            let offset: Int64 = status == nil ? 3 : 0
            #expect(try await ingest.service.status(id).offset == offset)
        }
    }
}
