import Foundation

/// A GIF file (GIF89a) of frames in one colour each, of 128: number `i` is (2i, 255 - 2i, i).
struct TestGIF {
    var width = 200
    var height = 120
    /// The colour of each frame, and how long it is shown (hundredths of a second).
    var frames: [(colour: UInt8, delay: Int)]
    /// How often it begins again; 0 for ever, `nil` for a file that does not say.
    var repeats: Int? = 0

    static func rgb(_ colour: UInt8) -> [Int] { [Int(colour) * 2, 255 - Int(colour) * 2, Int(colour)] }

    var bytes: [UInt8] {
        var bytes = Array("GIF89a".utf8) + Self.little(width) + Self.little(height) + [0xF6, 0, 0]
        for colour in UInt8(0)..<128 { bytes += Self.rgb(colour).map { UInt8($0) } }
        if let repeats { bytes += [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8) + [3, 1] + Self.little(repeats) + [0] }
        for frame in frames {
            bytes += [0x21, 0xF9, 4, 0] + Self.little(frame.delay) + [0, 0]
            bytes += [0x2C, 0, 0, 0, 0] + Self.little(width) + Self.little(height) + [0] + pixels(frame.colour)
        }
        return bytes + [0x3B]
    }

    /// With codes of seven bits and more, each is a byte as long as the table is cleared before it is full.
    private func pixels(_ colour: UInt8) -> [UInt8] {
        var (codes, left) = ([UInt8](), width * height)
        while left > 0 {
            let count = min(left, 120)
            codes += [0x80] + [UInt8](repeating: colour, count: count)
            left -= count
        }
        codes.append(0x81)
        let blocks = stride(from: 0, to: codes.count, by: 255).map { codes[$0..<min($0 + 255, codes.count)] }
        return [7] + blocks.flatMap { [UInt8($0.count)] + $0 } + [0]
    }

    private static func little(_ number: Int) -> [UInt8] { [UInt8(number & 255), UInt8(number >> 8)] }
}

/// What an animated WebP file (RFC 9649 section 2.7) says of its times.
struct WebPTimes: Equatable {
    var loops: Int?
    /// Milliseconds.
    var delays: [Int] = []
    /// The names of its chunks, in order.
    var chunks: [String] = []

    init(_ file: [UInt8]) {
        func number(_ offset: Int, _ count: Int) -> Int { file[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) } }
        var offset = 12
        while offset + 8 <= file.count {
            let name = String(decoding: file[offset..<(offset + 4)], as: UTF8.self)
            chunks.append(name)
            if name == "ANIM" { loops = number(offset + 12, 2) }
            if name == "ANMF" { delays.append(number(offset + 20, 3)) }
            offset += 8 + number(offset + 4, 4) + number(offset + 4, 4) % 2
        }
    }
}
