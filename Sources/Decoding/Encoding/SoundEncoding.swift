import CAVFormat
import Core

/// Encodes the sound of a film as AAC, stereo, 48 kHz, in step with the picture: where there is none for a while, silence
/// takes its place, and what overlaps is left out.
final class SoundEncoding {
    let encoder: StreamEncoder
    private let queue: OpaquePointer
    private let resampled: VideoFrame
    private let block: VideoFrame
    private var resampler: OpaquePointer?
    private let timeBase: AVRational
    /// Microseconds at which the film begins.
    private let start: Int64
    /// Samples from the film's beginning: of the next that goes into the queue, and of the next to be encoded.
    private var next: (in: Int64, out: Int64)?

    private static let rate: Int32 = 48_000
    private static let bitRate: Int64 = 160_000
    /// Samples that the sound may be off before something is done about it: 30 ms, less than a frame of most films.
    private static let tolerance: Int64 = 1440
    /// Samples of silence in a row; what lies even later is a broken time.
    private static let longestSilence: Int64 = 3600 * 48_000
    private static let channels = 1...64

    /// - Throws: `DecodingFailure.internalFailure`.
    init(_ stream: AVStream, start: Int64) throws {
        timeBase = stream.time_base
        self.start = start
        encoder = try StreamEncoder("aac", [:]) { context in
            (context.sample_fmt, context.sample_rate, context.bit_rate) = (AV_SAMPLE_FMT_FLTP, Self.rate, Self.bitRate)
            av_channel_layout_default(&context.ch_layout, 2)
            context.time_base = AVRational(num: 1, den: Self.rate)
        }
        guard let queue = av_audio_fifo_alloc(AV_SAMPLE_FMT_FLTP, 2, Self.rate) else { throw StreamEncoder.failure }
        self.queue = queue
        (resampled, block) = (try VideoFrame(), try VideoFrame())
    }

    deinit {
        swr_free(&resampler)
        av_audio_fifo_free(queue)
    }

    /// Samples that the encoder takes at a time.
    private var blockLength: Int32 { max(1, encoder.context.pointee.frame_size) }

    func encode(_ frame: UnsafeMutablePointer<AVFrame>, to output: FilmWriter, stream: Int) throws {
        guard frame.pointee.nb_samples > 0, Self.channels.contains(Int(frame.pointee.ch_layout.nb_channels)) else { return }
        try alignTime(of: frame, output, stream)
        try resample(frame, output, stream)
    }

    /// Encodes what is left.
    func finish(to output: FilmWriter, stream: Int) throws {
        if resampler != nil { try resample(nil, output, stream) }
        try encodeBlocks(atLeast: 1, output, stream)
        try encoder.encode(nil, to: output, stream: stream)
    }

    // MARK: Time

    /// Silence, or less sound, when the frame does not follow the one before it.
    private func alignTime(of frame: UnsafeMutablePointer<AVFrame>, _ output: FilmWriter, _ stream: Int) throws {
        let told = frame.pointee.best_effort_timestamp
        guard told != lumiere_av_no_timestamp else { return }
        let microsecond = AVRational(num: 1, den: Int32(lumiere_av_time_base))
        let sample = AVRational(num: 1, den: Self.rate)
        let time = av_rescale_q(told, timeBase, sample) &- av_rescale_q(start, microsecond, sample)
        guard time.magnitude < FilmTranscode.latest else { return }
        guard let next else { return self.next = (time, time) }
        var missing = time &- next.in &- (resampler.map { swr_get_delay($0, Int64(Self.rate)) } ?? 0)
        guard missing.magnitude > Self.tolerance, missing.magnitude < Self.longestSilence, let resampler else { return }
        if missing < 0 {
            // No more than comes with this frame: the next one tells what is left.
            let length = av_rescale_q(
                Int64(frame.pointee.nb_samples), AVRational(num: 1, den: max(1, frame.pointee.sample_rate)), sample)
            swr_drop_output(resampler, Int32(min(-missing, length)))
        }
        while missing > 0 {
            let part = min(missing, Int64(Self.rate))
            guard swr_inject_silence(resampler, Int32(part)) >= 0 else { throw StreamEncoder.failure }
            try resample(nil, output, stream)
            missing -= part
        }
    }

    // MARK: Samples

    /// Converts a frame, or what is left of those before it, and encodes what there is.
    private func resample(_ frame: UnsafeMutablePointer<AVFrame>?, _ output: FilmWriter, _ stream: Int) throws {
        let target = resampled.content
        av_frame_unref(target)
        (target.pointee.format, target.pointee.sample_rate) = (AV_SAMPLE_FMT_FLTP.rawValue, Self.rate)
        av_channel_layout_default(&target.pointee.ch_layout, 2)
        if resampler == nil, let frame { try openResampler(for: frame) }
        var status = swr_convert_frame(resampler, target, frame)
        if status == lumiere_av_input_changed, let frame {
            swr_free(&resampler)
            try openResampler(for: frame)
            status = swr_convert_frame(resampler, target, frame)
        }
        guard status >= 0 else { throw StreamEncoder.failure }
        try add(target)
        try encodeBlocks(atLeast: blockLength, output, stream)
    }

    private func openResampler(for frame: UnsafeMutablePointer<AVFrame>) throws {
        if frame.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
            av_channel_layout_default(&frame.pointee.ch_layout, frame.pointee.ch_layout.nb_channels)
        }
        var stereo = AVChannelLayout()
        av_channel_layout_default(&stereo, 2)
        let status = swr_alloc_set_opts2(
            &resampler, &stereo, AV_SAMPLE_FMT_FLTP, Self.rate, &frame.pointee.ch_layout,
            AVSampleFormat(rawValue: frame.pointee.format), frame.pointee.sample_rate, 0, nil)
        guard status >= 0, swr_init(resampler) >= 0 else { throw StreamEncoder.failure }
    }

    private func add(_ frame: UnsafeMutablePointer<AVFrame>) throws {
        let count = frame.pointee.nb_samples
        guard count > 0 else { return }
        guard lumiere_av_fifo_write(queue, frame) == count else { throw StreamEncoder.failure }
        let known = next ?? (0, 0)
        next = (known.in + Int64(count), known.out)
    }

    private func encodeBlocks(atLeast least: Int32, _ output: FilmWriter, _ stream: Int) throws {
        while av_audio_fifo_size(queue) >= least {
            let count = min(blockLength, av_audio_fifo_size(queue))
            av_frame_unref(block.content)
            block.content.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
            (block.content.pointee.sample_rate, block.content.pointee.nb_samples) = (Self.rate, count)
            av_channel_layout_default(&block.content.pointee.ch_layout, 2)
            guard av_frame_get_buffer(block.content, 0) >= 0, lumiere_av_fifo_read(queue, block.content) == count else {
                throw StreamEncoder.failure
            }
            let known = next ?? (0, 0)
            block.content.pointee.pts = known.out
            next = (known.in, known.out + Int64(count))
            try encoder.encode(block.content, to: output, stream: stream)
        }
    }
}
