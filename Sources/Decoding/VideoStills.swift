import CAVFormat
import Core

/// Takes stills from a film, at later and later times.
///
/// A still costs a seek and one decoded frame, the key frame before its time, however long the film is. Where that is
/// the key frame of the still before, the film is decoded on from there, for as many frames as are granted: fewer of
/// large ones, which take longer.
final class VideoStills {
    private let file: VideoFile
    private let decoder: VideoDecoder
    /// Frames that may still be decoded besides key frames.
    private var framesLeft: Int
    /// Of the key frame that was used last, in the stream's ticks.
    private var lastKey: Int64?
    /// Microseconds that decoding has come to; `nil` when it does not go on from there.
    private var position: Int64?

    /// - Parameter pixels: of the frames that may be decoded besides key frames.
    /// - Throws: `DecodingFailure.unsupported` when there is no decoder for the codec.
    init(_ file: VideoFile, pixels: Int) throws {
        self.file = file
        self.decoder = try VideoDecoder(file)
        framesLeft = pixels / max(1, Int(file.pictureParameters.width) * Int(file.pictureParameters.height))
    }

    /// The frame at a time, or one before it that takes less effort; `nil` when there is no better one than the last, or
    /// none at all.
    /// - Parameter time: microseconds from the start.
    func still(at time: Int64) throws -> VideoFrame? {
        let time = start + time
        let key = keyFrame(before: time)
        guard let key, key == lastKey else {
            lastKey = key
            position = nil
            seek(to: time)
            if let frame = try decoder.keyFrame() { return frame }
            seek(to: time)
            return try decodeOn(to: time)
        }
        if position == nil { seek(to: time) }
        return try decodeOn(to: time)
    }

    /// Microseconds; 0 when the container does not tell, or tells a time so far away that a place in the film cannot be
    /// added to it.
    private var start: Int64 {
        let start = file.context.pointee.start_time
        return start.magnitude < 1 << 62 ? start : 0
    }

    private func decodeOn(to time: Int64) throws -> VideoFrame? {
        guard framesLeft > 0 else { return nil }
        let (frame, count) = try decoder.frame(notBefore: time, within: framesLeft)
        framesLeft -= count
        position = time
        return frame
    }

    /// Ticks; `nil` when the index does not tell.
    private func keyFrame(before time: Int64) -> Int64? {
        guard let stream = file.context.pointee.streams[file.pictureIndex],
            let entry = avformat_index_get_entry_from_timestamp(stream, ticks(time), AVSEEK_FLAG_BACKWARD)
        else { return nil }
        return entry.pointee.timestamp
    }

    /// A film that cannot seek is read from where it stands.
    private func seek(to time: Int64) {
        _ = av_seek_frame(file.context, Int32(file.pictureIndex), ticks(time), AVSEEK_FLAG_BACKWARD)
        decoder.forget()
    }

    private func ticks(_ microseconds: Int64) -> Int64 {
        av_rescale_q(microseconds, AVRational(num: 1, den: Int32(lumiere_av_time_base)), file.picture.time_base)
    }
}
