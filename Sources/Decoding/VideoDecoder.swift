import CAVFormat
import Core

/// A decoded frame and whether its data was whole.
final class VideoFrame {
    let content: UnsafeMutablePointer<AVFrame>
    var isDamaged: Bool { content.pointee.decode_error_flags != 0 || content.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 }

    /// - Throws: `DecodingFailure` when memory is short.
    init() throws {
        guard let content = av_frame_alloc() else { throw DecodingFailure.outOfMemory }
        self.content = content
    }

    deinit {
        var content: UnsafeMutablePointer<AVFrame>? = content
        av_frame_free(&content)
    }
}

/// Decodes the picture of a film from where it stands.
final class VideoDecoder {
    private static let maximumPackets = 4000

    private let file: VideoFile
    private let context: UnsafeMutablePointer<AVCodecContext>
    private var packet: UnsafeMutablePointer<AVPacket>

    /// - Throws: `DecodingFailure.unsupported` when there is no decoder for the codec.
    init(_ file: VideoFile) throws {
        let parameters = file.picture.codecpar!  // Every stream has parameters.
        guard let codec = avcodec_find_decoder(parameters.pointee.codec_id), let context = avcodec_alloc_context3(codec),
            let packet = av_packet_alloc()
        else { throw Self.noDecoder }
        self.file = file
        self.context = context
        self.packet = packet
        context.pointee.thread_count = 1
        context.pointee.max_pixels = 1 << 27
        var options: OpaquePointer?
        av_dict_set(&options, "codec_whitelist", VideoFile.codecs, 0)
        defer { av_dict_free(&options) }
        guard avcodec_parameters_to_context(context, parameters) >= 0, avcodec_open2(context, codec, &options) >= 0 else {
            throw Self.noDecoder
        }
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    private static let noDecoder = DecodingFailure.unsupported("The film's codec is not one that Lumiere can read.")

    /// The first frame at or after a time (microseconds), or the last before it when there is none within the bounds;
    /// and how many frames were decoded.
    func frame(notBefore time: Int64, within maximumFrames: Int) throws -> (frame: VideoFrame?, count: Int) {
        var (best, count, isAtEnd): (VideoFrame?, Int, Bool) = (nil, 0, false)
        for _ in 0..<Self.maximumPackets {
            while let frame = try nextFrame() {
                best = frame
                count += 1
                if microseconds(frame) >= time || count >= maximumFrames { return (frame, count) }
            }
            if isAtEnd { break }
            isAtEnd = try !readPacket()
            // A broken packet is skipped: later ones may be whole.
            _ = avcodec_send_packet(context, isAtEnd ? nil : packet)
            av_packet_unref(packet)
        }
        return (best, count)
    }

    /// The frame of the next packet alone, which has to be one that needs no others. The decoder is as new afterwards.
    func keyFrame() throws -> VideoFrame? {
        guard try readPacket() else { return nil }
        defer { forget() }
        let isKey = packet.pointee.flags & AV_PKT_FLAG_KEY != 0
        let status = avcodec_send_packet(context, packet)
        av_packet_unref(packet)
        guard isKey, status >= 0 else { return nil }
        // It may wait for others to sort it among: there are none.
        _ = avcodec_send_packet(context, nil)
        return try nextFrame()
    }

    /// Forgets what was decoded, as after a seek.
    func forget() { avcodec_flush_buffers(context) }

    /// Fills `packet` with the picture's next data; false at the end.
    private func readPacket() throws -> Bool {
        for _ in 0..<Self.maximumPackets {
            guard try VideoFile.read(packet, from: file.context) else { return false }
            if Int(packet.pointee.stream_index) == file.pictureIndex { return true }
            av_packet_unref(packet)
        }
        return false
    }

    private func nextFrame() throws -> VideoFrame? {
        let frame = try VideoFrame()
        guard avcodec_receive_frame(context, frame.content) >= 0 else { return nil }
        file.completeColours(of: frame.content)
        return frame
    }

    /// A frame without a time counts as late enough.
    private func microseconds(_ frame: VideoFrame) -> Int64 {
        let time = frame.content.pointee.best_effort_timestamp
        guard time != lumiere_av_no_timestamp else { return .max }
        return av_rescale_q(time, file.picture.time_base, AVRational(num: 1, den: Int32(lumiere_av_time_base)))
    }
}
