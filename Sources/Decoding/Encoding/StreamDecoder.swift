import CAVFormat
import Core

/// Decodes a stream of a film from its beginning to its end.
final class StreamDecoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: VideoFrame

    /// What may be decoded: what browsers do not play, and what they do beside it.
    private static let codecs = VideoFile.codecs
        + ",alac,flac,ac3,eac3,dca,mp2,mp2float,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_u8"

    /// - Throws: `DecodingFailure.unsupported` when there is no decoder for the codec.
    init(_ stream: UnsafeMutablePointer<AVStream>, threads: Int) throws {
        let parameters = stream.pointee.codecpar!  // Every stream has parameters.
        guard let codec = avcodec_find_decoder(parameters.pointee.codec_id), let context = avcodec_alloc_context3(codec) else {
            throw Self.noDecoder(parameters.pointee.codec_type)
        }
        self.context = context
        frame = try VideoFrame()
        context.pointee.thread_count = Int32(threads)
        context.pointee.max_pixels = 1 << 27
        context.pointee.pkt_timebase = stream.pointee.time_base
        var options: OpaquePointer?
        av_dict_set(&options, "codec_whitelist", Self.codecs, 0)
        defer { av_dict_free(&options) }
        guard avcodec_parameters_to_context(context, parameters) >= 0, avcodec_open2(context, codec, &options) >= 0 else {
            throw Self.noDecoder(parameters.pointee.codec_type)
        }
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    private static func noDecoder(_ kind: AVMediaType) -> DecodingFailure {
        .unsupported("The film's \(kind == AVMEDIA_TYPE_AUDIO ? "sound" : "codec") is not one that Lumiere can read.")
    }

    /// Decodes a packet, or what is left when there is none, and hands over each frame, which is valid until the next.
    /// A broken packet is skipped: later ones may be whole.
    func decode(_ packet: UnsafeMutablePointer<AVPacket>?, _ body: (UnsafeMutablePointer<AVFrame>) throws -> Void) rethrows {
        guard avcodec_send_packet(context, packet) >= 0 else { return }
        while avcodec_receive_frame(context, frame.content) >= 0 { try body(frame.content) }
    }
}
