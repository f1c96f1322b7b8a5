import Testing

@testable import Processing

struct DecoderCommandTests {
    @Test func `a decoder may write to its own folder alone, and only read the original of its job`() {
        var configuration = ProcessingConfiguration(decoderPath: "/bin/decoder", scratchFolder: "/scratch", decoders: 1)
        configuration.decoderArguments = ["first"]
        #expect(
            DecoderCommand(configuration, DecoderFolders("/scratch/work/1")).arguments
                == ["first", "--read", "/scratch/work/1/originals", "--folder", "/scratch/work/1/results"])
    }
}
