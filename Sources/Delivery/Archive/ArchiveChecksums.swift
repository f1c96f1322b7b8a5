import Checksums
import Core
import Glibc
import NIOCore
import NIOPosix
import ObjectStore

/// Finds the checksums that archives need and nobody has kept: of renditions from before they were, and of originals without
/// their places. On file threads, one file at a time for each of two archives; what is found is kept.
///
/// It goes on when those who asked are gone: they will ask again.
actor ArchiveChecksums {
    /// Archives that are worked at. Others come later.
    private static let maximumWorks = 2
    /// Checksums that are kept at once.
    private static let batch = 64
    private static let window = 1 << 20

    private let catalog: any ArchiveCatalog
    private let objects: any StreamingObjectStore
    private let threads: NIOThreadPool
    private let removals: PlaceRemovals
    /// How long a request waits.
    private let patience: Duration
    private var works: [ArchiveSubject: Work] = [:]

    private struct Work {
        var left: Int
        var waiting: [CheckedContinuation<Result<Void, any Error>, Never>] = []
    }

    init(
        _ catalog: any ArchiveCatalog, _ objects: any StreamingObjectStore, threads: NIOThreadPool, removals: PlaceRemovals,
        patience: Duration
    ) {
        self.catalog = catalog
        self.objects = objects
        self.threads = threads
        self.removals = removals
        self.patience = patience
    }

    /// Finds and keeps the checksums of some files.
    /// - Throws: `Problem` 503 `archive_preparing` when that takes longer than a request should; what reading throws.
    func find(_ files: [ArchivedFile], for subject: ArchiveSubject) async throws {
        if works[subject] == nil {
            guard works.count < Self.maximumWorks else { throw Self.preparing(files.count) }
            works[subject] = Work(left: files.count)
            Task { await run(files, for: subject) }
        }
        let patience = patience
        try await withCheckedContinuation { continuation in
            works[subject]?.waiting.append(continuation)
            Task {
                try? await Task.sleep(for: patience)
                self.lose(subject)
            }
        }.get()
    }

    /// 503: ask again.
    static func preparing(_ count: Int) -> Problem {
        var problem = Problem.unavailable(
            "archive_preparing", "The archive is being prepared: \(count) files have to be read first.", retryAfter: 5)
        problem.members["files"] = .integer(Int64(count))
        return problem
    }

    /// Whoever waits has waited long enough: one that has just come may be told so early.
    private func lose(_ subject: ArchiveSubject) {
        guard let work = works[subject] else { return }
        works[subject]?.waiting = []
        for waiter in work.waiting { waiter.resume(returning: .failure(Self.preparing(work.left))) }
    }

    private func run(_ files: [ArchivedFile], for subject: ArchiveSubject) async {
        let result: Result<Void, any Error>
        do {
            try await keep(files, for: subject)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for waiter in works.removeValue(forKey: subject)?.waiting ?? [] { waiter.resume(returning: result) }
    }

    private func keep(_ files: [ArchivedFile], for subject: ArchiveSubject) async throws {
        var found: [(file: ArchivedFile, crc32: UInt32?)] = []
        for file in files {
            do {
                found.append((file, try await checksum(of: file)))
            } catch {
                // What has been found so far counts.
                try await catalog.note(found, of: subject.session)
                throw error
            }
            works[subject]?.left -= 1
            if found.count == Self.batch {
                try await catalog.note(found, of: subject.session)
                found = []
            }
        }
        try await catalog.note(found, of: subject.session)
    }

    /// - Returns: `nil` for a file that cannot be given without its place.
    private func checksum(of file: ArchivedFile) async throws -> UInt32? {
        guard file.isPlaceless else { return try await sum(of: file) }
        let patches: BytePatches
        switch try await removals.outcome(of: MediaFile(file)) {
        case .patches(let found): patches = found
        case .impossible(isFinal: true): return nil
        case .impossible: throw Self.preparing(1)
        }
        let sum = if let known = file.crc32 { known } else { try await sum(of: file) }
        if patches.isEmpty { return sum }
        return try await reading(file) { read in
            var sum = sum
            for range in patches.ranges { sum = try Self.replaced(range, patches, in: sum, of: file.size, read) }
            return sum
        }
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
