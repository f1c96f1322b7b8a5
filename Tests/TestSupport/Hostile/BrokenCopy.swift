/// Copies of good files with something wrong in them, the same in every run.
public enum BrokenCopy {
    /// A file with some bytes changed.
    /// - Parameter round: another number makes another copy.
    public static func mutated(_ whole: [UInt8], round: Int) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(round))
        var changed = whole
        // Headers are short and everything depends on them: every other change hits the beginning.
        for index in 0..<Int.random(in: 1...20, using: &random) {
            let end = index % 2 == 0 ? changed.count : min(changed.count, 2000)
            changed[Int.random(in: 0..<end, using: &random)] = [0, 0xFF, UInt8.random(in: 0...255, using: &random)][round % 3]
        }
        return changed
    }

    /// The beginning of a file, of one of `parts` lengths spread over it, the first empty.
    public static func cut(_ whole: [UInt8], at part: Int, of parts: Int) -> [UInt8] {
        Array(whole.prefix(whole.count * part / parts))
    }
}
