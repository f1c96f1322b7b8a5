import Testing

@testable import Decoding

@Suite("Names of codecs") struct CodecStringTests {
    @Test("H.264 is named by profile and level") func h264() throws {
        #expect(try CodecString.h264([1, 0x64, 0, 0x1F, 0xFF, 0xE1, 0]) == "avc1.64001f")
        #expect(throws: CodecString.NotPlayed.inThatForm) { try CodecString.h264([1, 110, 0, 0x1F, 0xFF, 0xE1, 0]) }
        #expect(throws: CodecString.NotPlayed.withoutRecord) { try CodecString.h264([0, 0, 0, 1, 0x67, 0x64, 0]) }
        #expect(throws: CodecString.NotPlayed.withoutRecord) { try CodecString.h264([]) }
    }

    /// The examples are those of ISO/IEC 14496-15 annex E.3 and of Apple's authoring specification.
    @Test("HEVC is named by profile, compatibility, tier, level and constraints", arguments: [
        ([1, 0x01, 0x60, 0, 0, 0, 0xB0, 0, 0, 0, 0, 0, 93], "hvc1.1.6.L93.B0"),
        ([1, 0x22, 0x20, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 153], "hvc1.2.4.H153.90"),
        ([1, 0x01, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 93], "hvc1.1.6.L93"),
    ] as [([UInt8], String)])
    func hevc(start: [UInt8], name: String) throws {
        let record = start + [UInt8](repeating: 0, count: 10)
        #expect(try CodecString.hevc(record) == name)
        #expect(throws: CodecString.NotPlayed.withoutRecord) { try CodecString.hevc(start) }
        var other = record
        other[1] = 4
        #expect(throws: CodecString.NotPlayed.inThatForm) { try CodecString.hevc(other) }
    }

    @Test("AAC is named by its object type", arguments: [
        ([0x12, 0x10], "mp4a.40.2"), ([0x2B, 0x92], "mp4a.40.5"), ([0xF9, 0x40], "mp4a.40.42"),
    ] as [([UInt8], String)])
    func aac(configuration: [UInt8], name: String) throws { #expect(try CodecString.aac(configuration) == name) }
}
