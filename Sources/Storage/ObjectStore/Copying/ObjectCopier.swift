import Core
import Crypto
import Foundation
import Glibc
import NIOCore

/// Copies objects from one store to another, a few at a time, while both are in use. What is there already is passed
/// over, so that a copy that was interrupted goes on, and a second run fetches what has come since.
public struct ObjectCopier: Sendable {
    public let source: any StreamingObjectStore
    public let target: any StreamingObjectStore
    /// For objects on their way that do not lie in a local file; has to hold `parallel` of them.
    public let scratchFolder: String
    /// Objects on their way at a time.
    public var parallel = 4
    /// Whether each copy is read back and its SHA-256 compared; otherwise its size has to do.
    public var verifiesContent = true
    /// Whether an object is removed from the source once its copy has been verified.
    public var removesSource = false

    private let threads = FileThreads(4)

    /// - Parameter scratchFolder: absolute; made when it is missing.
    public init(from source: any StreamingObjectStore, to target: any StreamingObjectStore, scratchFolder: String) {
        self.source = source
        self.target = target
        self.scratchFolder = scratchFolder
    }

    /// How far it is.
    public struct Progress: Sendable, Equatable {
        /// Objects looked at.
        public var objects = 0
        /// Of these, how many were there already.
        public var present = 0
        /// Bytes copied.
        public var bytes: Int64 = 0
        /// Bytes of the objects that were there already.
        public var presentBytes: Int64 = 0
    }

    /// A copy is not what its source is.
    public struct Mismatch: Error, Sendable, Equatable {
        public let key: ObjectKey
    }

    /// Copies every object whose key begins with one of the prefixes.
    /// - Parameter report: called after each object, one call at a time.
    /// - Throws: `ObjectStoreError` or `Mismatch` for the first object that cannot be copied; those before it are.
    @discardableResult
    public func copy(
        prefixes: [String], report: @Sendable (Progress) async -> Void = { _ in }
    ) async throws -> Progress {
        try await threads.run { [scratchFolder] in
            try FileManager.default.createDirectory(atPath: scratchFolder, withIntermediateDirectories: true)
        }
        var progress = Progress()
        for prefix in prefixes {
            var cursor: String?
            repeat {
                let page = try await source.page(prefix: prefix, after: cursor, limit: 1000)
                try await copy(page.objects, &progress, report)
                cursor = page.next
            } while cursor != nil
        }
        return progress
    }

    /// Bytes and objects to be looked at, for a progress bar.
    public func survey(prefixes: [String]) async throws -> (objects: Int, bytes: Int64) {
        var total = (objects: 0, bytes: Int64(0))
        for prefix in prefixes {
            var cursor: String?
            repeat {
                let page = try await source.page(prefix: prefix, after: cursor, limit: 1000)
                total.objects += page.objects.count
                total.bytes += page.objects.reduce(0) { $0 + $1.size }
                cursor = page.next
            } while cursor != nil
        }
        return total
    }
}

extension ObjectCopier {
    private func copy(
        _ objects: [StoredObject], _ progress: inout Progress, _ report: @Sendable (Progress) async -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (size: Int64, isNew: Bool).self) { group in
            var running = 0
            func settleOne() async throws {
                guard let (size, isNew) = try await group.next() else { return }
                running -= 1
                progress.add(size, isNew: isNew)
                await report(progress)
            }
            for object in objects {
                if running >= max(1, parallel) { try await settleOne() }
                running += 1
                group.addTask { (object.size, try await self.copy(object)) }
            }
            while running > 0 { try await settleOne() }
        }
    }

    /// - Returns: whether it was not there before.
    private func copy(_ object: StoredObject) async throws -> Bool {
        let isNew = try await target.size(of: object.key) != object.size
        if isNew {
            do {
                try await transfer(object.key)
            } catch let error as ObjectStoreError where error == .missing(object.key) {
                // Removed since it was listed, perhaps.
                if try await source.size(of: object.key) != nil { throw error }
                return false
            }
        }
        if removesSource {
            if !isNew { try await compare(object.key, with: try await digest(of: object.key, in: source)) }
            try await source.remove(object.key)
        }
        return isNew
    }

    private func transfer(_ key: ObjectKey) async throws {
        let digest: SHA256.Digest
        if let path = source.localPath(of: key) {
            digest = try await self.digest(of: key, in: source)
            try await target.put(path, as: key, durable: true, sha256: Hex.text(digest))
        } else {
            let path = "\(scratchFolder)/\(UUID().uuidString)"
            do {
                digest = try await fetch(key, to: path)
                try await target.adopt(path, as: key, durable: true)
            } catch {
                try? await threads.run { _ = try FileSystem.removeFile(path) }
                throw error
            }
        }
        try await compare(key, with: digest)
    }

    private func compare(_ key: ObjectKey, with digest: SHA256.Digest) async throws {
        if verifiesContent {
            guard try await self.digest(of: key, in: target) == digest else { throw Mismatch(key: key) }
        } else {
            guard try await target.size(of: key) == source.size(of: key) else { throw Mismatch(key: key) }
        }
    }

    private func digest(of key: ObjectKey, in store: any StreamingObjectStore) async throws -> SHA256.Digest {
        try await read(key, in: store) { _, _ in }
    }

    private func fetch(_ key: ObjectKey, to path: String) async throws -> SHA256.Digest {
        let file = try await threads.run { try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL) }
        return try await read(key, in: source) { chunk, offset in try file.write(chunk, at: offset) }
    }

    /// Hashes an object, and hands its chunks on; both on the file threads.
    private func read(
        _ key: ObjectKey, in store: any StreamingObjectStore, _ use: @escaping @Sendable (ByteBuffer, Int64) throws -> Void
    ) async throws -> SHA256.Digest {
        var hash = SHA256()
        var offset: Int64 = 0
        for try await chunk in try await store.read(key, range: nil) {
            let (before, place) = (hash, offset)
            hash = try await threads.run {
                var hash = before
                chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
                try use(chunk, place)
                return hash
            }
            offset += Int64(chunk.readableBytes)
        }
        return hash.finalize()
    }
}

extension ObjectCopier.Progress {
    fileprivate mutating func add(_ size: Int64, isNew: Bool) {
        objects += 1
        if isNew {
            bytes += size
        } else {
            present += 1
            presentBytes += size
        }
    }
}
