import CAVFormat
import Core

/// Encodes a stream of a film, and writes what comes of it.
final class StreamEncoder {
    let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>

    /// - Parameters:
    ///   - name: FFmpeg's, of the encoder.
    ///   - prepare: sets what has to be set before the encoder is opened.
    /// - Throws: `DecodingFailure.internalFailure` when there is no such encoder, or it does not take the settings.
    init(_ name: String, _ settings: [String: String], _ prepare: (inout AVCodecContext) -> Void) throws {
        guard let codec = avcodec_find_encoder_by_name(name), let context = avcodec_alloc_context3(codec), let packet = av_packet_alloc()
        else { throw Self.failure }
        self.context = context
        self.packet = packet
        // The container keeps what decoders need to know in advance.
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        prepare(&context.pointee)
        var options: OpaquePointer?
        for (key, value) in settings { av_dict_set(&options, key, value, 0) }
        defer { av_dict_free(&options) }
        guard avcodec_open2(context, codec, &options) >= 0 else { throw Self.failure }
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    static let failure = DecodingFailure.internalFailure("The film cannot be encoded.")

    /// Encodes a frame, or what is left when there is none.
    /// - Throws: as `FilmWriter.write`; `DecodingFailure.internalFailure`.
    func encode(_ frame: UnsafeMutablePointer<AVFrame>?, to output: FilmWriter, stream: Int) throws {
        guard avcodec_send_frame(context, frame) >= 0 else { throw Self.failure }
        while avcodec_receive_packet(context, packet) >= 0 {
            try output.write(packet, stream: stream, timeBase: context.pointee.time_base)
        }
    }
}
