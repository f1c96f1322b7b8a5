import Foundation
import TestSupport

/// A small film whose container says something odd.
struct OddFilm {
    private(set) var bytes: [UInt8]

    /// Draws a picture with ffmpeg and packs it.
    /// - Parameters:
    ///   - options: of the picture.
    ///   - packing: of the container, which takes the picture as it is coded; none for the first container.
    init(_ options: [String] = [], source: String = "testsrc=s=160x90:r=25:d=2", container: String = "mp4", packing: [String]? = nil) async throws {
        let folder = try TemporaryFolder()
        var film = folder.file("film.\(packing == nil ? container : "mp4")")
        let quiet = ["-nostdin", "-loglevel", "error"]
        _ = try await Tool("ffmpeg").output(
            quiet + ["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25"] + options
                + [film])
        if let packing {
            let packed = folder.file("packed.\(container)")
            _ = try await Tool("ffmpeg").output(quiet + ["-i", film, "-c", "copy"] + packing + [packed])
            film = packed
        }
        bytes = Array(try Data(contentsOf: URL(fileURLWithPath: film)))
    }

    /// Puts numbers in the place of others, after so many bytes from the first place where a name stands.
    mutating func replace(after name: [UInt8], _ distance: Int, with numbers: [UInt8]) throws {
        guard let place = Data(bytes).firstRange(of: Data(name))?.upperBound, place + distance + numbers.count <= bytes.count else {
            throw Tool.Failure(description: "the film has no \(name)")
        }
        bytes.replaceSubrange((place + distance)..<(place + distance + numbers.count), with: numbers)
    }
}

extension FixedWidthInteger {
    /// The most significant first.
    var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
