import Testing

@testable import Processing

struct DecoderCommandTests {
    @Test func `a decoder may write to the work folder alone, and only read originals`() {
        var configuration = ProcessingConfiguration(
            decoderPath: "/bin/decoder", originalFolders: ["/objects", "/more"], scratchFolder: "/scratch", decoders: 1)
        configuration.decoderArguments = ["first"]
        #expect(
            DecoderCommand(configuration).arguments
                == ["first", "--read", "/objects", "--read", "/more", "--folder", "/scratch/work"])
    }
}
