import Checksums
import Core

/// The sidecars of a list in a ZIP. Each is written twice, once to be measured and once to be sent: none is kept.
struct SidecarArchive: Sendable {
    private let entries: [ChoiceStore.Listed]
    private let layout: ArchiveLayout

    init(_ entries: [ChoiceStore.Listed]) {
        self.entries = entries
        var builder = ArchiveBuilder()
        for entry in entries {
            let bytes = Sidecar(choice: entry.choice).bytes
            let sum = bytes.withUnsafeBytes { CRC32.update(0, $0) }
            builder.add("\(entry.filename.withoutExtension).xmp", size: Int64(bytes.count), crc32: sum, modifiedAt: entry.choice.chosenAt)
        }
        layout = builder.layout
    }

    /// Bytes of the whole archive.
    var length: Int64 { layout.length }

    /// The archive, piece by piece.
    var pieces: some Sequence<[UInt8]> {
        layout.pieces(in: 0..<layout.length).lazy.map { piece in
            switch piece {
            case .added(let bytes): bytes
            case .file(let index, let range):
                Array(Sidecar(choice: entries[index].choice).bytes[Int(range.lowerBound)..<Int(range.upperBound)])
            }
        }
    }
}
