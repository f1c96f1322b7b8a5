import CAVFormat
import Core

/// What a film's container tells besides how to play it: where it was made, with what, by whom. Guests who may see a
/// film may not see that.
enum DeviceTraces {
    /// Whether an ISO media file would tell, if it were handed out as it is.
    /// - Throws: `DecodingFailure.internalFailure` when the file cannot be read.
    static func are(in file: VideoFile, at path: String) throws -> Bool {
        if areKnown(to: file.context.pointee) { return true }
        let input = try InputFile(path)
        var search = UserDataSearch(read: input.read)
        return try search.finds(in: 0..<input.size)
    }

    /// What libavformat has found: tags, chapters, and streams that are no picture or sound, such as a track of places;
    /// some cameras write those as subtitles.
    private static func areKnown(to context: AVFormatContext) -> Bool {
        if context.nb_chapters > 0 || entries(context.metadata).contains(where: tells) { return true }
        return (0..<Int(context.nb_streams)).contains { index in
            let stream = context.streams[index]!.pointee  // As many as are counted.
            let kind = stream.codecpar.pointee.codec_type
            return ![AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO].contains(kind)
                || stream.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 || entries(stream.metadata).contains(where: tells)
        }
    }

    /// Whether a tag says more than every film's does. Cameras write their names into the handlers' and encoders'.
    static func tells(_ key: String, _ value: String) -> Bool {
        switch key.lowercased() {
        case "major_brand", "minor_version", "compatible_brands", "creation_time", "language", "vendor_id", "duration": false
        case "handler_name": !["", "VideoHandler", "SoundHandler"].contains(value)
        case "encoder": !value.hasPrefix("Lav")
        default: true
        }
    }

    private static func entries(_ dictionary: OpaquePointer?) -> [(String, String)] {
        var found: [(String, String)] = []
        var last: UnsafeMutablePointer<AVDictionaryEntry>?
        while let entry = av_dict_get(dictionary, "", last, AV_DICT_IGNORE_SUFFIX) {
            if let key = entry.pointee.key, let value = entry.pointee.value {
                found.append((String(cString: key), String(cString: value)))
            }
            last = entry
        }
        return found
    }
}
