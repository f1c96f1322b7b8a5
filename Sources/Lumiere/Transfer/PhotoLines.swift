import Core
import Foundation
import Sessions

/// Reads `photos.jsonl`, a photo at a time. Its calls block.
final class PhotoLines: @unchecked Sendable {
    // Unchecked because of what is read so far: whoever reads awaits each line before asking for the next, and nobody else has it.
    private let file: PlainFile
    private var position: Int64 = 0
    private var rest: [UInt8] = []

    /// Lines, as far as they end.
    let count: Int

    /// - Throws: `TransferFault`.
    init(_ path: String) throws {
        file = try PlainFile(path)
        var count = 0
        try file.read(0..<file.size) { bytes in for byte in bytes where byte == 0x0A { count += 1 } }
        self.count = count
    }

    /// - Parameter longest: bytes of a line.
    /// - Returns: `nil` after the last.
    /// - Throws: `TransferFault` for a line that is too long, or no photo.
    func next(longest: Int) throws -> PhotoDocument? {
        while true {
            if let end = rest.firstIndex(of: 0x0A) {
                let line = Array(rest[..<end])
                rest.removeSubrange(...end)
                if !line.isEmpty { return try photo(line) }
            } else if position == file.size {
                defer { rest = [] }
                return rest.isEmpty ? nil : try photo(rest)
            } else {
                guard rest.count <= longest else { throw TransferFault("A line of \(ExportFolder.photos) is too long.") }
                let range = position..<min(file.size, position + 1 << 16)
                rest += try file.bytes(range)
                position = range.upperBound
            }
        }
    }

    private func photo(_ line: [UInt8]) throws -> PhotoDocument {
        do { return try JSON.decode(from: line) } catch { throw TransferFault("A line of \(ExportFolder.photos) describes no photo.") }
    }
}
