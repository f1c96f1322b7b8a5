import CAVFormat
import Core

/// Copies a film's picture and sound, undecoded and without the container's metadata (place, device), into another file.
/// What is in memory at a time does not depend on the film's length, apart from some bytes of index for each frame.
struct StreamCopy {
    /// The muxer does not take these streams, which another one may, or they cannot be read from the start.
    struct Refusal: Error, Equatable {}

    /// There is no time for this copy.
    struct Late: Error, Equatable {}

    let file: VideoFile
    /// An absolute path.
    let path: String
    /// FFmpeg's short name.
    let muxer: String
    /// Those that the muxer does not know are ignored.
    var options: [String: String] = [:]
    /// Leaves out what comes before the first frame that can be decoded by itself.
    var beginsWithKeyFrame = false
    /// For a copy that is given up when it takes too long.
    var time: WorkTime?
    /// As `FilmWriter` has it.
    var longestQueue = FilmWriter.longestQueue

    /// - Returns: ticks per second of the picture's track, which is the first.
    /// - Throws: `Refusal`, `Late`, or `DecodingFailure`: `too_large` when the copy would be, `internal` when it cannot be written.
    @discardableResult
    func run() throws -> Int32 {
        try file.rewind()
        let output = try FilmWriter(path, muxer: muxer, longestQueue: longestQueue)
        let targets = try [file.pictureIndex, file.soundIndex].compactMap { $0 }.map { index in
            (index, try output.addStream(like: file.context.pointee.streams[index]!))  // The indices come from the demuxer.
        }
        output.setPixelShape(file.pixelShape)
        try output.writeHeader(options)
        try copyPackets(to: output, Dictionary(uniqueKeysWithValues: targets))
        try output.finish()
        return output.ticksPerSecond
    }

    private func copyPackets(to output: FilmWriter, _ targets: [Int: Int]) throws {
        guard let packet = av_packet_alloc() else { throw DecodingFailure.outOfMemory }
        defer {
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
        }
        var hasBegun = !beginsWithKeyFrame
        while try VideoFile.read(packet, from: file.context) {
            if time?.isHalfOver == true { throw Late() }
            let source = Int(packet.pointee.stream_index)
            if source == file.pictureIndex, packet.pointee.flags & AV_PKT_FLAG_KEY != 0 { hasBegun = true }
            guard hasBegun, let target = targets[source] else {
                av_packet_unref(packet)
                continue
            }
            let timeBase = file.context.pointee.streams[source]!.pointee.time_base
            try output.write(packet, stream: target, timeBase: timeBase)
        }
    }
}

extension StreamCopy {
    /// What a muxer's failure means.
    /// - Parameter status: a negated errno value, or another code of libavformat's.
    static func failure(_ status: Int32) -> any Error {
        switch -status {
        case EFBIG: DecodingFailure.resultTooLarge
        case ENOMEM: DecodingFailure.outOfMemory
        case EIO, ENOSPC, EDQUOT: DecodingFailure.internalFailure("The film cannot be written.")
        default: Refusal()
        }
    }
}
