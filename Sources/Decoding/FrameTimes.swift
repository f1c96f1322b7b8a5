import CAVFormat
import Core

/// When the first frames of a film are shown, for containers that do not list them.
struct FrameTimes {
    /// Ticks, ascending.
    let times: [Int64]
    /// Ticks that a time may be off: Matroska's are usually rounded to milliseconds.
    let rounding: Int64

    /// Frames of the picture, packets of any stream and their bytes that are read at most.
    private static let limits = (frames: 1000, packets: 4000, bytes: 64 << 20)
    /// Frames may come in another order than they are shown in: of the last ones, some may be missing.
    private static let reordered = 16

    /// Reads from the start of a film, and goes back there.
    /// - Throws: `DecodingFailure.internalFailure` when memory is short.
    init(_ file: VideoFile) throws {
        guard let packet = av_packet_alloc() else { throw DecodingFailure.internalFailure("The decoder is out of memory.") }
        defer {
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
            _ = av_seek_frame(file.context, -1, 0, AVSEEK_FLAG_BACKWARD)
        }
        var (times, bytes, isAtEnd): ([Int64], Int, Bool) = ([], 0, false)
        for _ in 0..<Self.limits.packets where times.count < Self.limits.frames && bytes < Self.limits.bytes && !isAtEnd {
            guard av_read_frame(file.context, packet) >= 0 else {
                isAtEnd = true
                continue
            }
            bytes += Int(packet.pointee.size)
            let isPicture = Int(packet.pointee.stream_index) == file.pictureIndex
            if isPicture, packet.pointee.pts != lumiere_av_no_timestamp { times.append(packet.pointee.pts) }
            av_packet_unref(packet)
        }
        self.times = Array(times.sorted().dropLast(isAtEnd ? 0 : Self.reordered))
        rounding = file.picture.time_base.den == 1000 ? 1 : 0
    }
}
