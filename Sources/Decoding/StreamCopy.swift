import CAVFormat
import Core
import Glibc

/// Copies a film's picture and sound, undecoded and without the container's metadata (place, device), into another file.
/// What is in memory at a time does not depend on the film's length, apart from some bytes of index for each frame.
struct StreamCopy {
    /// The muxer does not take these streams, which another one may, or they cannot be read from the start.
    struct Refusal: Error, Equatable {}

    /// There is no time for this copy.
    struct Late: Error, Equatable {}

    let file: VideoFile
    /// An absolute path.
    let path: String
    /// FFmpeg's short name.
    let muxer: String
    /// Those that the muxer does not know are ignored.
    var options: [String: String] = [:]
    /// Leaves out what comes before the first frame that can be decoded by itself.
    var beginsWithKeyFrame = false
    /// For a copy that is given up when it takes too long.
    var time: WorkTime?
    /// Bytes that libavformat may keep before they are written: a second of 500 Mbit/s.
    var longestQueue: Int64 = 64 << 20

    /// - Returns: ticks per second of the picture's track, which is the first.
    /// - Throws: `Refusal`, `Late`, or `DecodingFailure`: `too_large` when the copy would be, `internal` when it cannot be written.
    @discardableResult
    func run() throws -> Int32 {
        try rewind()
        let output = try FilmWriter(path, muxer: muxer, longestQueue: longestQueue)
        let targets = try [file.pictureIndex, file.soundIndex].compactMap { $0 }.map { index in
            (index, try output.addStream(like: file.context.pointee.streams[index]!))  // The indices come from the demuxer.
        }
        output.setPixelShape(file.pixelShape)
        try output.writeHeader(options)
        try copyPackets(to: output, Dictionary(uniqueKeysWithValues: targets))
        try output.finish()
        return output.ticksPerSecond
    }

    /// Goes back to the start: stills have moved it. Without a frame that can be decoded by itself, any will do.
    private func rewind() throws {
        for flags in [AVSEEK_FLAG_BACKWARD, AVSEEK_FLAG_BACKWARD | AVSEEK_FLAG_ANY]
        where av_seek_frame(file.context, -1, 0, flags) >= 0 { return }
        // A copy from here on would lack what comes before.
        throw Refusal()
    }

    private func copyPackets(to output: FilmWriter, _ targets: [Int: Int]) throws {
        guard var packet = av_packet_alloc() else { throw DecodingFailure.outOfMemory }
        defer {
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
        }
        var hasBegun = !beginsWithKeyFrame
        while try VideoFile.read(packet, from: file.context) {
            if time?.isHalfOver == true { throw Late() }
            let source = Int(packet.pointee.stream_index)
            if source == file.pictureIndex, packet.pointee.flags & AV_PKT_FLAG_KEY != 0 { hasBegun = true }
            guard hasBegun, let target = targets[source] else {
                av_packet_unref(packet)
                continue
            }
            let timeBase = file.context.pointee.streams[source]!.pointee.time_base
            try output.write(&packet, stream: target, timeBase: timeBase)
        }
    }
}

extension StreamCopy {
    /// What a muxer's failure means.
    /// - Parameter status: a negated errno value, or another code of libavformat's.
    static func failure(_ status: Int32) -> any Error {
        switch -status {
        case EFBIG: DecodingFailure.resultTooLarge
        case ENOMEM: DecodingFailure.outOfMemory
        case EIO, ENOSPC, EDQUOT: DecodingFailure.internalFailure("The film cannot be written.")
        default: Refusal()
        }
    }
}

/// A film being written; closed with its owner.
private final class FilmWriter {
    private let context: UnsafeMutablePointer<AVFormatContext>
    /// Of each stream.
    private var times: [PacketTimes] = []
    private let longestQueue: Int64
    /// Bytes that the file has, and that have been given without it growing.
    private var (length, queue): (Int64, Int64) = (0, 0)

    /// Microseconds that one stream may be ahead of the other before it is written all the same: else a stream that
    /// has ended would keep all of the other in memory.
    private static let longestWait: Int64 = 2_000_000

    init(_ path: String, muxer: String, longestQueue: Int64) throws {
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
    func write(_ packet: inout UnsafeMutablePointer<AVPacket>, stream: Int, timeBase: AVRational) throws {
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
