import Core
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import ObjectStore

extension S3Clauses {
    static let partial = [
        Clause("an upload in one request becomes an object in one request", single),
        Clause("an upload's requests may come to any node in pieces of any size", anyNode),
        Clause("many small requests keep few segments, and none in the end", small),
        Clause("an upload that stopped goes on from what was recorded", interrupted),
        Clause("without checkpoints nothing counts before it is confirmed", unconfirmed),
        Clause("a node that lost the upload can do no harm", takenOver),
        Clause("an upload whose end was found out late is completed from its segments", lateEnd),
        Clause("a given-up upload leaves nothing", discarded),
        Clause("complete uploads are joined by the server, also after an attempt that came to nothing", joined),
        Clause("uploads of which one but the last is small are not joined", unjoined),
        Clause("an upload begun in parts of which none counts is completed, whatever follows", nothingOfParts),
        Clause("a body that did not count leaves no parts once its upload is given up", discount),
    ]

    private static let MiB = 1 << 20

    /// Writes what comes after the recorded offset, in chunks of that size.
    private static func send(
        _ bytes: Data, upTo end: Int, chunk: Int, of row: Row, to store: S3ObjectStore, checkpoints: Bool = true,
        ending: Ending
    ) async throws {
        var writer = try await store.writer(of: row.value, checkpoints: checkpoints) { row.store($0) }
        var offset = Int(row.value.offset)
        #expect(writer.received == Int64(offset))
        while offset < end {
            let next = min(end, offset + chunk)
            try await writer.append(ByteBuffer(bytes: bytes[offset..<next]))
            offset = next
        }
        #expect(writer.received == Int64(end))
        switch ending {
        case .confirm: #expect(try await writer.confirm().offset == Int64(end))
        case .finish: #expect(try await writer.finish().offset == Int64(end))
        case .crash: break
        }
    }

    private enum Ending { case confirm, finish, crash }

    private static func segments(_ key: ObjectKey, _ store: S3ObjectStore) async throws -> Int {
        try await store.page(prefix: "partial/\(key)/", after: nil, limit: 100).objects.count
    }

    private static func single(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            for count in [0, 1, 3_000_000] {
                let (key, bytes) = (S3Bench.key(), S3Bench.bytes(count))
                let row = Row(store.partialUpload(key, length: Int64(count)))
                try await send(bytes, upTo: count, chunk: 65_536, of: row, to: store, ending: .finish)
                #expect(row.value.uploadID == nil && row.value.isFinished)
                for _ in 0..<2 { #expect(try await store.complete(row.value) == Int64(count)) }
                #expect(try await store.bytes(of: key) == bytes)
                #expect(try await segments(key, store) == 0)
            }
        }
    }

    private static func anyNode(_ bench: S3Bench) async throws {
        let bytes = S3Bench.bytes(13 * MiB + 77)
        try await bench.withStore { one in
            try await bench.withStore { two in
                for stops in [[1, 5 * MiB, 5 * MiB + 1, 12 * MiB], [10 * MiB], [4 * MiB, 9 * MiB, 13 * MiB]] {
                    let key = S3Bench.key()
                    let row = Row(one.partialUpload(key, length: nil))
                    for (index, stop) in (stops + [bytes.count]).enumerated() {
                        let ending = stop == bytes.count ? Ending.finish : .confirm
                        let node = index.isMultiple(of: 2) ? one : two
                        try await send(bytes, upTo: stop, chunk: 300_001, of: row, to: node, ending: ending)
                        #expect(row.value.offset == Int64(stop))
                    }
                    let again = try JSONDecoder().decode(PartialUpload.self, from: JSONEncoder().encode(row.value))
                    #expect(again == row.value)
                    for _ in 0..<2 { #expect(try await two.complete(again) == Int64(bytes.count)) }
                    #expect(try await one.bytes(of: key) == bytes)
                    #expect(try await segments(key, one) == 0)
                }
            }
        }
    }

    private static func small(_ bench: S3Bench) async throws {
        let (key, bytes) = (S3Bench.key(), S3Bench.bytes(6 * MiB))
        try await bench.withStore { store in
            let row = Row(store.partialUpload(key, length: nil))
            for stop in stride(from: 256 << 10, through: 6 * MiB, by: 256 << 10) {
                try await send(bytes, upTo: stop, chunk: 100_000, of: row, to: store, ending: .confirm)
                #expect(row.value.segments.count <= PartPlan.maxSegments)
                #expect(row.value.offset == Int64(stop))
            }
            #expect(row.value.parts.count == 1)
            try await send(bytes, upTo: 6 * MiB, chunk: 1, of: row, to: store, ending: .finish)
            #expect(try await store.complete(row.value) == Int64(6 * MiB))
            #expect(try await store.bytes(of: key) == bytes)
            #expect(try await segments(key, store) == 0)
        }
    }

    private static func interrupted(_ bench: S3Bench) async throws {
        let (key, bytes) = (S3Bench.key(), S3Bench.bytes(16 * MiB))
        try await bench.withStore { store in
            let row = Row(store.partialUpload(key, length: Int64(bytes.count)))
            try await send(bytes, upTo: MiB, chunk: 65_536, of: row, to: store, ending: .confirm)
            // Three parts fill up, of which the first is safe before the third may be sent.
            try await send(bytes, upTo: 15 * MiB + 1, chunk: 65_536, of: row, to: store, ending: .crash)
            #expect(row.value.offset >= Int64(5 * MiB))
            #expect(row.value.offset.isMultiple(of: Int64(5 * MiB)))
            try await send(bytes, upTo: bytes.count, chunk: 1_000_000, of: row, to: store, ending: .finish)
            #expect(try await store.complete(row.value) == Int64(bytes.count))
            #expect(try await store.bytes(of: key) == bytes)
        }
    }

    private static func unconfirmed(_ bench: S3Bench) async throws {
        let (key, bytes) = (S3Bench.key(), S3Bench.bytes(12 * MiB))
        try await bench.withStore { store in
            let row = Row(store.partialUpload(key, length: nil))
            try await send(bytes, upTo: MiB, chunk: 65_536, of: row, to: store, ending: .confirm)
            let wrong = Data(bytes.map { ~$0 })
            try await send(wrong, upTo: 11 * MiB, chunk: 65_536, of: row, to: store, checkpoints: false, ending: .crash)
            #expect(row.value.offset == Int64(MiB))
            try await send(bytes, upTo: bytes.count, chunk: 65_536, of: row, to: store, checkpoints: false, ending: .finish)
            #expect(try await store.complete(row.value) == Int64(bytes.count))
            #expect(try await store.bytes(of: key) == bytes)
        }
    }

    private static func takenOver(_ bench: S3Bench) async throws {
        struct TakenOver: Error {}
        let (key, bytes) = (S3Bench.key(), S3Bench.bytes(12 * MiB))
        try await bench.withStore { store in
            let row = Row(store.partialUpload(key, length: nil))
            try await send(bytes, upTo: MiB, chunk: 65_536, of: row, to: store, ending: .confirm)
            var loser = try await store.writer(of: row.value, checkpoints: true) { _ in throw TakenOver() }
            try await loser.append(ByteBuffer(bytes: bytes[MiB..<(2 * MiB)]))
            try await send(bytes, upTo: 6 * MiB, chunk: 65_536, of: row, to: store, ending: .confirm)
            await #expect(throws: TakenOver.self) { try await loser.confirm() }
            try await send(bytes, upTo: bytes.count, chunk: 65_536, of: row, to: store, ending: .finish)
            #expect(try await store.complete(row.value) == Int64(bytes.count))
            #expect(try await store.bytes(of: key) == bytes)
            #expect(try await segments(key, store) == 0)
        }
    }

    private static func lateEnd(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            for count in [0, 5, 6 * MiB, 5 * MiB] {
                let (key, bytes) = (S3Bench.key(), S3Bench.bytes(count))
                let row = Row(store.partialUpload(key, length: nil))
                try await send(bytes, upTo: count, chunk: 65_536, of: row, to: store, ending: .confirm)
                #expect(!row.value.isFinished)
                for _ in 0..<2 where count > 0 { #expect(try await store.complete(row.value) == Int64(count)) }
                if count == 0 { #expect(try await store.complete(row.value) == 0) }
                #expect(try await store.bytes(of: key) == bytes)
            }
        }
    }

    /// Complete uploads of those sizes, and all their bytes.
    private static func uploads(_ sizes: [Int], in store: S3ObjectStore) async throws -> ([PartialUpload], Data) {
        var (parts, all) = ([PartialUpload](), Data())
        for (index, size) in sizes.enumerated() {
            let row = Row(store.partialUpload(S3Bench.key("part-\(index)"), length: Int64(size)))
            let bytes = S3Bench.bytes(size, seed: UInt64(index))
            try await send(bytes, upTo: size, chunk: 65_536, of: row, to: store, ending: .finish)
            _ = try await store.complete(row.value)
            parts.append(row.value)
            all += bytes
        }
        return (parts, all)
    }

    private static func joined(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            for sizes in [[6 * MiB, 0, 5 * MiB, 10], [5]] {
                let (parts, bytes) = try await uploads(sizes, in: store)
                let key = S3Bench.key()
                let row = Row(store.partialUpload(key, length: nil))
                var left = row.value
                left.uploadID = try await store.beginMultipart(key).id
                for _ in 0..<2 {
                    let joined = try await store.join(parts, into: left) { row.store($0) }
                    #expect(joined?.offset == Int64(bytes.count) && joined?.isFinished == true)
                    #expect(row.value.offset == 0 && row.value.uploadID != left.uploadID)
                    #expect(try await store.complete(try #require(joined)) == Int64(bytes.count))
                    // It was done before it could be recorded.
                    left = row.value
                }
                #expect(try await store.bytes(of: key) == bytes)
                #expect(try await store.openUploads(of: key) == 0)
                for part in parts { #expect(try await store.size(of: part.key) == part.offset) }
            }
        }
    }

    private static func unjoined(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            for sizes in [[10, 6 * MiB], [0], []] {
                let (parts, _) = try await uploads(sizes, in: store)
                var left = store.partialUpload(S3Bench.key(), length: nil)
                left.uploadID = try await store.beginMultipart(left.key).id
                let joined = try await store.join(parts, into: left) { _ in Issue.record("it began") }
                #expect(joined == nil)
                #expect(try await store.openUploads(of: left.key) == 0)
            }
        }
    }

    /// A request that was cut off after its first part had been begun leaves the name of an upload in parts, and nothing else.
    private static func nothingOfParts(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            for start in [0, 3] {
                for count in [start, MiB, 11 * MiB] {
                    for isLate in [false, true] {
                        for isForgotten in [false, true] {
                            let row = try await rowOfParts(start, isForgotten: isForgotten, in: store)
                            let (key, bytes) = (row.value.key, S3Bench.bytes(count))
                            let ending = isLate ? Ending.confirm : .finish
                            try await send(bytes, upTo: count, chunk: 65_536, of: row, to: store, ending: ending)
                            for _ in 0..<2 { #expect(try await store.complete(row.value) == Int64(count)) }
                            #expect(try await store.bytes(of: key) == bytes)
                            #expect(try await store.openUploads(of: key) == 0)
                            #expect(try await segments(key, store) == 0)
                        }
                    }
                }
            }
        }
    }

    /// - Parameters:
    ///   - start: bytes that counted before.
    ///   - isForgotten: whether the server has tidied up meanwhile.
    private static func rowOfParts(_ start: Int, isForgotten: Bool, in store: S3ObjectStore) async throws -> Row {
        let row = Row(store.partialUpload(S3Bench.key(), length: nil))
        try await send(S3Bench.bytes(start), upTo: start, chunk: 65_536, of: row, to: store, ending: .confirm)
        let wrong = S3Bench.bytes(6 * MiB, seed: 2)
        try await send(wrong, upTo: 6 * MiB, chunk: MiB, of: row, to: store, checkpoints: false, ending: .crash)
        #expect(row.value.offset == Int64(start))
        let id = try #require(row.value.uploadID)
        if isForgotten { try await store.abort(MultipartUpload(key: row.value.key, id: id)) }
        return row
    }

    private static func discount(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(11 * MiB))
            let row = Row(store.partialUpload(key, length: nil))
            try await send(bytes, upTo: 11 * MiB, chunk: 65_536, of: row, to: store, checkpoints: false, ending: .crash)
            #expect(row.value.offset == 0)
            #expect(try await store.openUploads(of: key) == 1)
            try await store.discard(row.value)
            #expect(try await store.openUploads(of: key) == 0)
        }
    }

    private static func discarded(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            for stop in [0, MiB, 7 * MiB] {
                let (key, bytes) = (S3Bench.key(), S3Bench.bytes(8 * MiB))
                let row = Row(store.partialUpload(key, length: nil))
                try await send(bytes, upTo: stop, chunk: 65_536, of: row, to: store, ending: .confirm)
                for _ in 0..<2 { try await store.discard(row.value) }
                #expect(try await segments(key, store) == 0)
                #expect(try await store.size(of: key) == nil)
                if let id = row.value.uploadID {
                    await #expect(throws: ObjectStoreError.missing(key)) {
                        try await store.parts(of: MultipartUpload(key: key, id: id))
                    }
                    await #expect(throws: ObjectStoreError.missing(key)) { try await store.complete(row.value) }
                }
            }
        }
    }
}

extension S3ObjectStore {
    /// Uploads in parts that have neither been completed nor aborted.
    func openUploads(of key: ObjectKey) async throws -> Int {
        let request = S3Request(method: .GET, key: "", query: [("prefix", key.text), ("uploads", "")])
        return try await document(request, "ListMultipartUploadsResult").all("Upload").count
    }
}

/// A row of a database.
private final class Row: Sendable {
    private let states: Inbox<PartialUpload>

    init(_ first: PartialUpload) {
        states = Inbox()
        states.push(first)
    }

    /// What was recorded last.
    var value: PartialUpload { states.elements[states.elements.count - 1] }

    func store(_ state: PartialUpload) { states.push(state) }
}
