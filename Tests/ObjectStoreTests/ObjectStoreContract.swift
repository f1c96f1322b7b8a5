import Core
import Foundation
import Testing

/// What every store behind `ObjectStore` has to do; each driver's suite runs all of `all`.
enum ObjectStoreContract {
    struct Clause: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: @Sendable (any ObjectStore, _ scratch: URL) async throws -> Void

        init(_ sentence: String, _ check: @escaping @Sendable (any ObjectStore, URL) async throws -> Void) {
            self.testDescription = sentence
            self.check = check
        }
    }

    static let original = ObjectKey.original(OriginalID(at: Timestamp(milliseconds: 1)))

    static let all = [
        Clause("an adopted file is there, byte for byte, durable or not", adopted),
        Clause("adopting again replaces", replaced),
        Clause("adopting can be repeated after a crash", repeated),
        Clause("neither file nor object is an error", neither),
        Clause("a missing object has no size and gives no file", missing),
        Clause("removing is idempotent and leaves neighbours alone", removed),
        Clause("many files at once", parallel),
        Clause("many are removed at once, also what is not there", batch),
        Clause("an address is given only for what a client can fetch without us", address),
    ]

    private static func adopted(_ store: any ObjectStore, _ scratch: URL) async throws {
        for durable in [true, false] {
            let key = ObjectKey.original(OriginalID(at: Timestamp(milliseconds: 1)))
            let bytes = Data((0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try await store.adopt(try file(bytes, in: scratch), as: key, durable: durable)
            #expect(try await store.size(of: key) == 700_001)
            #expect(try await content(of: key, in: store) == bytes)
        }
    }

    private static func replaced(_ store: any ObjectStore, _ scratch: URL) async throws {
        try await store.adopt(try file(Data("old".utf8), in: scratch), as: original, durable: false)
        try await store.adopt(try file(Data("newer".utf8), in: scratch), as: original, durable: true)
        #expect(try await content(of: original, in: store) == Data("newer".utf8))
    }

    private static func repeated(_ store: any ObjectStore, _ scratch: URL) async throws {
        let path = try file(Data("bytes".utf8), in: scratch)
        try await store.adopt(path, as: original, durable: true)
        try? FileManager.default.removeItem(atPath: path)
        try await store.adopt(path, as: original, durable: true)
        #expect(try await content(of: original, in: store) == Data("bytes".utf8))
    }

    private static func neither(_ store: any ObjectStore, _ scratch: URL) async throws {
        await #expect(throws: ObjectStoreError.system(ENOENT, "adopt")) {
            try await store.adopt(scratch.path + "/nothing", as: original, durable: true)
        }
        #expect(try await store.size(of: original) == nil)
    }

    private static func missing(_ store: any ObjectStore, _ scratch: URL) async throws {
        #expect(try await store.size(of: original) == nil)
        await #expect(throws: ObjectStoreError.missing(original)) { try await store.withLocalFile(original) { _ in } }
    }

    private static func removed(_ store: any ObjectStore, _ scratch: URL) async throws {
        let id = OriginalID(at: Timestamp(milliseconds: 1))
        let keys = ["thumb", "large"].compactMap { ObjectKey("renditions/\(id)/\($0)-1.webp") }
        for key in keys { try await store.adopt(try file(Data("x".utf8), in: scratch), as: key, durable: false) }
        try await store.remove(keys[0])
        try await store.remove(keys[0])
        #expect(try await store.size(of: keys[0]) == nil)
        #expect(try await store.size(of: keys[1]) == 1)
    }

    private static func parallel(_ store: any ObjectStore, _ scratch: URL) async throws {
        let keys = (0..<40).compactMap { ObjectKey("renditions/\(OriginalID(at: Timestamp(milliseconds: 1)))/r-\($0).jpg") }
        try await withThrowingTaskGroup { group in
            for (index, key) in keys.enumerated() {
                group.addTask {
                    let isDurable = index.isMultiple(of: 2)
                    try await store.adopt(try file(Data("\(index)".utf8), in: scratch), as: key, durable: isDurable)
                    // Removing and adopting neighbours at once must not pull a folder from under anybody.
                    try await store.remove(key)
                    try await store.adopt(try file(Data("\(index)".utf8), in: scratch), as: key, durable: false)
                }
            }
            try await group.waitForAll()
        }
        for (index, key) in keys.enumerated() { #expect(try await content(of: key, in: store) == Data("\(index)".utf8)) }
    }

    private static func batch(_ store: any ObjectStore, _ scratch: URL) async throws {
        let id = OriginalID(at: Timestamp(milliseconds: 1))
        let keys = (0..<4).compactMap { ObjectKey("renditions/\(id)/\($0).webp") }
        for key in keys.dropFirst() { try await store.adopt(try file(Data("x".utf8), in: scratch), as: key, durable: false) }
        try await store.remove(Array(keys.dropLast()))
        for key in keys.dropLast() { #expect(try await store.size(of: key) == nil) }
        #expect(try await store.size(of: keys[3]) == 1)
    }

    private static func address(_ store: any ObjectStore, _ scratch: URL) async throws {
        let address = try store.address(of: original, as: ObjectLink(lifetime: .seconds(60)))
        #expect((address == nil) == (store.localPath(of: original) != nil))
    }

    static func file(_ bytes: Data, in folder: URL) throws -> String {
        let url = folder.appendingPathComponent(UUID().uuidString)
        try bytes.write(to: url)
        return url.path
    }

    static func content(of key: ObjectKey, in store: any ObjectStore) async throws -> Data {
        try await store.withLocalFile(key) { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    }
}
