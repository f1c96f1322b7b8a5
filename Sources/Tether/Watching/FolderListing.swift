import Glibc

/// What is in one folder.
struct FolderListing {
    var files: [String] = []
    var folders: [String] = []
    /// Names that are not UTF-8, which no path here could say.
    var unreadable = 0

    /// Entries read at most; what is beyond them is not seen.
    static let limit = 200_000

    /// - Returns: `nil` when the folder cannot be read.
    init?(_ path: String, in reach: FolderReach) {
        guard let descriptor = try? reach.open(path, FolderReach.reading | O_DIRECTORY) else { return nil }
        guard let folder = fdopendir(descriptor) else {
            close(descriptor)
            return nil
        }
        defer { closedir(folder) }
        for _ in 0..<Self.limit {
            guard let entry = readdir(folder) else { return }
            add(entry, in: descriptor)
        }
    }

    private mutating func add(_ entry: UnsafeMutablePointer<dirent>, in folder: Int32) {
        let text = withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
        }
        guard let name = text else { return unreadable += 1 }
        if name == "." || name == ".." { return }
        switch Int32(entry.pointee.d_type) {
        case Int32(DT_DIR): folders.append(name)
        case Int32(DT_REG): files.append(name)
        // Some file systems do not say.
        case Int32(DT_UNKNOWN): sort(name, in: folder)
        default: break
        }
    }

    private mutating func sort(_ name: String, in folder: Int32) {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR { folders.append(name) }
        if status.st_mode & S_IFMT == S_IFREG { files.append(name) }
    }
}
