import Core
import TestSupport

@testable import Decoding

/// Films of two seconds that cost next to nothing to decode, for what does not depend on a film's size.
enum SmallFilms {
    /// H.264 and AAC, the index in front.
    static let mp4 = film("film.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac"])
    /// VP9 and Opus.
    static let webM = film("film.webm", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"])

    /// Made when it is first asked for.
    struct Film: Sendable {
        fileprivate let file: Once<(folder: TemporaryFolder, path: String)>
        var path: String { get async throws { try await file.value.path } }
    }

    private static func film(_ name: String, _ codecs: [String]) -> Film {
        Film(file: Once {
            let folder = try TemporaryFolder()
            _ = try await Tool("ffmpeg").output(
                [
                    "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2", "-f", "lavfi", "-i",
                    "sine=d=2:r=48000",
                ] + codecs + ["-movflags", "+faststart", folder.file(name)])
            return (folder, folder.file(name))
        })
    }
}

extension Recipe {
    /// The thumbnail of the standard recipe alone.
    static let thumbnails = Recipe(sizes: Array(Recipe.standard.sizes.prefix(1)), formats: [.jpeg, .webp], version: 1)

    /// One size, for tests of what is not a picture.
    static let tiny = Recipe(sizes: [Size(.thumb, longEdge: 64, quality: 60)], formats: [.jpeg], version: 1)
}
