import Core
import Foundation
import Glibc
import NIOCore
import TestSupport
import Testing

@testable import ObjectStore

@Suite struct `Disk object store, piece by piece` {
    private let folder: TemporaryFolder
    private let store: DiskObjectStore

    init() throws {
        folder = try TemporaryFolder("disk")
        store = try DiskObjectStore(root: folder.file("store"))
    }

    @Test("reads ranges", arguments: [
        (nil, 0..<1_000_000), (0..<1, 0..<1), (999_999..<2_000_000, 999_999..<1_000_000), (5..<5, 5..<5),
        (200_000..<900_001, 200_000..<900_001),
    ] as [(Range<Int64>?, Range<Int64>)])
    func ranges(_ wanted: Range<Int64>?, _ given: Range<Int64>) async throws {
        let bytes = S3Bench.bytes(1_000_000)
        try await put(bytes, "originals/x")
        let object = try await store.read(try key("originals/x"), range: wanted)
        #expect(object.size == 1_000_000 && object.range == given)
        var read = Data()
        for try await chunk in object { read.append(contentsOf: chunk.readableBytesView) }
        #expect(read == bytes[Int(given.lowerBound)..<Int(given.upperBound)])
    }

    @Test("what is not there cannot be read")
    func missing() async throws {
        let key = try key("originals/x")
        await #expect(throws: ObjectStoreError.missing(key)) { try await store.read(key, range: nil) }
        try await put(Data("x".utf8), "originals/x")
        await #expect(throws: ObjectStoreError.system(EINVAL, "range")) { try await store.read(key, range: 2..<3) }
    }

    @Test("a file cut short while it is read is an error")
    func cutShort() async throws {
        let key = try key("originals/x")
        try await put(S3Bench.bytes(1_000_000), "originals/x")
        var chunks = try await store.read(key, range: nil).makeAsyncIterator()
        _ = try await chunks.next()
        #expect(truncate(try #require(store.localPath(of: key)), 300_000) == 0)
        await #expect(throws: ObjectStoreError.system(EIO, "file cut short")) { while try await chunks.next() != nil {} }
    }

    @Test("lists every key once, in pages of any size", arguments: [1, 2, 3, 7, 100])
    func pages(_ limit: Int) async throws {
        let ids = (0..<3).map { _ in OriginalID(at: Timestamp(milliseconds: 1)) }
        let renditions = ids.flatMap { ["renditions/\($0)/large.webp", "renditions/\($0)/thumb.webp"] }
        let all = ids.map { "originals/\($0)" } + renditions + ["single"]
        for text in all { try await put(Data(text.utf8), text) }
        // What is no object of ours is passed over.
        try Data("x".utf8).write(to: URL(fileURLWithPath: store.root + "/originals/stray"))
        let questions = [
            ("", all), ("renditions/", renditions), (renditions[3], [renditions[3]]), ("nothing/", []),
            ("orig", Array(all.prefix(3))),
        ]
        for (prefix, expected) in questions {
            var found: [StoredObject] = []
            var cursor: String?
            repeat {
                let page = try await store.page(prefix: prefix, after: cursor, limit: limit)
                #expect(page.objects.count <= limit)
                found += page.objects
                cursor = page.next
            } while cursor != nil && found.count < 50
            #expect(found.map(\.key.text).sorted() == expected.sorted())
            #expect(found.allSatisfy { $0.size == Int64($0.key.text.utf8.count) })
        }
    }

    @Test("puts a copy and leaves the file")
    func copies() async throws {
        let path = folder.file("local")
        try Data("bytes".utf8).write(to: URL(fileURLWithPath: path))
        try await store.put(path, as: try key("originals/x"), durable: true)
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(try await store.bytes(of: try key("originals/x")) == Data("bytes".utf8))
        await #expect(throws: ObjectStoreError.self) {
            try await store.put(folder.file("nothing"), as: try key("originals/y"), durable: true)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.root + "/.incoming").isEmpty)
    }

    private func key(_ text: String) throws -> ObjectKey { try #require(ObjectKey(text)) }

    private func put(_ bytes: Data, _ text: String) async throws {
        let path = folder.file(UUID().uuidString)
        try bytes.write(to: URL(fileURLWithPath: path))
        try await store.adopt(path, as: try key(text), durable: false)
    }
}
