import CAVFormat
import Core

/// Which containers a film's streams can be copied into.
enum StreamContainer {
    /// What browsers play, by container; any other pair plays in some programs, if at all.
    private static let played: [MediaFormat: Set<UInt32>] = [
        .mp4: numbers([
            AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1, AV_CODEC_ID_VP9, AV_CODEC_ID_AAC, AV_CODEC_ID_MP3,
            AV_CODEC_ID_OPUS, AV_CODEC_ID_FLAC, AV_CODEC_ID_ALAC, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3,
        ]),
        .webm: numbers([AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1, AV_CODEC_ID_OPUS, AV_CODEC_ID_VORBIS]),
    ]

    /// The containers that can hold all of the streams as far as libavformat knows, those first that browsers play them
    /// from. Its muxers may still refuse what they are then given.
    static func candidates(_ codecs: [AVCodecID], of type: SniffedType) -> [MediaFormat] {
        let order: [MediaFormat] = type == .webm ? [.webm, .mp4, .mov] : [.mp4, .webm, .mov]
        let fitting = order.filter { format in codecs.allSatisfy { takes(format, $0) } }
        let playing = fitting.filter { played[$0]?.isSuperset(of: numbers(codecs)) ?? false }
        return playing + fitting.filter { !playing.contains($0) }
    }

    private static func takes(_ format: MediaFormat, _ codec: AVCodecID) -> Bool {
        guard let muxer = av_guess_format(format.rawValue, nil, nil) else { return false }
        return avformat_query_codec(muxer, codec, FF_COMPLIANCE_NORMAL) == 1
    }

    private static func numbers(_ codecs: [AVCodecID]) -> Set<UInt32> { Set(codecs.map(\.rawValue)) }
}
