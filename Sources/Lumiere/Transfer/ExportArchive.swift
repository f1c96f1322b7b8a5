import Core
import Foundation

/// Packs an exported folder into a ZIP archive, in which the files are as they are. Its calls block.
struct ExportArchive: Sendable {
    let folder: ExportFolder
    let target: String

    /// Where the files are until they are packed, so that an interrupted run can go on.
    static func folder(for target: String) -> String { target + ".partial" }

    /// Packs them in that order and removes the folder.
    /// - Throws: `TransferFault`.
    func pack(_ files: [ExportFolder.Written], at now: Timestamp) throws {
        var builder = ArchiveBuilder()
        for file in files { builder.add(path: file.path, size: file.size, crc32: file.crc32, modifiedAt: now) }
        let (layout, archive) = (builder.layout, try NewFile(target))
        for piece in layout.pieces(in: 0..<layout.length) {
            switch piece {
            case .added(let bytes): try bytes.withUnsafeBytes { try archive.append($0) }
            case .file(let index, let range):
                try PlainFile("\(folder.path)/\(files[index].path)").read(range) { try archive.append($0) }
            }
        }
        try archive.keep()
        try FileManager.default.removeItem(atPath: folder.path)
    }
}
