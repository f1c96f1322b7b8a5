import Core
import Testing

@Suite("Sizes")
struct ByteTextTests {
    @Test("read as on a memory card", arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (.max, "9.2 EB"),
    ] as [(Int64, String)])
    func decimal(bytes: Int64, text: String) { #expect(ByteText.of(bytes, .decimal) == text) }

    @Test("read as a disk counts them", arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1_048_575, "1.0 MiB"), (5 << 30, "5.0 GiB"),
        (.max, "8.0 EiB"),
    ] as [(Int64, String)])
    func binary(bytes: Int64, text: String) { #expect(ByteText.of(bytes, .binary) == text) }
}
