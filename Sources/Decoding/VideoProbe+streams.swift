import CAVFormat
import Core

extension VideoProbe {
    /// Streams that are told of.
    private static let maximumStreams = 16

    /// The container and what lies in it.
    static func addContainer(of file: VideoFile, _ type: SniffedType, to video: inout MediaFacts.Video) {
        video.container = "\(type)"
        video.streams = (0..<min(maximumStreams, Int(file.context.pointee.nb_streams))).map { index in
            let stream = file.context.pointee.streams[index]!.pointee  // As many as are counted.
            let parameters = stream.codecpar.pointee
            return MediaFacts.Video.Stream(
                kind: kind(parameters.codec_type), codec: codecName(parameters),
                language: text(stream.metadata, "language").flatMap { $0 == "und" ? nil : $0 })
        }
    }

    /// How the picture is stored and coded.
    static func addPicture(of file: VideoFile, to video: inout MediaFacts.Video) {
        let parameters = file.pictureParameters
        (video.pixelWidth, video.pixelHeight) = (Int(parameters.width), Int(parameters.height))
        video.videoProfile = profile(parameters)
        if let format = av_pix_fmt_desc_get(AVPixelFormat(rawValue: parameters.format)) {
            video.bitDepth = Int(format.pointee.comp.0.depth)
        }
        video.hdr = HDRTransfer(parameters.color_trc)?.rawValue
        let index = FilmIndex(file)
        video.isVariableFrameRate = isVariable(file, index)
        video.asIs = asIs(file, index)
    }

    /// What an index lists takes no reading.
    private static func isVariable(_ file: VideoFile, _ index: FilmIndex?) -> Bool? {
        if let listed = index.flatMap({ FilmIndex.isUneven($0.times) }) { return listed }
        guard let read = try? FrameTimes(file) else { return nil }
        return FilmIndex.isUneven(read.times, rounding: read.rounding)
    }

    /// How many channels there are, and where they stand.
    static func addSound(of file: VideoFile, to video: inout MediaFacts.Video) {
        guard let parameters = file.soundParameters else { return }
        video.audioProfile = profile(parameters)
        if parameters.ch_layout.nb_channels > 0 { video.audioChannels = Int(parameters.ch_layout.nb_channels) }
        if parameters.sample_rate > 0 { video.audioSampleRate = Int(parameters.sample_rate) }
        video.audioLayout = layout(parameters.ch_layout)
    }

    /// Why the film is not cut into segments; `nil` when it can be.
    private static func asIs(_ file: VideoFile, _ index: FilmIndex?) -> MediaFacts.Video.AsIs? {
        do throws(CodecString.NotPlayed) { _ = try file.pictureCodecString() } catch {
            return error == .inThatForm ? .pictureProfile : .pictureCodec
        }
        do throws(CodecString.NotPlayed) { _ = try file.soundCodecString() } catch { return .soundCodec }
        return index?.hasRareKeyFrames == true ? .keyFrames : nil
    }

    private static func profile(_ parameters: AVCodecParameters) -> String? {
        avcodec_profile_name(parameters.codec_id, parameters.profile).map { String(cString: $0) }
    }

    private static func layout(_ layout: AVChannelLayout) -> String? {
        guard layout.order != AV_CHANNEL_ORDER_UNSPEC else { return nil }
        var layout = layout
        var text = [CChar](repeating: 0, count: 64)
        guard av_channel_layout_describe(&layout, &text, text.count) > 0 else { return nil }
        return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
    }

    private static func kind(_ type: AVMediaType) -> String {
        switch type {
        case AVMEDIA_TYPE_VIDEO: "video"
        case AVMEDIA_TYPE_AUDIO: "audio"
        case AVMEDIA_TYPE_SUBTITLE: "subtitle"
        case AVMEDIA_TYPE_ATTACHMENT: "attachment"
        default: "data"
        }
    }
}

extension VideoFile {
    /// As players of segments want it.
    func pictureCodecString() throws(CodecString.NotPlayed) -> String {
        switch pictureParameters.codec_id {
        case AV_CODEC_ID_H264: try CodecString.h264(Self.record(pictureParameters))
        case AV_CODEC_ID_HEVC: try CodecString.hevc(Self.record(pictureParameters))
        default: throw .withoutRecord
        }
    }

    /// `nil` for a silent film.
    func soundCodecString() throws(CodecString.NotPlayed) -> String? {
        guard let soundParameters else { return nil }
        guard soundParameters.codec_id == AV_CODEC_ID_AAC else { throw .withoutRecord }
        return try CodecString.aac(Self.record(soundParameters))
    }

    /// What the container keeps of a codec.
    private static func record(_ parameters: AVCodecParameters) -> [UInt8] {
        guard let bytes = parameters.extradata, parameters.extradata_size > 0 else { return [] }
        return Array(UnsafeBufferPointer(start: bytes, count: min(1 << 16, Int(parameters.extradata_size))))
    }
}
