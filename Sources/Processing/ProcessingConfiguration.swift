public import Core

/// How much Processing may take, and where it works.
public struct ProcessingConfiguration: Sendable {
    /// The decoder program.
    public var decoderPath: String
    /// Arguments before the `--read` and `--folder` ones that the pool adds.
    public var decoderArguments: [String] = []
    /// A folder of this process alone, on the file system of the originals; what lies in it is removed at the start.
    public var scratchFolder: String
    /// Decoder processes, each working on one job at a time; with 0, express ones do not run either.
    public var decoders: Int
    /// Further processes that make nothing but first thumbnails, while all others are busy: so that none waits for a large
    /// picture to be done.
    public var expressDecoders = 1
    /// Wall-clock time a decoder may take for one request before it is killed.
    public var timeLimit: Duration = .seconds(300)
    /// How films are encoded anew that browsers cannot play; `nil` for not at all. One at a time, by a decoder of its own.
    public var filmEncoding: FilmEncoding?
    /// Wall-clock time that may take.
    public var filmTimeLimit: Duration = .seconds(4 * 3600)
    /// How long a claimed job stays with a worker that is no longer heard of.
    public var lease: Duration = .seconds(15)
    /// How long a decoder claims nothing after storage was out of reach.
    public var awayPause: Duration = .seconds(2)
    /// How often the queue is looked at when nothing wakes the runner.
    public var pollInterval: Duration = .seconds(1)
    /// How long running jobs may go on after shutdown was asked for, before they are put back.
    public var drain: Duration = .seconds(5)
    /// Jobs after which a decoder is replaced by a fresh one.
    public var jobsPerDecoder = 200
    /// Resident bytes above which a decoder is replaced after its job.
    public var decoderMemory: Int64 = 768 << 20
    /// Resident bytes that a decoder may hold more than after its first job before it is replaced.
    public var decoderGrowth: Int64 = 256 << 20
    /// How often the queue is counted for `/metrics`.
    public var censusInterval: Duration = .seconds(5)

    /// See the properties of the same names; everything else has a default.
    public init(decoderPath: String, scratchFolder: String, decoders: Int) {
        self.decoderPath = decoderPath
        self.scratchFolder = scratchFolder
        self.decoders = max(0, decoders)
    }

    func timeLimit(of part: DecodePart) -> Duration { part == .film ? filmTimeLimit : timeLimit }

    /// Where decoders have their folders.
    var workFolder: String { scratchFolder + "/work" }

    /// Where results are moved before they are looked at, out of a decoder's reach.
    var intakeFolder: String { scratchFolder + "/intake" }
}
