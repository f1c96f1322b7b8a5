import Foundation
import Glibc

/// The two folders that one decoder works with, and the only ones it can reach: other decoders' files and all other
/// originals are none of its business. Everything here blocks.
struct DecoderFolders: Sendable, Equatable {
    /// May be read.
    let originals: String
    /// May be read and written.
    let results: String

    private let base: String

    /// - Parameter base: a folder of this decoder alone.
    init(_ base: String) {
        self.base = base
        originals = base + "/originals"
        results = base + "/results"
    }

    /// Makes them, or empties what an earlier decoder has left.
    func prepare() throws {
        for folder in [originals, results] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        empty()
    }

    /// The folders themselves stay: a decoder is confined to these, not to others of their names.
    func empty() {
        for folder in [originals, results] {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            }
        }
    }

    /// When no decoder works with them any more.
    func remove() { try? FileManager.default.removeItem(atPath: base) }

    /// Puts an original where the decoder may read it: by another name of the same file, which costs nothing, or by a copy
    /// when it lies on another file system.
    /// - Returns: its path.
    func admit(_ path: String) throws -> String {
        let name = "\(originals)/\((path as NSString).lastPathComponent)"
        if link(path, name) == 0 { return name }
        try FileManager.default.copyItem(atPath: path, toPath: name)
        return name
    }
}
