/// Names of codecs as players want to know them in advance (RFC 6381 section 3.3), read from what a container keeps of
/// the codec; pure. What is not named here is not put into segments.
enum CodecString {
    /// From an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1): `avc1.64001f`.
    /// - Throws: `NotPlayed.inThatForm` for what browsers do not play: more than 8 bits, or finer colours than 4:2:0.
    static func h264(_ record: [UInt8]) throws(NotPlayed) -> String {
        guard record.count >= 7, record[0] == 1 else { throw .withoutRecord }
        // Baseline, Main and High.
        guard [66, 77, 100].contains(record[1]) else { throw .inThatForm }
        return "avc1." + record[1...3].map(hexadecimal).joined()
    }

    /// From an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 8.3.3.1 and annex E.3): `hvc1.1.6.L93.B0`.
    /// - Throws: as `h264`, for other profiles than Main and Main 10.
    static func hevc(_ record: [UInt8]) throws(NotPlayed) -> String {
        guard record.count >= 23, record[0] == 1 else { throw .withoutRecord }
        let profile = record[1] & 0x1F
        guard record[1] >> 6 == 0, [1, 2].contains(profile) else { throw .inThatForm }
        let compatible = record[2...5].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        // The first bit is the lowest of the number.
        var reversed: UInt32 = 0
        for bit in 0..<32 where compatible & 1 << UInt32(bit) != 0 { reversed |= 1 << UInt32(31 - bit) }
        let constraints = record[6...11].reversed().drop { $0 == 0 }.reversed()
        let parts = [
            "hvc1", "\(profile)", String(reversed, radix: 16).uppercased(), "\(record[1] & 0x20 == 0 ? "L" : "H")\(record[12])",
        ]
        return (parts + constraints.map { String($0, radix: 16).uppercased() }).joined(separator: ".")
    }

    /// From an AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1): `mp4a.40.2`.
    /// - Throws: `NotPlayed.withoutRecord`.
    static func aac(_ configuration: [UInt8]) throws(NotPlayed) -> String {
        guard configuration.count >= 2 else { throw .withoutRecord }
        let kind = configuration[0] >> 3
        let extended = 32 + Int((configuration[0] & 7) << 3 | configuration[1] >> 5)
        return "mp4a.40.\(kind == 31 ? extended : Int(kind))"
    }

    enum NotPlayed: Error { case withoutRecord, inThatForm }

    private static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
