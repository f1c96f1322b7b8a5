import Checksums
import Core
import Glibc
import NIOCore
import NIOPosix
import ObjectStore

/// Finds the checksums of files as archives give them: on file threads.
struct FileChecksums: Sendable {
    private static let window = 1 << 20

    let objects: any StreamingObjectStore
    let threads: NIOThreadPool
    let removals: PlaceRemovals

    init(_ objects: any StreamingObjectStore, threads: NIOThreadPool, removals: PlaceRemovals) {
        self.objects = objects
        self.threads = threads
        self.removals = removals
    }

    /// What came of reading a file.
    enum Outcome {
        case found(UInt32)
        /// It cannot be given without its place.
        case impossible
        /// Nobody can say in time what it tells: later, perhaps.
        case late
        /// It is not there, or is not what it should be.
        case missing
    }

    /// - Throws: `IOError`, `ObjectStoreError` when the store is in trouble.
    func checksum(of file: ArchivedFile) async throws -> Outcome {
        do {
            return try await found(file)
        } catch where ArchiveLosses.isLoss(error) {
            return .missing
        } catch {
            // One that ends early is not what it should be; a store in trouble says nothing about it.
            guard try await objects.size(of: file.objectKey) != file.size else { throw error }
            return .missing
        }
    }

    private func found(_ file: ArchivedFile) async throws -> Outcome {
        guard file.isPlaceless else { return .found(try await sum(of: file)) }
        let patches: BytePatches
        switch try await removals.outcome(of: MediaFile(file)) {
        case .patches(let found): patches = found
        case .impossible(let isFinal): return isFinal ? .impossible : .late
        }
        let sum = if let known = file.crc32 { known } else { try await sum(of: file) }
        if patches.isEmpty { return .found(sum) }
        return .found(
            try await reading(file) { read in
                var sum = sum
                for range in patches.ranges { sum = try Self.replaced(range, patches, in: sum, of: file.size, read) }
                return sum
            })
    }

    private func sum(of file: ArchivedFile) async throws -> UInt32 {
        try await reading(file) { read in
            var (sum, offset): (UInt32, UInt64) = (0, 0)
            while offset < UInt64(file.size) {
                let bytes = try read(offset, Int(min(UInt64(Self.window), UInt64(file.size) - offset)))
                sum = bytes.withUnsafeBytes { CRC32.update(sum, $0) }
                offset += UInt64(bytes.count)
            }
            return sum
        }
    }

    private static func replaced(
        _ range: Range<UInt64>, _ patches: BytePatches, in sum: UInt32, of size: Int64, _ read: (UInt64, Int) throws -> [UInt8]
    ) throws -> UInt32 {
        var (old, new, offset): (UInt32, UInt32, UInt64) = (0, 0, range.lowerBound)
        while offset < range.upperBound {
            var bytes = try read(offset, Int(min(UInt64(window), range.upperBound - offset)))
            old = bytes.withUnsafeBytes { CRC32.update(old, $0) }
            bytes.withUnsafeMutableBytes { patches.apply(to: $0, at: offset) }
            new = bytes.withUnsafeBytes { CRC32.update(new, $0) }
            offset += UInt64(bytes.count)
        }
        return CRC32.replacing(old, by: new, before: UInt64(size) - range.upperBound, in: sum)
    }

    /// Reads a file on a file thread. What is given is as long as was asked for.
    private func reading(
        _ file: ArchivedFile, _ body: @escaping @Sendable ((UInt64, Int) throws -> [UInt8]) throws -> UInt32
    ) async throws -> UInt32 {
        let (objects, path) = (objects, objects.localPath(of: file.objectKey))
        return try await threads.runIfActive {
            let read: (UInt64, Int) throws -> [UInt8]
            if let path {
                let opened = try OpenFile(path)
                read = { try opened.bytes(at: Int64($0), upTo: $1) }
            } else {
                read = RemoteFile(MediaFile(file), objects).bytes
            }
            return try body { offset, count in
                let bytes = try read(offset, count)
                guard bytes.count == count else { throw IOError(errnoCode: EIO, reason: "short read") }
                return bytes
            }
        }
    }
}

extension MediaFile {
    /// As far as it takes to read a file of an archive.
    init(_ file: ArchivedFile) {
        self.init(
            sessionID: SessionID(at: file.modifiedAt), requiredRights: [], objectKey: file.objectKey, size: file.size,
            sha256: file.sha256, contentType: "application/octet-stream", filename: file.name, modifiedAt: file.modifiedAt,
            place: file.isPlaceless ? .hidden : .untold)
    }
}
