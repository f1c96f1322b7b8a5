import Core
import Crypto
import NIOCore
import ObjectStore

/// Compares what is stored with what the database says of it.
struct MediaVerifier: Sendable {
    let database: any Database
    let store: any StreamingObjectStore
    let inventories: [any ObjectInventory]
    /// Whether objects are read to their end.
    let isDeep: Bool
    /// Objects looked at at a time.
    var parallel = 8

    /// What is wrong with an object.
    struct Fault: Sendable, Equatable, CustomStringConvertible {
        var key: ObjectKey
        var what: String

        var description: String { "\(key): \(what)" }
    }

    /// How many objects there should be.
    func count() async throws -> Int {
        try await database.read { tx in try inventories.reduce(0) { try $0 + $1.count(transaction: tx) } }
    }

    /// Looks at every object.
    /// - Parameter report: called after each, one call at a time, with what is wrong with it.
    /// - Throws: `ObjectStoreError` when the store cannot be asked.
    func run(_ report: @Sendable (Fault?) async -> Void) async throws {
        for inventory in inventories {
            var cursor: String?
            repeat {
                let page = try await database.read { [cursor] tx in try inventory.page(after: cursor, limit: 200, transaction: tx) }
                try await look(at: page.objects, of: inventory, report)
                cursor = page.next
            } while cursor != nil
        }
    }

    private func look(
        at objects: [RecordedObject], of inventory: any ObjectInventory, _ report: @Sendable (Fault?) async -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Fault?.self) { group in
            for (index, object) in objects.enumerated() {
                if index >= parallel, let fault = try await group.next() { await report(fault) }
                group.addTask { try await fault(of: object, in: inventory) }
            }
            for try await fault in group { await report(fault) }
        }
    }

    private func fault(of object: RecordedObject, in inventory: any ObjectInventory) async throws -> Fault? {
        guard let what = try await difference(of: object) else { return nil }
        // Something else may have taken its place since its row was read.
        let named = try await database.read { tx in try inventory.named([object.key], transaction: tx) }
        return named.contains(object.key) ? Fault(key: object.key, what: what) : nil
    }

    private func difference(of object: RecordedObject) async throws -> String? {
        guard let size = try await store.size(of: object.key) else { return "missing" }
        if size != object.size { return "has \(size) bytes, not \(object.size)" }
        guard isDeep else { return nil }
        do {
            return try await digest(of: object.key) == object.sha256 ? nil : "its content is another"
        } catch ObjectStoreError.missing {
            return "missing"
        }
    }

    private func digest(of key: ObjectKey) async throws -> String {
        var hash = SHA256()
        for try await chunk in try await store.read(key, range: nil) {
            chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
