import CAVFormat
import Core
import Glibc

/// A film opened for reading: local files of the allowed containers only, and nothing they refer to.
final class VideoFile {
    let context: UnsafeMutablePointer<AVFormatContext>
    private let input: FilmInput
    /// The index of the picture's stream, and of the sound's when there is one.
    let pictureIndex: Int
    let soundIndex: Int?

    /// FFmpeg's names of the decoders that may be used.
    static let codecs = "h264,hevc,mpeg4,h263,vp8,vp9,libdav1d,av1,mjpeg,prores,dvvideo,mpeg2video,dnxhd,aac,opus,vorbis,mp3,mp3float"

    /// What the demuxer may use and read.
    private static let options = [
        "protocol_whitelist": "file",
        "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm",
        "codec_whitelist": codecs,
        "max_streams": "64",
        "probesize": "8000000",
        "analyzeduration": "5000000",
        "enable_drefs": "0",
        "use_absolute_path": "0",
    ]

    /// - Throws: `DecodingFailure`: `damaged` when the container makes no sense, `unsupported_format` without a picture, `internal`
    ///   when the file cannot be read.
    init(_ path: String) throws {
        av_log_set_level(AV_LOG_QUIET)
        var options: OpaquePointer?
        for (key, value) in Self.options { av_dict_set(&options, key, value, 0) }
        defer { av_dict_free(&options) }

        let input = try FilmInput(path)
        var opened = avformat_alloc_context()
        opened?.pointee.pb = input.context
        guard avformat_open_input(&opened, "file:" + path, nil, &options) == 0, let context = opened else {
            throw input.failure ?? DecodingFailure.damaged("The film's index cannot be read")
        }
        _ = avformat_find_stream_info(context, nil)
        let picture = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        let sound = av_find_best_stream(context, AVMEDIA_TYPE_AUDIO, -1, -1, nil, 0)
        guard picture >= 0, Self.isFilm(context.pointee.streams[Int(picture)]!.pointee) else {
            avformat_close_input(&opened)
            throw input.failure ?? DecodingFailure.unsupported("The file has sound but no moving picture.")
        }
        self.input = input
        self.context = context
        self.pictureIndex = Int(picture)
        self.soundIndex = sound >= 0 ? Int(sound) : nil
        try FilmLength.complete(context, picture: pictureIndex)
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
    }

    /// Goes back to the start: whoever looked at the film before has moved it. Without a frame that can be decoded by itself, any
    /// will do.
    /// - Throws: `StreamCopy.Refusal`: what is read from here on would lack what comes before.
    func rewind() throws {
        for flags in [AVSEEK_FLAG_BACKWARD, AVSEEK_FLAG_BACKWARD | AVSEEK_FLAG_ANY]
        where av_seek_frame(context, -1, 0, flags) >= 0 { return }
        throw StreamCopy.Refusal()
    }

    /// Fills a packet with the next data.
    /// - Returns: false at the end. A film that is cut or broken ends there.
    /// - Throws: `DecodingFailure.internalFailure` when there is more, but the disk or the memory fails.
    static func read(_ packet: UnsafeMutablePointer<AVPacket>, from context: UnsafeMutablePointer<AVFormatContext>) throws -> Bool {
        let status = av_read_frame(context, packet)
        if status >= 0 { return true }
        if let failure = FilmInput.failure(of: context.pointee.pb) { throw failure }
        if status == -ENOMEM, !FreeMemory.holds() { throw DecodingFailure.outOfMemory }
        return false
    }

    // A stream that libavformat counts has a structure with parameters.
    var picture: AVStream { context.pointee.streams[pictureIndex]!.pointee }
    var pictureParameters: AVCodecParameters { picture.codecpar.pointee }
    var soundParameters: AVCodecParameters? { soundIndex.map { context.pointee.streams[$0]!.pointee.codecpar.pointee } }
    /// Width to height of a pixel of the picture, 0 when nothing tells: the container's word goes before the codec's.
    var pixelShape: AVRational { av_guess_sample_aspect_ratio(context, context.pointee.streams[pictureIndex], nil) }
    /// Of picture and sound.
    var codecIDs: [AVCodecID] {
        [pictureIndex, soundIndex].compactMap { $0 }.map { context.pointee.streams[$0]!.pointee.codecpar.pointee.codec_id }
    }

    /// What the coded picture does not say of its colours, the container may.
    func completeColours(of frame: UnsafeMutablePointer<AVFrame>) {
        let known = pictureParameters
        if frame.pointee.color_trc == AVCOL_TRC_UNSPECIFIED { frame.pointee.color_trc = known.color_trc }
        if frame.pointee.color_primaries == AVCOL_PRI_UNSPECIFIED { frame.pointee.color_primaries = known.color_primaries }
        if frame.pointee.colorspace == AVCOL_SPC_UNSPECIFIED { frame.pointee.colorspace = known.color_space }
        if frame.pointee.color_range == AVCOL_RANGE_UNSPECIFIED { frame.pointee.color_range = known.color_range }
    }

    /// An album cover is a video stream of one picture.
    private static func isFilm(_ stream: AVStream) -> Bool { stream.disposition & AV_DISPOSITION_ATTACHED_PIC == 0 }
}

/// The bytes of a film, as libavformat reads them; closed with its owner.
private final class FilmInput {
    let context: UnsafeMutablePointer<AVIOContext>

    /// - Throws: `DecodingFailure.internalFailure` when the file cannot be opened.
    init(_ path: String) throws {
        var opened: UnsafeMutablePointer<AVIOContext>?
        guard avio_open(&opened, "file:" + path, AVIO_FLAG_READ) >= 0, let context = opened else {
            throw DecodingFailure.internalFailure("The original cannot be opened.")
        }
        self.context = context
    }

    deinit {
        var context: UnsafeMutablePointer<AVIOContext>? = context
        avio_closep(&context)
    }

    /// What the disk is to blame for, if it is.
    var failure: DecodingFailure? { Self.failure(of: context) }

    /// What demuxers return tells a failed read neither from the end nor from nonsense in the file.
    static func failure(of context: UnsafeMutablePointer<AVIOContext>?) -> DecodingFailure? {
        guard let context, context.pointee.error < 0 else { return nil }
        return .internalFailure("The original cannot be read.")
    }
}
