import CAVFormat
import Synchronization

extension ToneMapper {
    /// What tables are made for.
    private struct Key: Equatable {
        var transfer: HDRTransfer
        var peak: Double
        var primaries: AVColorPrimaries
    }

    /// The frames of a film are alike.
    private static let last = Mutex<(key: Key, mapper: ToneMapper)?>(nil)
    /// cd/m² that films are made up to, when they do not say.
    private static let usualPeak = 1000.0

    /// `nil` for a frame of the usual range.
    static func mapper(for frame: UnsafeMutablePointer<AVFrame>) -> ToneMapper? {
        guard let transfer = HDRTransfer(frame.pointee.color_trc) else { return nil }
        let key = Key(transfer: transfer, peak: peak(of: frame), primaries: frame.pointee.color_primaries)
        return last.withLock { last in
            if let last, last.key == key { return last.mapper }
            let mapper = ToneMapper(transfer, peak: key.peak, key.primaries)
            last = (key, mapper)
            return mapper
        }
    }

    /// cd/m²: of the brightest pixel of the film if it is told (CTA-861.3), else of the display that it was made on
    /// (SMPTE ST 2086).
    private static func peak(of frame: UnsafeMutablePointer<AVFrame>) -> Double {
        let possible = ToneCurve.white...PerceptualQuantizer.peak
        let content = told(AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, by: frame, as: AVContentLightMetadata.self).map { Double($0.MaxCLL) }
        let display = told(AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, by: frame, as: AVMasteringDisplayMetadata.self)
            .flatMap { $0.has_luminance != 0 ? av_q2d($0.max_luminance) : nil }
        return [content, display].compactMap(\.self).first(where: possible.contains) ?? usualPeak
    }

    private static func told<Value>(
        _ type: AVFrameSideDataType, by frame: UnsafeMutablePointer<AVFrame>, as: Value.Type
    ) -> Value? {
        guard let data = av_frame_get_side_data(frame, type), data.pointee.size >= MemoryLayout<Value>.size else { return nil }
        return UnsafeRawPointer(data.pointee.data).loadUnaligned(as: Value.self)
    }
}
