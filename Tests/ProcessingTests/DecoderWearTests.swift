import Testing

@testable import Processing

@Suite struct DecoderWearTests {
    private static let mebibyte: Int64 = 1 << 20

    @Test(arguments: [
        ([50, 60, 70], nil), ([50, 300, 306], nil), ([50, 300, 307], .growth), ([50, nil, 307], .growth), ([nil, 600, 700], nil),
        ([500, 760], .growth), ([800], .memory), ([600, 700, 769], .memory), ([1, 1, 1, 1, 1], .jobs), ([nil, nil, nil, nil, nil], .jobs),
    ] as [([Int64?], DecoderWear.Reason?)])
    func `a decoder goes after so many jobs, or when it holds too much`(sizes: [Int64?], reason: DecoderWear.Reason?) {
        var limits = ProcessingConfiguration(decoderPath: "", scratchFolder: "", decoders: 1)
        limits.jobsPerDecoder = 5
        var wear = DecoderWear(limits)
        let reasons = sizes.map { wear.jobEnded(resident: $0.map { $0 * Self.mebibyte }) }
        #expect(reasons.dropLast().allSatisfy { $0 == nil })
        #expect(reasons.last == reason)
    }
}
