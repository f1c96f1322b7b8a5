import Core
import Foundation
import Glibc

extension DiskObjectStore: StreamingObjectStore {
    public func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBytes {
        guard let size = try await size(of: key) else { throw ObjectStoreError.missing(key) }
        let range = try ObjectBytes.range(range, of: size)
        let slice = FileSlice(path: path(of: key), offset: range.lowerBound, length: Int64(range.count))
        return ObjectBytes(size: size, range: range, stream: slice.chunks(on: threads))
    }

    public func put(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        let copy = "\(root)/\(DiskLayout.scratch)/\(UUID().uuidString)"
        do {
            try await threads.run { try FileSystem.copy(localPath, to: copy) }
            try await adopt(copy, as: key, durable: durable)
        } catch {
            try? await threads.run { _ = try FileSystem.removeFile(copy) }
            throw error
        }
    }

    /// In the order of the paths.
    public func page(prefix: String, after cursor: String?, limit: Int) async throws -> ObjectPage {
        try await threads.run { [root] in
            var walk = FolderWalk(root: root, prefix: prefix, limit: max(1, min(limit, 1000)))
            try walk.visit([], after: cursor.map { $0.split(separator: "/").map(String.init) })
            return walk.page
        }
    }
}

/// Collects a page of files below the root, folders and files in the order of their names.
private struct FolderWalk {
    let root: String
    let prefix: String
    let limit: Int
    private var objects: [StoredObject] = []
    private var last: String?

    init(root: String, prefix: String, limit: Int) {
        self.root = root
        self.prefix = prefix
        self.limit = limit
    }

    var page: ObjectPage { ObjectPage(objects: objects, next: objects.count < limit ? nil : last) }

    /// - Parameter cursor: what of the last page's end lies in this folder; everything up to it is passed over.
    mutating func visit(_ folder: [String], after cursor: [String]?) throws {
        for name in try names(folder) {
            guard objects.count < limit else { return }
            let start = cursor?.first ?? ""
            if name < start { continue }
            let path = folder + [name]
            let rest = name == start ? cursor.map { Array($0.dropFirst()) } : nil
            if let (size, time) = try FileSystem.status(text(path)) {
                if rest == nil { add(path, size, time) }
            } else {
                try visit(path, after: rest)
            }
        }
    }

    private mutating func add(_ path: [String], _ size: Int64, _ time: Timestamp) {
        guard let key = DiskLayout.key(of: path), key.text.hasPrefix(prefix) else { return }
        objects.append(StoredObject(key: key, size: size, modifiedAt: time))
        last = path.joined(separator: "/")
    }

    /// Names that can be part of a key and, at the top, of one with the prefix; a folder that is gone has none.
    private func names(_ folder: [String]) throws -> [String] {
        let wanted = folder.isEmpty && prefix.contains("/") ? prefix.split(separator: "/").first.map(String.init) : nil
        let all: [String]
        do {
            all = try FileManager.default.contentsOfDirectory(atPath: text(folder))
        } catch CocoaError.fileReadNoSuchFile {
            return []
        }
        return all.filter { !$0.hasPrefix(".") && (wanted == nil || $0 == wanted) }.sorted()
    }

    private func text(_ path: [String]) -> String { ([root] + path).joined(separator: "/") }
}
