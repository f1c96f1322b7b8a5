import CAVFormat
import Core

/// Takes a still from a film.
enum VideoPoster {
    /// How far into the film the still lies: a tenth, but not more than ten seconds.
    private static let latest: Int64 = 10 * lumiere_av_time_base

    /// A frame about a tenth into the film, upright, not larger than `edge` on the long side.
    /// - Throws: `DecodingFailure`: `unsupported_format` without a decoder, `damaged` without a single good frame.
    static func picture(of file: VideoFile, longEdge edge: Int) throws -> ThumbnailStep.Result {
        let duration = max(0, file.context.pointee.duration)
        let first = try still(of: file, at: min(duration / 10, latest))
        guard let frame = try first ?? still(of: file, at: 0) else {
            throw DecodingFailure.damaged("No frame of the film can be decoded")
        }
        let size = try VideoProbe.displaySize(of: file)
        do throws(VipsLibrary.Failure) {
            let picture = try FrameConversion.picture(frame.content, displaySize: size, longEdge: edge)
            return ThumbnailStep.Result(
                picture: try picture.turned(by: VideoProbe.rotation(of: file)), isDamaged: frame.isDamaged)
        } catch {
            throw error.asDecodingFailure("No frame of the film can be shown")
        }
    }

    /// - Parameter time: microseconds from the start.
    private static func still(of file: VideoFile, at time: Int64) throws -> VideoFrame? {
        let start = file.context.pointee.start_time == lumiere_av_no_timestamp ? 0 : file.context.pointee.start_time
        // A film that cannot seek is read from where it stands.
        _ = av_seek_frame(file.context, -1, start + time, AVSEEK_FLAG_BACKWARD)
        return try VideoDecoder(file).frame(notBefore: start + time)
    }
}
