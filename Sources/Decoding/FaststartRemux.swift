import Core

/// Copies a film's streams into a file whose index comes first.
enum FaststartRemux {
    /// Each for one kind of container; the others ignore it.
    private static let options = ["movflags": "+faststart", "cues_to_front": "1"]

    /// Writes picture and sound to `path`, without the container's metadata (place, device).
    /// - Throws: as `StreamCopy.run`.
    static func run(_ file: VideoFile, to path: String, as format: MediaFormat) throws {
        try StreamCopy(file: file, path: path, muxer: format.rawValue, options: options).run()
    }
}
