/// What a decoder has been through, and whether a fresh one would be better; pure.
struct DecoderWear: Sendable {
    /// Why a decoder is replaced though it works.
    enum Reason: String, Sendable, CaseIterable {
        case jobs, growth, memory
    }

    private let limits: ProcessingConfiguration
    private var jobs = 0
    private var baseline: Int64?

    init(_ limits: ProcessingConfiguration) { self.limits = limits }

    /// A job has ended.
    /// - Parameter resident: bytes that the decoder holds now; `nil` when nobody knows.
    /// - Returns: why it should have been the last; `nil` for another one.
    mutating func jobEnded(resident: Int64?) -> Reason? {
        jobs += 1
        if jobs >= limits.jobsPerDecoder { return .jobs }
        guard let resident else { return nil }
        // What the libraries take once, they have taken by the end of the first job.
        let start = baseline ?? resident
        baseline = start
        if resident > limits.decoderMemory { return .memory }
        return resident - start > limits.decoderGrowth ? .growth : nil
    }
}
