import CAVFormat
import Core

/// Reads what a film says about itself.
enum VideoProbe {
    /// - Throws: `DecodingFailure.tooLarge` beyond the picture limits.
    static func facts(of file: VideoFile, _ type: SniffedType) throws -> MediaFacts {
        let (width, height) = try displaySize(of: file)
        let rotation = rotation(of: file)
        let isSideways = rotation % 180 != 0
        var video = MediaFacts.Video(
            duration: duration(of: file), videoCodec: codecName(file.pictureParameters),
            audioCodec: file.soundParameters.map(codecName), rotation: rotation, frameRate: frameRate(of: file),
            bitRate: file.context.pointee.bit_rate > 0 ? file.context.pointee.bit_rate : nil, capturedAt: capturedAt(of: file))
        addContainer(of: file, type, to: &video)
        addPicture(of: file, to: &video)
        addSound(of: file, to: &video)
        return MediaFacts(
            kind: .video, contentType: type.contentType,
            width: isSideways ? height : width, height: isSideways ? width : height, video: video)
    }

    /// Square pixels before rotation: anamorphic films are as wide as they are shown. Within a hundredth of square,
    /// a shape is rounding in some editor, and the pixels are taken as they are.
    static func displaySize(of file: VideoFile) throws -> (width: Int, height: Int) {
        let parameters = file.pictureParameters
        let (width, height) = (Int(parameters.width), Int(parameters.height))
        guard width > 0, height > 0 else { throw DecodingFailure.damaged("The film does not tell the size of its picture") }
        try ImageInspection.checkSize(width: width, height: height)
        let shape = av_q2d(file.pixelShape)
        guard (0.1...10).contains(shape), abs(shape - 1) > 0.01 else { return (width, height) }
        return (Int((Double(width) * shape).rounded()), height)
    }

    /// Degrees clockwise for showing, from the display matrix (ISO/IEC 14496-12 section 8.3.2): 0, 90, 180 or 270. A picture
    /// that is to be mirrored is turned first.
    static func rotation(of file: VideoFile) -> Int {
        guard var matrix = displayMatrix(of: file) else { return 0 }
        if isMirroring(matrix) { av_display_matrix_flip(&matrix, 1, 0) }
        let degrees = -av_display_rotation_get(matrix)
        return degrees.isFinite ? ((Int((degrees / 90).rounded()) % 4) + 4) % 4 * 90 : 0
    }

    /// Whether left and right of the turned picture are to be exchanged, as front cameras want it.
    static func isMirrored(of file: VideoFile) -> Bool { displayMatrix(of: file).map(isMirroring) ?? false }

    private static func displayMatrix(of file: VideoFile) -> [Int32]? {
        var size = 0
        guard let bytes = av_stream_get_side_data(file.context.pointee.streams[file.pictureIndex], AV_PKT_DATA_DISPLAYMATRIX, &size),
            size >= 36
        else { return nil }
        return bytes.withMemoryRebound(to: Int32.self, capacity: 9) { Array(UnsafeBufferPointer(start: $0, count: 9)) }
    }

    /// Whether a matrix turns the picture's other side to the front: its determinant is negative.
    private static func isMirroring(_ matrix: [Int32]) -> Bool {
        Double(matrix[0]) * Double(matrix[4]) < Double(matrix[1]) * Double(matrix[3])
    }

    /// Milliseconds; 0 when the container does not tell, and its packets tell nothing that can be.
    private static func duration(of file: VideoFile) -> Int64 {
        let duration = file.context.pointee.duration
        return FilmLength.isKnown(duration) ? duration / (lumiere_av_time_base / 1000) : 0
    }

    private static func frameRate(of file: VideoFile) -> Double? {
        let rate = av_q2d(file.picture.avg_frame_rate)
        return rate.isFinite && rate > 0 ? (rate * 1000).rounded() / 1000 : nil
    }

    static func codecName(_ parameters: AVCodecParameters) -> String {
        String(cString: avcodec_get_name(parameters.codec_id))
    }

    /// Apple's own field has the camera's time zone; the container's is UTC.
    private static func capturedAt(of file: VideoFile) -> String? {
        let apple = metadata(of: file, "com.apple.quicktime.creationdate").flatMap(appleTime)
        return apple ?? metadata(of: file, "creation_time").flatMap { Timestamp($0)?.description }
    }

    /// `2026-06-01T14:03:21+0200` as RFC 3339.
    static func appleTime(_ text: String) -> String? {
        guard text.utf8.count == 24, text.dropFirst(19).first.map({ "+-".contains($0) }) == true else { return nil }
        let candidate = text.prefix(22) + ":" + text.suffix(2)
        return Timestamp(String(candidate)) == nil ? nil : String(candidate)
    }

    private static func metadata(of file: VideoFile, _ key: String) -> String? { text(file.context.pointee.metadata, key) }

    /// A tag, as far as it can be read.
    static func text(_ tags: OpaquePointer?, _ key: String) -> String? {
        guard let entry = av_dict_get(tags, key, nil, 0), let value = entry.pointee.value else { return nil }
        return ExifText.clean(String(cString: value).utf8)
    }
}
