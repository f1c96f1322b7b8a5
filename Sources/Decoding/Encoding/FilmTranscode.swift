import CAVFormat
import Core

/// Encodes a film anew, as browsers play it, into a file whose index comes first; without the container's metadata. What is in
/// memory at a time does not depend on the film's length, apart from some bytes of index for each frame.
struct FilmTranscode {
    let file: VideoFile
    /// An absolute path.
    let path: String
    let encoding: FilmEncoding

    /// Ticks of any stream; what is later, or so much too early, is a broken time.
    static let latest: UInt64 = 1 << 40

    /// - Throws: `DecodingFailure`, `StreamCopy.Refusal`, or `VipsLibrary.Failure`.
    func run() throws {
        try file.rewind()
        let source = (picture: file.context.pointee.streams[file.pictureIndex]!, sound: file.soundIndex.map { file.context.pointee.streams[$0]! })
        let start = file.context.pointee.start_time == lumiere_av_no_timestamp ? 0 : file.context.pointee.start_time
        let decoders = try (
            picture: StreamDecoder(source.picture, threads: encoding.threads), sound: source.sound.map { try StreamDecoder($0, threads: 1) }
        )
        let picture = try PictureEncoding(file, encoding, start: start)
        let sound = try source.sound.map { try SoundEncoding($0.pointee, start: start) }

        let output = try FilmWriter(path, muxer: "mp4")
        let pictureStream = try output.addStream(from: picture.encoder.context, turnedAs: source.picture)
        let soundStream = try sound.map { try output.addStream(from: $0.encoder.context, turnedAs: nil) } ?? 0
        try output.writeHeader(["movflags": "+faststart"])
        try readPackets { index, packet in
            if index == file.pictureIndex {
                try decoders.picture.decode(packet) { frame in
                    file.completeColours(of: frame)
                    try picture.encode(frame, to: output, stream: pictureStream)
                }
            } else if index == file.soundIndex {
                try decoders.sound?.decode(packet) { try sound?.encode($0, to: output, stream: soundStream) }
            }
        }
        try picture.finish(to: output, stream: pictureStream)
        try sound?.finish(to: output, stream: soundStream)
        try output.finish()
    }

    /// Hands over every packet, and for each of the streams nothing at the end.
    private func readPackets(_ body: (Int, UnsafeMutablePointer<AVPacket>?) throws -> Void) throws {
        guard let packet = av_packet_alloc() else { throw DecodingFailure.outOfMemory }
        defer {
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
        }
        while try VideoFile.read(packet, from: file.context) {
            try body(Int(packet.pointee.stream_index), packet)
            av_packet_unref(packet)
        }
        for index in [file.pictureIndex, file.soundIndex].compactMap(\.self) { try body(index, nil) }
    }
}
