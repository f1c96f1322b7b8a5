import Foundation
import TestSupport

/// Files made to break whoever opens them, one after the other: bombs, good files cut short, good files with changed bytes.
struct HostileSet: Sendable {
    /// One of every format.
    static let names = [
        "orientation-6.jpg", "progressive.jpg", "alpha.png", "photo.webp", "photo.heic", "photo.avif", "photo.tiff",
        "animation.gif", "photo.dng", "video-faststart.mp4", "video.mov", "video.webm",
    ]

    static let isPossible = (names + ["orientation-1.jpg", "large-24mp.jpg"]).allSatisfy { Fixtures.has($0) }

    private let whole: [(name: String, bytes: [UInt8])]
    private let bombs: [Bomb]

    init() throws {
        whole = try Self.names.map { ($0, Array(try Fixtures.data($0))) }
        bombs = try Bomb.all(edge: Scale.bombEdge) { Array(try Fixtures.data($0)) }
    }

    var count: Int { bombs.count + whole.count * Scale.cuts + Scale.mutations }

    /// Made when it is asked for: all of them together are large.
    subscript(_ index: Int) -> (name: String, bytes: [UInt8]) {
        if index < bombs.count { return (bombs[index].name, bombs[index].bytes) }
        let rest = index - bombs.count
        let (round, file) = (rest / whole.count, whole[rest % whole.count])
        if round < Scale.cuts {
            // An empty file is no upload of interest here, and a whole one no broken one.
            return ("cut-\(round)-\(file.name)", BrokenCopy.cut(file.bytes, at: round + 1, of: Scale.cuts + 1))
        }
        return ("changed-\(round)-\(file.name)", BrokenCopy.mutated(file.bytes, round: round))
    }
}
