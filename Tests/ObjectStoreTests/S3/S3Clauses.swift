import AsyncHTTPClient
import Core
import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import ObjectStore

/// What the driver has to manage on every server.
enum S3Clauses {
    struct Clause: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: @Sendable (S3Bench) async throws -> Void

        init(_ sentence: String, _ check: @escaping @Sendable (S3Bench) async throws -> Void) {
            self.testDescription = sentence
            self.check = check
        }
    }

    static let all = [
        Clause("reads ranges", ranges),
        Clause("reads an object twice, and an empty one", twice),
        Clause("lists by prefix, page by page", listing),
        Clause("removes many at once, also what is not there", batch),
        Clause("sends large files in parts", parts),
        Clause("takes bodies that are not signed", unsigned),
        Clause("takes parts in any order, lists and completes them", multipart),
        Clause("gives up an upload in parts without a trace", aborted),
        Clause("gives addresses that anybody can fetch, with a type and a name", addresses),
        Clause("copies from disk and back, and again only what is new", copies),
        Clause("tells whether the bucket is there", bucket),
    ]

    /// What only a server that verifies signatures can show.
    static let verified = [
        Clause("a wrong secret is refused", wrongSecret),
        Clause("an address that was tampered with or has expired is refused", badAddresses),
        Clause("a body that does not have the hash it is said to have is refused", wrongHash),
        Clause("a clock that is wrong by hours is corrected by the server's", wrongClock),
    ]

    private static func ranges(_ bench: S3Bench) async throws {
        let (key, bytes) = (S3Bench.key(), S3Bench.bytes(1_000_000))
        try await bench.withStore { store in
            try await store.put(bytes, as: key, bench)
            let ranges = [0..<1, 0..<1_000_000, 999_999..<1_000_000, 300_000..<700_001, 999_000..<5_000_000] as [Range<Int64>]
            for range in ranges {
                let part = try await store.read(key, range: range)
                #expect(part.size == 1_000_000)
                #expect(part.range == range.clamped(to: 0..<1_000_000))
                let expected = bytes[Int(range.lowerBound)..<Int(part.range.upperBound)]
                #expect(try await store.bytes(of: key, range: range) == expected)
            }
            #expect(try await store.bytes(of: key, range: 5..<5).isEmpty)
            await #expect(throws: ObjectStoreError.system(EINVAL, "range")) {
                try await store.read(key, range: 1_000_001..<1_000_002)
            }
            let nothing = S3Bench.key()
            await #expect(throws: ObjectStoreError.missing(nothing)) { try await store.read(nothing, range: nil) }
            await #expect(throws: ObjectStoreError.missing(nothing)) { try await store.read(nothing, range: 0..<1) }
            await #expect(throws: ObjectStoreError.missing(nothing)) { try await store.read(nothing, range: 0..<0) }
        }
    }

    private static func twice(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            for count in [300_000, 0] {
                let (key, bytes) = (S3Bench.key(), S3Bench.bytes(count))
                try await store.put(bytes, as: key, bench)
                let object = try await store.read(key, range: nil)
                #expect(object.size == Int64(count))
                for _ in 0..<2 {
                    var data = Data()
                    for try await chunk in object { data.append(contentsOf: chunk.readableBytesView) }
                    #expect(data == bytes)
                }
                #expect(try await ObjectStoreContract.content(of: key, in: store) == bytes)
            }
        }
    }

    private static func listing(_ bench: S3Bench) async throws {
        let folder = "listing/\(UUID().uuidString.lowercased())/"
        let keys = (0..<7).compactMap { ObjectKey("\(folder)\($0).bin") }
        try await bench.withStore { store in
            for (index, key) in keys.enumerated() { try await store.put(Data(count: index), as: key, bench) }
            var found: [StoredObject] = []
            var cursor: String?
            var pages = 0
            repeat {
                let page = try await store.page(prefix: folder, after: cursor, limit: 3)
                #expect(page.objects.count <= 3)
                found += page.objects
                cursor = page.next
                pages += 1
            } while cursor != nil && pages < 10
            #expect(found.map(\.key) == keys && found.map(\.size) == keys.indices.map(Int64.init))
            #expect(found.allSatisfy { abs(($0.modifiedAt?.date.timeIntervalSinceNow ?? .infinity)) < 600 })
            let nothing = try await store.page(prefix: folder + "nothing", after: nil, limit: 3)
            #expect(nothing == ObjectPage(objects: [], next: nil))
        }
    }

    private static func batch(_ bench: S3Bench) async throws {
        let keys = (0..<5).map { S3Bench.key("\($0)") }
        try await bench.withStore { store in
            for key in keys { try await store.put(Data("x".utf8), as: key, bench) }
            try await store.remove(Array(keys.dropLast()) + [S3Bench.key("nothing")])
            for key in keys.dropLast() { #expect(try await store.size(of: key) == nil) }
            #expect(try await store.size(of: keys[4]) == 1)
            try await store.remove([])
        }
    }

    private static func parts(_ bench: S3Bench) async throws {
        let (key, bytes) = (S3Bench.key(), S3Bench.bytes(17_000_001))
        try await bench.withStore { store in
            let path = try bench.file(bytes)
            try await store.put(path, as: key, durable: true)
            #expect(FileManager.default.fileExists(atPath: path))
            #expect(try await store.size(of: key) == 17_000_001)
            #expect(try await store.bytes(of: key) == bytes)
            #expect(try await store.bytes(of: key, range: 5_242_870..<5_242_890) == bytes[5_242_870..<5_242_890])
        }
    }

    private static func unsigned(_ bench: S3Bench) async throws {
        try await bench.withStore { $0.payload = .unsigned } _: { store in
            for count in [1, 3_000_000, 12_000_000] {
                let (key, bytes) = (S3Bench.key(), S3Bench.bytes(count))
                try await store.put(bytes, as: key, bench)
                #expect(try await store.bytes(of: key) == bytes)
                var writer = try await store.writer(
                    of: store.partialUpload(key, length: Int64(count)), checkpoints: true, record: { _ in })
                try await writer.append(ByteBuffer(bytes: bytes))
                #expect(try await store.complete(try await writer.finish()) == Int64(count))
                #expect(try await store.bytes(of: key) == bytes)
            }
        }
    }

    private static func multipart(_ bench: S3Bench) async throws {
        let (key, bytes) = (S3Bench.key(), S3Bench.bytes(5_242_880 + 10))
        try await bench.withStore { store in
            let path = try bench.file(bytes)
            let upload = try await store.beginMultipart(key)
            let last = try await store.uploadPart(7, fromFile: path, at: 5_242_880, count: 10, of: upload)
            let first = try await store.uploadPart(2, ByteBuffer(bytes: bytes.prefix(5_242_880)), of: upload)
            #expect(try await store.parts(of: upload) == [first, last])
            #expect(try await store.size(of: key) == nil)
            // A second answer may be asked for when the first was lost.
            for _ in 0..<2 { try await store.complete(upload, with: [first, last]) }
            #expect(try await store.bytes(of: key) == bytes)
        }
    }

    private static func aborted(_ bench: S3Bench) async throws {
        let key = S3Bench.key()
        try await bench.withStore { store in
            let upload = try await store.beginMultipart(key)
            _ = try await store.uploadPart(1, ByteBuffer(string: "bytes"), of: upload)
            for _ in 0..<2 { try await store.abort(upload) }
            await #expect(throws: ObjectStoreError.missing(key)) { try await store.parts(of: upload) }
            #expect(try await store.size(of: key) == nil)
        }
    }

    private static func addresses(_ bench: S3Bench) async throws {
        let key = S3Bench.key("photo.jpg")
        try await bench.withStore { store in
            try await store.put(Data("photo".utf8), as: key, bench)
            let link = ObjectLink(
                lifetime: .seconds(60), contentType: "image/jpeg", contentDisposition: "attachment; filename=\"a b.jpg\"")
            let url = try #require(try store.address(of: key, as: link))
            let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(20))
            #expect(answer.status == .ok)
            #expect(answer.headers.first(name: "content-type")?.hasPrefix("image/jpeg") == true)
            #expect(answer.headers.first(name: "content-disposition") == "attachment; filename=\"a b.jpg\"")
            #expect(String(buffer: try await answer.body.collect(upTo: 100)) == "photo")
            #expect(!url.contains(bench.server.secretKey))
        }
    }

    private static func copies(_ bench: S3Bench) async throws {
        let id = UUID().uuidString.lowercased()
        let contents = (0..<5).map { (ObjectKey("moved/\(id)/\($0)")!, S3Bench.bytes($0 * 2_000_000, seed: UInt64($0))) }
        let here = try DiskObjectStore(root: bench.folder.file("here"))
        let back = try DiskObjectStore(root: bench.folder.file("back"))
        for (key, bytes) in contents { try await here.put(bytes, as: key, bench) }
        try await bench.withStore { store in
            var copier = ObjectCopier(from: here, to: store, scratchFolder: bench.folder.file("copies"))
            let total = try await copier.survey(prefixes: ["moved/\(id)/"])
            #expect(total.objects == 5 && total.bytes == 20_000_000)
            #expect(try await copier.copy(prefixes: ["moved/\(id)/"]) == ObjectCopier.Progress(objects: 5, bytes: 20_000_000))
            #expect(try await here.size(of: contents[4].0) == 8_000_000)
            try await store.remove(contents[2].0)
            let reports = Inbox<ObjectCopier.Progress>()
            copier.removesSource = true
            let second = try await copier.copy(prefixes: ["moved/\(id)/"]) { reports.push($0) }
            #expect(second == ObjectCopier.Progress(objects: 5, present: 4, bytes: 4_000_000, presentBytes: 16_000_000))
            #expect(reports.elements.map(\.objects) == [1, 2, 3, 4, 5])
            #expect(try await here.page(prefix: "", after: nil, limit: 10).objects.isEmpty)
            let homeward = ObjectCopier(from: store, to: back, scratchFolder: bench.folder.file("copies"))
            try await homeward.copy(prefixes: ["moved/\(id)/"])
        }
        for (key, bytes) in contents { #expect(try await back.bytes(of: key) == bytes) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder.file("copies")).isEmpty)
    }

    private static func bucket(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            try await store.check()
            try await store.createBucket()
        }
        try await bench.withStore { $0.bucket = "no-such-bucket" } _: { store in
            await #expect(throws: ObjectStoreError.self) { try await store.check() }
            await #expect(throws: ObjectStoreError.self) { try await store.put(Data("x".utf8), as: S3Bench.key(), bench) }
            try await store.createBucket()
            try await store.check()
        }
    }
}
