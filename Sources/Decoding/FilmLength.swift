import CAVFormat
import Core

/// Finds out how long a film lasts whose container does not tell, or tells nonsense: browsers record such WebM, as they
/// write it while it goes on. Reading it through also lists its key frames, so that stills are found quickly afterwards.
enum FilmLength {
    /// Packets that are read; more than ten hours of picture and sound have.
    private static let maximumPackets = 4_000_000
    /// Bytes of a file that is read through: everybody waits for it.
    private static let largestFile: Int64 = 8 << 30

    /// - Parameter duration: microseconds, as libavformat tells it.
    static func isKnown(_ duration: Int64) -> Bool {
        (1...MediaFacts.Video.maximumDuration * (lumiere_av_time_base / 1000)).contains(duration)
    }

    /// Sets the container's duration, and goes back to the start.
    static func complete(_ context: UnsafeMutablePointer<AVFormatContext>, picture: Int) throws {
        guard !isKnown(context.pointee.duration), avio_size(context.pointee.pb) <= largestFile else { return }
        guard let packet = av_packet_alloc() else { throw DecodingFailure.outOfMemory }
        defer {
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
        }
        var range: (start: Int64, end: Int64)?
        for _ in 0..<maximumPackets {
            guard try VideoFile.read(packet, from: context) else { break }
            if Int(packet.pointee.stream_index) == picture, let times = times(packet.pointee, context.pointee.streams[picture]!.pointee) {
                range = (min(times.start, range?.start ?? .max), max(times.end, range?.end ?? .min))
            }
            av_packet_unref(packet)
        }
        if let range { context.pointee.duration = max(0, range.end &- range.start) }
        _ = av_seek_frame(context, -1, 0, AVSEEK_FLAG_BACKWARD)
    }

    /// Microseconds at which a frame comes and goes; without a duration of its own, it lasts as long as frames do.
    private static func times(_ packet: AVPacket, _ stream: AVStream) -> (start: Int64, end: Int64)? {
        guard packet.pts != lumiere_av_no_timestamp else { return nil }
        let microsecond = AVRational(num: 1, den: Int32(lumiere_av_time_base))
        let rate = stream.avg_frame_rate
        let usual = rate.num > 0 && rate.den > 0 ? av_rescale_q(1, AVRational(num: rate.den, den: rate.num), microsecond) : 0
        let duration = packet.duration > 0 ? av_rescale_q(packet.duration, stream.time_base, microsecond) : usual
        let start = av_rescale_q(packet.pts, stream.time_base, microsecond)
        return (start, start &+ duration)
    }
}
