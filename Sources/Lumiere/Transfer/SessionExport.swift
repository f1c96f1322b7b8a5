import Core
import Foundation
import Ingest
import NIOPosix
import ObjectStore
import Sessions

/// Writes a session into a folder. Whatever is there already and is what it should be stays: an interrupted run goes on where it was.
struct SessionExport: Sendable {
    let exporter: SessionExporter
    let store: any StreamingObjectStore
    let folder: ExportFolder
    let threads: NIOThreadPool
    /// Photos on their way at a time.
    var parallel = 4

    /// What has been written.
    struct Result: Sendable {
        var files: [ExportFolder.Written] = []
        /// What could not be had, by the names of the files.
        var lost: [String] = []
        var photos = 0
    }

    /// Photos read at a time.
    private static let page = 200

    /// - Parameter report: called after each photo with how many files are done.
    /// - Throws: `TransferFault`, `ObjectStoreError`, `DatabaseError`.
    func run(_ document: SessionDocument, _ report: @escaping @Sendable (MoveProgress) async -> Void) async throws -> Result {
        let extent = try await exporter.extent(of: document.id)
        var (result, names) = (Result(), ArchiveNames())
        var (progress, last) = (MoveProgress(objects: extent.files, bytes: extent.bytes), PhotoID?.none)
        let lines = try await onThread { [folder] in LineFile(try NewFile("\(folder.path)/\(ExportFolder.photos)")) }
        while true {
            let items = try await exporter.photos(of: document.id, after: last, limit: Self.page)
            guard let final = items.last else { break }
            let named = items.map { item in
                let files = item.document.files.map { names.add($0.filename) }
                return (item, files, names.add("\(files[0]).xmp"))
            }
            for photo in try await write(named, progress: &progress, report) {
                result.photos += 1
                result.files += photo.written
                result.lost += photo.lost
                try await onThread { try lines.append(photo.document) }
            }
            last = final.document.id
        }
        result.files.insert(contentsOf: try await frame(document, lines), at: 0)
        return result
    }

    /// What stands around the photos, the session last: where it is, the export is whole.
    private func frame(_ document: SessionDocument, _ lines: LineFile) async throws -> [ExportFolder.Written] {
        let picture = try await exporter.watermarkPicture(of: document)
        return try await onThread { [folder] in
            let mark = try picture.map { try folder.write($0, as: ExportFolder.watermark) }
            let photos = try lines.keep()
            let session = try folder.write(try JSON.encode(document), as: ExportFolder.session)
            return [session, photos] + (mark.map { [$0] } ?? [])
        }
    }

    /// A photo that has been written, and what of it could not be had.
    private struct Outcome: Sendable {
        var document: PhotoDocument
        var written: [ExportFolder.Written] = []
        var lost: [String] = []
        var present = 0
        var presentBytes: Int64 = 0
    }

    private func write(
        _ named: [(SessionExporter.Item, [String], String)], progress: inout MoveProgress,
        _ report: @escaping @Sendable (MoveProgress) async -> Void
    ) async throws -> [Outcome] {
        var outcomes = [Outcome?](repeating: nil, count: named.count)
        try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            var running = 0
            for (index, (item, names, sidecar)) in named.enumerated() {
                if running >= parallel, let (index, outcome) = try await group.next() {
                    outcomes[index] = outcome
                    await count(outcome, &progress, report)
                    running -= 1
                }
                group.addTask { (index, try await write(item, as: names, sidecar)) }
                running += 1
            }
            for try await (index, outcome) in group {
                outcomes[index] = outcome
                await count(outcome, &progress, report)
            }
        }
        return outcomes.compactMap(\.self)
    }

    private func count(
        _ outcome: Outcome, _ progress: inout MoveProgress, _ report: @Sendable (MoveProgress) async -> Void
    ) async {
        progress.done += outcome.document.files.count
        progress.present += outcome.present
        progress.presentBytes += outcome.presentBytes
        progress.copiedBytes += outcome.document.files.filter { $0.path != nil }.reduce(0) { $0 + $1.size } - outcome.presentBytes
        await report(progress)
    }

    private func write(_ item: SessionExporter.Item, as names: [String], _ sidecarName: String) async throws -> Outcome {
        var outcome = Outcome(document: item.document)
        for (index, key) in item.keys.enumerated() {
            let (file, path) = (item.document.files[index], "\(ExportFolder.originals)/\(names[index])")
            if let present = try await onThread({ [folder] in try folder.present(path, size: file.size, sha256: file.sha256) }) {
                outcome.written.append(present)
                (outcome.present, outcome.presentBytes) = (outcome.present + 1, outcome.presentBytes + file.size)
            } else if let copied = try await copy(key, file, to: path) {
                outcome.written.append(copied)
            } else {
                outcome.lost.append(file.filename)
                continue
            }
            outcome.document.files[index].path = path
        }
        if let sidecar = PhotoSidecar(outcome.document) {
            let name = "\(ExportFolder.originals)/\(sidecarName)"
            outcome.written.append(try await onThread { [folder] in try folder.write(sidecar.data, as: name) })
        }
        return outcome
    }

    /// - Returns: `nil` when the store does not have what the session should have.
    private func copy(_ key: ObjectKey, _ file: PhotoDocument.File, to path: String) async throws -> ExportFolder.Written? {
        do {
            return try await store.withLocalFile(key) { [folder, threads] source in
                try await threads.runIfActive { try folder.copy(source, as: path, size: file.size, sha256: file.sha256) }
            }
        } catch ObjectStoreError.missing {
            return nil
        }
    }

    private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.runIfActive(body)
    }
}

/// A file of JSON, a document on each line. Used by one call at a time, each from whatever thread: they follow each other.
private final class LineFile: @unchecked Sendable {
    // Unchecked because `NewFile` is not Sendable: the export awaits each call before the next, and nobody else has it.
    private let file: NewFile

    init(_ file: NewFile) { self.file = file }

    func append(_ document: PhotoDocument) throws {
        var line = try JSON.encode(document)
        line.append(0x0A)
        try line.withUnsafeBytes { try file.append($0) }
    }

    func keep() throws -> ExportFolder.Written {
        let digest = try file.keep()
        return ExportFolder.Written(path: ExportFolder.photos, size: digest.count, crc32: digest.crc32)
    }
}
