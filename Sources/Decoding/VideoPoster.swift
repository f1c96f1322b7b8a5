import CAVFormat
import Core

/// Takes the still that stands for a film.
enum VideoPoster {
    /// Where a still may lie, in order of preference: a part of the film, but not later than so many microseconds.
    private static let places: [(part: Int64, latest: Int64)] = [(10, 10), (5, 25), (20, 5), (3, 60), (2, 120)]
        .map { ($0.0, $0.1 * lumiere_av_time_base) }
    /// Pixels that may be decoded besides key frames: some 200 frames of 720 lines, or 24 of 4K. Everybody waits for it.
    private static let pixels = 200_000_000
    /// Pixels of the long edge at which stills are judged.
    private static let judgedEdge = 480

    private struct Candidate {
        var frame: VideoFrame
        var rank: Int
        var value: Double
    }

    /// The best of some frames, upright, not larger than `edge` on the long side.
    /// - Throws: `DecodingFailure`: `unsupported_format` without a decoder, `damaged` without a single good frame.
    static func picture(of file: VideoFile, longEdge edge: Int) throws -> ThumbnailStep.Result {
        let (best, isDamaged) = try best(of: file)
        let size = try VideoProbe.displaySize(of: file)
        do throws(VipsLibrary.Failure) {
            let picture = try FrameConversion.picture(best.content, displaySize: size, longEdge: edge)
            let turned = try picture.turned(by: VideoProbe.rotation(of: file))
            return ThumbnailStep.Result(picture: try VideoProbe.isMirrored(of: file) ? turned.mirrored() : turned, isDamaged: isDamaged)
        } catch {
            throw error.asDecodingFailure("No frame of the film can be shown")
        }
    }

    /// Microseconds from the start, ascending, with their ranks.
    static func times(duration: Int64) -> [(time: Int64, rank: Int)] {
        let times = places.enumerated().map { (time: min(max(0, duration) / $1.part, $1.latest), rank: $0) }
        return times.sorted { ($0.time, $0.rank) < ($1.time, $1.rank) }
    }

    private static func best(of file: VideoFile) throws -> (frame: VideoFrame, isDamaged: Bool) {
        let stills = try VideoStills(file, pixels: pixels)
        var best: Candidate?
        var isDamaged = false
        for (time, rank) in times(duration: file.context.pointee.duration) {
            // Without a new frame, this time has none that was not looked at.
            guard let frame = try stills.still(at: time) else { continue }
            isDamaged = isDamaged || frame.isDamaged
            let candidate = Candidate(frame: frame, rank: rank, value: value(frame))
            // Only one frame is kept: those of large films take much memory.
            best = best.map { better($0, candidate) } ?? candidate
        }
        let frame = try best?.frame ?? VideoStills(file, pixels: pixels).still(at: 0)
        guard let frame else { throw DecodingFailure.damaged("No frame of the film can be decoded") }
        return (frame, isDamaged || frame.isDamaged)
    }

    private static func better(_ one: Candidate, _ other: Candidate) -> Candidate {
        let (preferred, second) = one.rank < other.rank ? (one, other) : (other, one)
        return FrameScore.best(of: [preferred.value, second.value]) == 1 ? second : preferred
    }

    private static func value(_ frame: VideoFrame) -> Double {
        let (width, height) = (Int(frame.content.pointee.width), Int(frame.content.pointee.height))
        let scale = min(1, Double(judgedEdge) / Double(max(1, width, height)))
        let size = (width: max(1, Int(Double(width) * scale)), height: max(1, Int(Double(height) * scale)))
        guard let grey = try? FrameConversion.pixels(frame.content, width: size.width, height: size.height, .grey) else { return 0 }
        return FrameScore(grey: grey, width: size.width).value * (frame.isDamaged ? 0.2 : 1)
    }
}
