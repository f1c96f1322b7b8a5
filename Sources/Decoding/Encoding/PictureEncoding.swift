import CAVFormat
import Core

/// Encodes the picture of a film as H.264, 8 bits, 4:2:0, with square pixels, in the usual range.
final class PictureEncoding {
    let encoder: StreamEncoder
    private let target: VideoFrame
    private var scaler: OpaquePointer?
    private let source: AVStream
    /// Microseconds at which the film begins.
    private let start: Int64
    /// Ticks of the last frame, and of the last that was to be decoded by itself.
    private var last: (any: Int64, key: Int64)?

    /// A second has so many ticks.
    private static let ticks: Int32 = 90_000
    /// Ticks between frames, at least: somewhat faster than 60 in a second.
    private static let shortestInterval: Int64 = 1250
    /// Ticks between key frames, at most: segments begin with one.
    private static let keyInterval: Int64 = 180_000

    /// - Throws: `DecodingFailure`.
    init(_ file: VideoFile, _ encoding: FilmEncoding, start: Int64) throws {
        let size = try Self.size(VideoProbe.displaySize(of: file), encoding.maximumLines)
        let parameters = file.pictureParameters
        source = file.picture
        self.start = start
        encoder = try StreamEncoder("libx264", Self.settings(encoding)) { context in
            (context.width, context.height) = (Int32(size.width), Int32(size.height))
            (context.pix_fmt, context.time_base) = (AV_PIX_FMT_YUV420P, AVRational(num: 1, den: Self.ticks))
            let rate = file.picture.avg_frame_rate
            context.framerate = rate.num > 0 && rate.den > 0 && av_q2d(rate) <= 72 ? rate : AVRational(num: 60, den: 1)
            context.sample_aspect_ratio = AVRational(num: 1, den: 1)
            context.thread_count = Int32(encoding.threads)
            context.gop_size = 600
            Self.setColours(&context, parameters)
        }
        target = try VideoFrame()
        (target.content.pointee.width, target.content.pointee.height) = (Int32(size.width), Int32(size.height))
        target.content.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        guard av_frame_get_buffer(target.content, 0) >= 0 else { throw StreamEncoder.failure }
    }

    deinit { sws_freeContext(scaler) }

    private static func settings(_ encoding: FilmEncoding) -> [String: String] {
        ["crf": "\(encoding.rateFactor)", "preset": encoding.preset.rawValue, "profile": "high", "forced-idr": "1"]
    }

    /// Even, as 4:2:0 has it; the short edge no longer than so many pixels.
    static func size(_ shown: (width: Int, height: Int), _ maximum: Int) -> (width: Int, height: Int) {
        let scale = min(1, Double(maximum) / Double(max(1, min(shown.width, shown.height))))
        let even = { (length: Int) in max(2, Int((Double(length) * scale / 2).rounded()) * 2) }
        return (even(shown.width), even(shown.height))
    }

    /// Those of the film; of a high range, BT.709's are made. What is not told is told as it is taken for.
    private static func setColours(_ context: inout AVCodecContext, _ parameters: AVCodecParameters) {
        context.color_range = AVCOL_RANGE_MPEG
        (context.colorspace, context.color_primaries, context.color_trc) = (AVCOL_SPC_BT709, AVCOL_PRI_BT709, AVCOL_TRC_BT709)
        if HDRTransfer(parameters.color_trc) != nil || parameters.color_space == AVCOL_SPC_RGB { return }
        if parameters.color_space == AVCOL_SPC_UNSPECIFIED {
            if parameters.height < 720 { context.colorspace = AVCOL_SPC_SMPTE170M }
        } else {
            context.colorspace = parameters.color_space
        }
        if parameters.color_primaries != AVCOL_PRI_UNSPECIFIED { context.color_primaries = parameters.color_primaries }
        if parameters.color_trc != AVCOL_TRC_UNSPECIFIED { context.color_trc = parameters.color_trc }
    }

    /// - Throws: as `StreamEncoder.encode`; `VipsLibrary.Failure` when a frame cannot be converted.
    func encode(_ frame: UnsafeMutablePointer<AVFrame>, to output: FilmWriter, stream: Int) throws {
        guard let time = time(of: frame) else { return }
        guard av_frame_make_writable(target.content) >= 0 else { throw StreamEncoder.failure }
        try convert(frame)
        let isKey = last.map { time - $0.key >= Self.keyInterval } ?? true
        target.content.pointee.pts = time
        target.content.pointee.pict_type = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        last = (time, isKey ? time : last?.key ?? time)
        try encoder.encode(target.content, to: output, stream: stream)
    }

    /// Ticks; `nil` for a frame that comes too soon after the one before it.
    private func time(of frame: UnsafeMutablePointer<AVFrame>) -> Int64? {
        let tick = AVRational(num: 1, den: Self.ticks)
        let told = frame.pointee.best_effort_timestamp
        guard told != lumiere_av_no_timestamp else { return last.map { $0.any + Int64(Self.ticks) / 25 } ?? 0 }
        let begin = av_rescale_q(start, AVRational(num: 1, den: Int32(lumiere_av_time_base)), tick)
        let time = av_rescale_q(told, source.time_base, tick) &- begin
        guard time.magnitude < FilmTranscode.latest else { return nil }
        return last.map { time - $0.any >= Self.shortestInterval } ?? true ? time : nil
    }

    /// Into the shape, size and colours of the target.
    private func convert(_ frame: UnsafeMutablePointer<AVFrame>) throws {
        guard HDRTransfer(frame.pointee.color_trc) != nil else { return try scale(frame) }
        let (width, height) = (Int(target.content.pointee.width), Int(target.content.pointee.height))
        let pixels = try FrameConversion.pixels(frame, width: width, height: height)
        let shown = try VideoFrame()
        (shown.content.pointee.width, shown.content.pointee.height) = (Int32(width), Int32(height))
        (shown.content.pointee.format, shown.content.pointee.colorspace) = (AV_PIX_FMT_RGB24.rawValue, AVCOL_SPC_RGB)
        guard av_frame_get_buffer(shown.content, 0) >= 0, let rows = shown.content.pointee.data.0 else { throw StreamEncoder.failure }
        let stride = Int(shown.content.pointee.linesize.0)
        pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<height { (rows + row * stride).update(from: pixels.baseAddress! + row * width * 3, count: width * 3) }
        }
        try scale(shown.content)
    }

    private func scale(_ frame: UnsafeMutablePointer<AVFrame>) throws {
        let (from, to) = (frame.pointee, target.content.pointee)
        let quality = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT
        scaler = sws_getCachedContext(
            scaler, from.width, from.height, AVPixelFormat(rawValue: from.format), to.width, to.height, AV_PIX_FMT_YUV420P, quality,
            nil, nil, nil)
        guard let scaler else { throw StreamEncoder.failure }
        lumiere_sws_keep_colours(scaler, frame, encoder.context.pointee.colorspace)
        guard lumiere_sws_scale_frame(scaler, target.content, frame) == to.height else { throw StreamEncoder.failure }
    }

    /// Encodes what is left.
    func finish(to output: FilmWriter, stream: Int) throws {
        guard last != nil else { throw DecodingFailure.damaged("No frame of the film can be decoded") }
        try encoder.encode(nil, to: output, stream: stream)
    }
}
