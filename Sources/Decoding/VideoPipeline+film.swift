import CAVFormat
import Core

extension VideoPipeline {
    /// The film encoded anew, whole and in segments.
    /// - Throws: `DecodingFailure`, or what `reply` throws.
    func encode(_ file: VideoFile, _ facts: MediaFacts, _ time: WorkTime) throws {
        guard let encoding = request.encoding else { throw DecodingFailure.internalFailure("It is not said how to encode the film.") }
        try reply(.facts(facts))
        let name = "\(RenditionName.stream.rawValue).\(MediaFormat.mp4.fileExtension)"
        let path = "\(request.outputFolder)/\(name)"
        do { try FilmTranscode(file: file, path: path, encoding: encoding).run() } catch is StreamCopy.Refusal {
            throw StreamEncoder.failure
        } catch let failure as VipsLibrary.Failure {
            throw failure.asDecodingFailure("The film's picture cannot be converted")
        }
        let encoded = try VideoFile(path)
        let encodedFacts = try VideoProbe.facts(of: encoded, .mp4)
        // Its segments are written first: once it is announced, the server may take the file away.
        let segments = try writeSegments(encoded, encodedFacts, time)
        try reply(.rendition(DecodedFile(
            name: .stream, format: .mp4, file: name, width: encodedFacts.width, height: encodedFacts.height)))
        for file in segments { try reply(.rendition(file)) }
    }
}
