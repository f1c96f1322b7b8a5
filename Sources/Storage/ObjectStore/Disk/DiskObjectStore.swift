import Core
import Foundation
import Glibc

/// Objects as files below one folder, see `DiskLayout`.
///
/// An object appears under its key whole or not at all. All blocking calls run on the store's own threads; a call that was
/// accepted runs to its end even if its caller is cancelled.
public final class DiskObjectStore: ObjectStore {
    /// The folder everything lies in, absolute.
    public let root: String
    let threads: FileThreads
    private let folders: FolderTree

    /// Opens the folder, creating it when it is missing, and clears away what a crash left of unfinished copies.
    /// - Parameter threads: how many files are worked on side by side.
    /// - Throws: `ObjectStoreError` or a file error when the folder cannot be made.
    public init(root: String, threads: Int = 4) throws {
        self.root = URL(fileURLWithPath: root).standardizedFileURL.path
        self.folders = FolderTree(root: self.root)
        let scratch = self.root + "/" + DiskLayout.scratch
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        try Self.clear(scratch, olderThan: 3600)
        self.threads = FileThreads(threads)
    }

    /// Ends the threads once their work is done; later calls fail with `ECANCELED`.
    public func shutdown() async throws { try await threads.shutdown() }

    /// Moves the file, or copies it when it lies on another file system.
    ///
    /// May be repeated after a crash: when the local file is gone and the object is there, an earlier call had moved it, and
    /// this one only makes sure of its durability.
    /// - Throws: `ObjectStoreError.full`; `.system(ENOENT, ...)` when there is neither the local file nor the object.
    public func adopt(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        try await threads.run { [self] in
            let isThere = try FileSystem.size(localPath) != nil
            if try !isThere && FileSystem.size(path(of: key)) == nil {
                throw ObjectStoreError.system(ENOENT, "adopt")
            }
            if durable { try FileSystem.syncFile(isThere ? localPath : path(of: key)) }
            let folder = try place(isThere ? localPath : nil, as: key, durable: durable)
            // Both names are entries of journaled folders; the one that must not be lost is the new one.
            if durable { try FileSystem.syncFolder(folder) }
        }
    }

    public func size(of key: ObjectKey) async throws -> Int64? {
        try await threads.run { [self] in try FileSystem.size(path(of: key)) }
    }

    public func remove(_ key: ObjectKey) async throws {
        try await threads.run { [self] in
            guard try FileSystem.removeFile(path(of: key)) else { return }
            removeEmptyFolders(of: key)
        }
    }

    public func withLocalFile<Value: Sendable>(
        _ key: ObjectKey, _ body: @Sendable (_ path: String) async throws -> Value
    ) async throws -> Value {
        guard try await size(of: key) != nil else { throw ObjectStoreError.missing(key) }
        return try await body(path(of: key))
    }

    public func localPath(of key: ObjectKey) -> String? { path(of: key) }

    /// Bytes an unprivileged process can still write to the root's file system. Does not wait for the disk.
    /// - Throws: `ObjectStoreError.system`.
    public func freeBytes() throws -> Int64 {
        var status = statvfs()
        try FileSystem.check(statvfs(root, &status), "statvfs")
        return FileSystem.bytes(UInt64(status.f_bavail), of: UInt64(status.f_frsize))
    }
}

extension DiskObjectStore {
    func path(of key: ObjectKey) -> String {
        ([root] + DiskLayout.components(of: key)).joined(separator: "/")
    }

    /// Makes the folders and moves the file in, again if `remove` took an empty folder away in between.
    /// - Returns: the object's folder.
    func place(_ localPath: String?, as key: ObjectKey, durable: Bool) throws -> String {
        let parents = Array(DiskLayout.components(of: key).dropLast())
        for attempt in 1... {
            let folder = try folders.make(parents, durable: durable, shared: DiskLayout.sharedFolders(of: key))
            guard let localPath else { return folder }
            do {
                try move(localPath, to: path(of: key), in: folder, durable: durable)
                return folder
            } catch ObjectStoreError.system(ENOENT, _) where attempt < 8 {
                folders.forget()
            }
        }
        // The range has no end, so the loop is only left by return or throw.
        preconditionFailure("unreachable")
    }

    private func move(_ source: String, to target: String, in folder: String, durable: Bool) throws {
        if rename(source, target) == 0 { return }
        guard errno == EXDEV else { throw FileSystem.failure("rename") }
        let copy = "\(root)/\(DiskLayout.scratch)/\(UUID().uuidString)"
        do {
            try FileSystem.copy(source, to: copy)
            if durable { try FileSystem.syncFile(copy) }
            try FileSystem.check(rename(copy, target), "rename")
            // The other file system may forget the source first, and then the new name must not be lost.
            if durable { try FileSystem.syncFolder(folder) }
        } catch {
            unlink(copy)
            throw error
        }
        unlink(source)
    }

    /// Takes away the object's own folders; the shared ones stay. A folder that is not empty refuses, as it should.
    private func removeEmptyFolders(of key: ObjectKey) {
        var folders = Array(DiskLayout.components(of: key).dropLast())
        while folders.count > DiskLayout.sharedFolders(of: key), rmdir(([root] + folders).joined(separator: "/")) == 0 {
            folders.removeLast()
        }
    }

    /// Other processes may be copying, so only what nobody has written to for some seconds goes.
    private static func clear(_ folder: String, olderThan age: TimeInterval) throws {
        let limit = Date(timeIntervalSinceNow: -age)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let path = folder + "/" + name
            let written = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
            if let written, written < limit { try FileSystem.removeFile(path) }
        }
    }
}
