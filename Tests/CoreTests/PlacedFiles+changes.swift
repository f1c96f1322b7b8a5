import Core
import TestSupport
import Testing

extension PlacedFiles {
    /// Changes single bytes and cuts ends, the same in every run; whatever becomes of the places, the file keeps its length.
    static func expectLength(ofChanged file: [UInt8]) throws {
        var random = SeededGenerator(seed: UInt64(file.count))
        for round in 0..<400 {
            let changed = changed(file, isCut: round % 4 == 0, &random)
            #expect(try without(changed).map { $0.count == changed.count } ?? true, "round \(round)")
        }
    }

    private static func changed(_ file: [UInt8], isCut: Bool, _ random: inout SeededGenerator) -> [UInt8] {
        var changed = isCut ? Array(file.prefix(Int.random(in: 0...file.count, using: &random))) : file
        for _ in 0..<Int.random(in: 1...6, using: &random) where !changed.isEmpty {
            let value: UInt8 = [0, 0xFF, 0x7F, 0x80, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
            changed[Int.random(in: changed.indices, using: &random)] = value
        }
        return changed
    }
}
