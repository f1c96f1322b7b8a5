import Foundation

/// What the server asks of a decoder child, one at a time. On the child's stdin, each message is a 4-byte big-endian
/// length and that many bytes of JSON.
public struct DecodeRequest: Sendable, Equatable, Codable {
    /// Names the job in logs; replies need none, as a child has one job at a time.
    public var id: JobID
    /// The original; the child only reads it.
    public var inputPath: String
    /// An existing empty folder for the results.
    public var outputFolder: String
    /// What to derive.
    public var recipe: Recipe
    /// Wall-clock milliseconds after which the server kills the child; the child sets its own limits from it.
    public var timeLimit: Int64
    /// How much of the recipe is wanted now.
    public var part: DecodePart
    /// The PNG file that the recipe's watermark names.
    public var watermarkPicture: Data?
    /// For `DecodePart.film`.
    public var encoding: FilmEncoding?

    /// A request; see the properties of the same names.
    public init(
        id: JobID, inputPath: String, outputFolder: String, recipe: Recipe, timeLimit: Int64, part: DecodePart = .all,
        watermarkPicture: Data? = nil, encoding: FilmEncoding? = nil
    ) {
        self.id = id
        self.inputPath = inputPath
        self.outputFolder = outputFolder
        self.recipe = recipe
        self.timeLimit = timeLimit
        self.part = part
        self.watermarkPicture = watermarkPicture
        self.encoding = encoding
    }
}

/// How much of a recipe a decoder is to make. What the first part needs is decoded on its own in any case, so that two
/// requests cost little more than one.
public enum DecodePart: String, Sendable, Codable, CaseIterable {
    case all
    /// The smallest size alone: with it the photo can be shown.
    case thumbnail
    /// All but the smallest size. The facts that come with it may not tell of damage.
    case rest
    /// The stills of all sizes once more, in the same pixels, as AVIF and nothing else.
    case avif
    /// A film's stream and its segments, encoded anew, and nothing else. The facts that come with it may not tell of damage.
    case film
}

/// What a decoder child answers, in this order: `facts`, then `rendition`s (all formats of the smallest size first),
/// then `done`; or `failed` at any point. Framed like requests, on the child's stdout.
public enum DecodeReply: Sendable, Equatable, Codable {
    case facts(MediaFacts)
    case rendition(DecodedFile)
    case done
    case failed(ProcessingFailure)
}

/// A file a child has written into its output folder.
public struct DecodedFile: Sendable, Equatable, Codable {
    /// What the file is for.
    public var name: RenditionName
    /// The form it is in.
    public var format: MediaFormat
    /// Within the output folder; `nil` when the original itself serves (a video that streams as it is).
    public var file: String?
    /// Pixels, upright.
    public var width: Int
    /// Pixels, upright.
    public var height: Int

    /// A file; see the properties of the same names.
    public init(name: RenditionName, format: MediaFormat, file: String?, width: Int, height: Int) {
        self.name = name
        self.format = format
        self.file = file
        self.width = width
        self.height = height
    }
}
