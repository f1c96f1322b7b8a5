import CAVFormat
import Core

/// A film being written; closed with its owner.
final class FilmWriter {
    private let context: UnsafeMutablePointer<AVFormatContext>
    /// Of each stream.
    private var times: [PacketTimes] = []
    private let longestQueue: Int64
    /// Bytes that the file has, and that have been given without it growing.
    private var (length, queue): (Int64, Int64) = (0, 0)

    /// Microseconds that one stream may be ahead of the other before it is written all the same: else a stream that
    /// has ended would keep all of the other in memory.
    private static let longestWait: Int64 = 2_000_000

    /// Bytes that libavformat may keep before they are written: a second of 500 Mbit/s.
    static let longestQueue: Int64 = 64 << 20

    init(_ path: String, muxer: String, longestQueue: Int64 = longestQueue) throws {
        var created: UnsafeMutablePointer<AVFormatContext>?
        guard avformat_alloc_output_context2(&created, nil, muxer, "file:" + path) >= 0, let context = created else {
            throw DecodingFailure.internalFailure("The film cannot be written.")
        }
        self.context = context
        self.longestQueue = longestQueue
        // Browsers play FLAC from MP4, whatever its muxer still thinks of it.
        context.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
        context.pointee.max_interleave_delta = Self.longestWait
        // The same film gives the same bytes, and no program's name.
        context.pointee.flags |= AVFMT_FLAG_BITEXACT
        guard avio_open(&context.pointee.pb, "file:" + path, AVIO_FLAG_WRITE) >= 0 else {
            throw DecodingFailure.internalFailure("The film cannot be written.")
        }
    }

    deinit {
        avio_closep(&context.pointee.pb)
        avformat_free_context(context)
    }

    /// Of the first stream; it may change with the header.
    var ticksPerSecond: Int32 { context.pointee.streams[0]!.pointee.time_base.den }

    /// Adds a stream that comes from an encoder, to be shown turned as another one is, if any, and returns its index.
    func addStream(from encoder: UnsafeMutablePointer<AVCodecContext>, turnedAs source: UnsafeMutablePointer<AVStream>?) throws -> Int {
        guard let stream = avformat_new_stream(context, nil),
            avcodec_parameters_from_context(stream.pointee.codecpar, encoder) >= 0
        else { throw DecodingFailure.outOfMemory }
        stream.pointee.time_base = encoder.pointee.time_base
        stream.pointee.avg_frame_rate = encoder.pointee.framerate
        var size = 0
        if let source, let turn = av_stream_get_side_data(source, AV_PKT_DATA_DISPLAYMATRIX, &size) {
            guard let copy = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, size) else { throw DecodingFailure.outOfMemory }
            copy.update(from: turn, count: size)
        }
        times.append(PacketTimes())
        return Int(stream.pointee.index)
    }

    /// Adds a stream with the same parameters and side data (the rotation), and returns its index.
    func addStream(like source: UnsafeMutablePointer<AVStream>) throws -> Int {
        guard let stream = avformat_new_stream(context, nil),
            avcodec_parameters_copy(stream.pointee.codecpar, source.pointee.codecpar) >= 0
        else { throw DecodingFailure.outOfMemory }
        // Tags differ between containers; Apple's players want HEVC under its second name.
        let isHEVC = source.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_HEVC
        stream.pointee.codecpar.pointee.codec_tag = isHEVC ? UInt32(bitPattern: lumiere_av_tag_hvc1) : 0
        stream.pointee.time_base = source.pointee.time_base
        for index in 0..<Int(source.pointee.nb_side_data) {
            let data = source.pointee.side_data[index]
            guard let copy = av_stream_new_side_data(stream, data.type, data.size) else { throw DecodingFailure.outOfMemory }
            copy.update(from: data.data, count: data.size)
        }
        times.append(PacketTimes())
        return Int(stream.pointee.index)
    }

    /// Of the first stream; the container it comes from may have told more than the codec.
    func setPixelShape(_ shape: AVRational) {
        guard shape.num > 0, shape.den > 0, let stream = context.pointee.streams[0] else { return }
        stream.pointee.sample_aspect_ratio = shape
        stream.pointee.codecpar.pointee.sample_aspect_ratio = shape
    }

    func writeHeader(_ settings: [String: String]) throws {
        var options: OpaquePointer?
        for (name, value) in settings { av_dict_set(&options, name, value, 0) }
        defer { av_dict_free(&options) }
        try Self.check(avformat_write_header(context, &options))
    }

    /// Takes the packet's content over.
    func write(_ packet: UnsafeMutablePointer<AVPacket>, stream: Int, timeBase: AVRational) throws {
        packet.pointee.stream_index = Int32(stream)
        packet.pointee.pos = -1
        av_packet_rescale_ts(packet, timeBase, context.pointee.streams[stream]!.pointee.time_base)
        (packet.pointee.dts, packet.pointee.pts) = times[stream].next(decoding: packet.pointee.dts, presentation: packet.pointee.pts)
        let size = Int64(packet.pointee.size)
        try Self.check(av_interleaved_write_frame(context, packet))
        try bound(size)
    }

    /// Whatever times a film tells, it is not kept in memory: neither to sort the streams' packets, nor until a fragment
    /// lasts long enough to end.
    private func bound(_ size: Int64) throws {
        let position = avio_tell(context.pointee.pb)
        queue = position == length ? queue + size : 0
        length = position
        guard queue > longestQueue else { return }
        queue = 0
        try Self.check(av_interleaved_write_frame(context, nil))
        // Of a fragmented film, the first time writes the index of the tracks and no more.
        for _ in 0..<2 { try Self.check(av_write_frame(context, nil)) }
    }

    func finish() throws {
        try Self.check(av_write_trailer(context))
        try Self.check(avio_closep(&context.pointee.pb))
    }

    private static func check(_ status: Int32) throws { if status < 0 { throw StreamCopy.failure(status) } }
}
