import Core
import Foundation
import Ingest
import NIOPosix
import ObjectStore
import Sessions

/// Takes over a session: each photo as a whole, its files compared with what was written down of them. Whatever the session has already
/// is passed over: an interrupted run goes on where it was.
struct SessionImport: Sendable {
    let source: any ImportSource
    let importer: SessionImporter
    let store: any StreamingObjectStore
    let owner: UserID
    let session: SessionID
    /// Where files are unpacked.
    let scratch: String
    let threads: NIOThreadPool
    let clock: any WallClock
    /// Bytes of a file at most.
    let longestFile: Int64
    /// Photos on their way at a time.
    var parallel = 4

    /// What has become of the photos.
    struct Result: Sendable, Equatable {
        var added = 0
        var present = 0
        /// Without any file already where they come from.
        var lost = 0
        /// What the session is shown by, if that was chosen.
        var cover: PhotoID?
    }

    /// Files of one photo at most, and bytes of the line that describes it.
    private static let (mostFiles, longestLine) = (8, 1 << 20)
    private static let stackPage = 200

    private struct Outcome: Sendable {
        var document: PhotoDocument
        /// `nil` when it could not be taken over.
        var photo: PhotoID?
        var isNew = false
    }

    /// - Parameters:
    ///   - cover: what the session is shown by, by its number where it comes from.
    ///   - report: called after each photo.
    /// - Throws: `TransferFault` for what is not what was written down; `ObjectStoreError`, `DatabaseError`.
    func run(_ lines: PhotoLines, cover: PhotoID?, _ report: @escaping @Sendable (Result) async -> Void) async throws -> Result {
        var (result, numbers, stacks) = (Result(), [PhotoID: PhotoID](), [(PhotoID, PhotoID)]())
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            func take(_ outcome: Outcome) async {
                result.count(outcome.photo, isNew: outcome.isNew)
                if let photo = outcome.photo {
                    numbers[outcome.document.id] = photo
                    if let top = outcome.document.curation.stackID { stacks.append((photo, top)) }
                }
                await report(result)
            }
            var running = 0
            while let document = try await threads.runIfActive({ try lines.next(longest: Self.longestLine) }) {
                if running >= parallel, let outcome = try await group.next() {
                    await take(outcome)
                    running -= 1
                }
                group.addTask { try await add(document) }
                running += 1
            }
            for try await outcome in group { await take(outcome) }
        }
        result.cover = cover.flatMap { numbers[$0] }
        // A stack whose top is not here is none.
        let known = stacks.compactMap { photo, top in numbers[top].map { (photo: photo, top: $0) } }
        for start in stride(from: 0, to: known.count, by: Self.stackPage) {
            try await importer.stack(Array(known[start...].prefix(Self.stackPage)), in: session)
        }
        return result
    }

    private func add(_ document: PhotoDocument) async throws -> Outcome {
        var document = document
        document.leaveOutLost()
        guard let first = document.files.first else { return Outcome(document: document) }
        guard document.files.count <= Self.mostFiles else { throw TransferFault("\(first.filename) has too many files.") }
        if let known = try await importer.photo(sha256: first.sha256, in: session) { return Outcome(document: document, photo: known) }
        let stored = try await store(document)
        // Where this fails, nobody knows whether the rows are there: the files stay, and `lumiere media gc` finds what nothing speaks of.
        let photo = try await importer.add(document, stored, to: session)
        let isNew = photo == stored.first.map { PhotoID($0.id) }
        // Another with the same file may have come meanwhile.
        if !isNew { try await store.remove(stored.map(\.objectKey)) }
        return Outcome(document: document, photo: photo, isNew: isNew)
    }

    /// All files of a photo, or none.
    private func store(_ document: PhotoDocument) async throws -> [CompletedUpload] {
        var stored: [CompletedUpload] = []
        do {
            for file in document.files { stored.append(try await store(file, of: document)) }
            return stored
        } catch {
            try? await store.remove(stored.map(\.objectKey))
            throw error
        }
    }

    /// Unpacks a file, compares it, and puts it where originals are.
    private func store(_ file: PhotoDocument.File, of photo: PhotoDocument) async throws -> CompletedUpload {
        let time = min(max(photo.createdAt, Timestamp(milliseconds: 0)), clock.now())
        let id = UploadID(at: time)
        let (path, target) = (file.path ?? "", "\(scratch)/\(id)")
        let digest = try await threads.runIfActive { [source, longestFile] in
            try source.extract(path, to: target, limit: longestFile)
        }
        guard digest.sha256 == file.sha256, digest.count == file.size else {
            try? FileManager.default.removeItem(atPath: target)
            throw TransferFault("\(path) is not the file that was written down.")
        }
        let key = ObjectKey.original(OriginalID(id))
        try await store.adopt(target, as: key, durable: true)
        let name = SafeFileName.clean(file.filename)
        let declaration = UploadDeclaration(
            purpose: "session", target: session.description, filename: name, contentType: String(file.contentType.prefix(127)),
            length: digest.count, sha256: digest.sha256)
        return CompletedUpload(
            id: id, sessionID: session, declaration: declaration, size: digest.count, sha256: digest.sha256, crc32: digest.crc32,
            sniffed: digest.sniffed, objectKey: key, uploaderID: owner, completedAt: time)
    }
}

extension SessionImport.Result {
    fileprivate mutating func count(_ photo: PhotoID?, isNew: Bool) {
        if photo == nil { lost += 1 } else if isNew { added += 1 } else { present += 1 }
    }
}
